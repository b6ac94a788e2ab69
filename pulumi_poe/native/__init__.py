"""The native shell: Pulumi's provider protocol in the core's words, and back. No rule is kept here.

==============  ======================================================================
module          what is decided there
==============  ======================================================================
``servicer``    which of the core's operations each call of the engine's is
``endpoints``   the same for an endpoint
``values``      how secrets, unknown values and numbers are said
``names``       how messages and paths say Poe's names, and Python's words
``schema``      what there is, and what it is called: a JSON file that `make schema` writes
``log``         what is said beside errors, and where the engine shows it
``serve``       how the process starts, listens and ends
==============  ======================================================================
"""
