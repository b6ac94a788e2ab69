"""Existing bots as a Pulumi program and as what `pulumi import` takes. Knows Pulumi and the core, and no HTTP.

=================  =====================================================================
module             what it makes
=================  =====================================================================
``program``        the text of ``bots.py``, from bots
``state``          the content of ``import.json``, from the same bots, or for the native plugin
``builders``       calls of `per_million`, `tiers` and `controls`, from Poe's JSON
``python_source``  Python text, from values and calls
``names``          names of resources, variables and config keys, from handles
=================  =====================================================================
"""

from .program import ImportedBot, Program, program_of
from .state import import_file, native_import_file

__all__ = ["ImportedBot", "Program", "import_file", "native_import_file", "program_of"]
