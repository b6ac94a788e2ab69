"""`python -m pulumi_poe`: the `pulumi-poe` command, where that is not on PATH."""

from __future__ import annotations

from .cli import main

if __name__ == "__main__":
    main()
