"""Stacks of YAML programs, whose bots the native plugin makes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shells import ROOT, shim
from stacks import Run, Stack

TYPE = "poe:index:Bot"

Bag = dict[str, Any]

__all__ = ["ROOT", "TYPE", "NativeStack", "bot", "shim"]


class NativeStack:
    """A stack of a project in YAML, and the plugin of this checkout on PATH.

    :param make: makes the stack of a folder, with more folders on PATH.
    :param folder: of the project.
    """

    def __init__(self, make: Callable[[Path], Stack], folder: Path) -> None:
        self._program = folder / "Pulumi.yaml"
        folder.mkdir()
        self.write()
        self.stack = make(folder)
        self.stack.pulumi("stack", "init", "dev", check=True)

    def write(self, **resources: Any) -> NativeStack:
        """Write the program: for each resource its properties, or all of it where that has a ``type``."""
        return self.program({name: one if "type" in one else bot(**one) for name, one in resources.items()})

    def program(self, resources: Bag, **rest: Any) -> NativeStack:
        """Write the program whole. YAML takes JSON."""
        text = {"name": "tested", "runtime": "yaml", "resources": resources, **rest}
        self._program.write_text(json.dumps(text, indent=2))
        return self

    def run(self, *command: str) -> Run:
        """Run a command of the CLI."""
        return self.stack.pulumi(*command)

    def up(self, *options: str) -> Run:
        """Bring the stack to its program, without a preview."""
        return self.stack.up(*options)

    def preview(self, *options: str) -> Run:
        """What an `up` would do, with all that differs."""
        return self.stack.preview("--diff", *options)

    def bots(self) -> dict[str, Bag]:
        """The state of every bot, by its resource's name."""
        return {
            resource["urn"].rsplit("::", 1)[1]: resource
            for resource in self.stack.export()["deployment"].get("resources", [])
            if resource["type"] == TYPE
        }


def bot(*, options: Mapping[str, Any] | None = None, **properties: Any) -> Bag:
    """A bot of a program.

    :param options: of the resource.
    """
    return {"type": "poe:Bot", "properties": properties, **({"options": options} if options else {})}
