"""httpx, without the command line of its own that it loads where click, rich and pygments are installed.

They are installed with this package, and more than half of what an import of httpx costs, at every command that reaches
Poe. httpx does without where its command line can't be imported, which is so in an environment without them. So it
can't be for the moment of the import, and can be again afterwards: for a program that wants it.
"""

from __future__ import annotations

import sys
from typing import Final

__all__ = ["httpx"]

_COMMAND_LINE: Final = "httpx._main"

_is_first = "httpx" not in sys.modules
if _is_first:
    # To Python this says that there is no such module.
    sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment]  # which typeshed does not know
try:
    import httpx
finally:
    if _is_first:
        del sys.modules[_COMMAND_LINE]
