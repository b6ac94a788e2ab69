"""The `pulumi-poe` command, in the Python of the tests, to which a warning is an error."""

from __future__ import annotations

import sys

COMMAND = [sys.executable, "-W", "error", "-c", "from pulumi_poe.cli import main; main(prog_name='pulumi-poe')"]
