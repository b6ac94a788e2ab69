"""The files in which the CLI keeps a stack, when its backend is a folder.

What the CLI would answer after a start of 0.1 to 0.3 s is read from them, and a stack that is the same in every test is
copied. `pulumi stack init`, `config set` and `stack export` themselves are run where a test is about them, and once for
every copy.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

ORGANIZATION = "organization"
IS_SECRET = "4dabf18193072939515e22adb298388d"
"""The name by which a value in the state is known to be no plain object."""


class Backend:
    """The files of one stack of a project.

    :param state: the backend's folder.
    :param home: the CLI's own folder.
    :param folder: the project's folder.
    """

    def __init__(self, state: Path, home: Path, folder: Path, name: str) -> None:
        self._state = state
        self._home = home
        self._folder = folder
        self._name = name

    @property
    def project(self) -> str:
        """The project's name."""
        name: str = yaml.safe_load((self._folder / "Pulumi.yaml").read_text())["name"]
        return name

    @property
    def checkpoint(self) -> Path:
        return self._state / ".pulumi/stacks" / self.project / f"{self._name}.json"

    @property
    def settings(self) -> Path:
        return self._folder / f"Pulumi.{self._name}.yaml"

    @property
    def selection(self) -> Path:
        """Which stack of the project is the selected one."""
        project = self._folder / "Pulumi.yaml"
        digest = hashlib.sha1(str(project).encode()).hexdigest()  # noqa: S324 -- a name, and the CLI's choice
        return self._home / "workspaces" / f"{self.project}-{digest}-workspace.json"

    @property
    def meta(self) -> Path:
        return self._state / ".pulumi/meta.yaml"

    @property
    def selected(self) -> str:
        """What is in :attr:`selection` when it is this one."""
        stacks = {f"file://{self._state}": f"{ORGANIZATION}/{self.project}/{self._name}"}
        return json.dumps({"stacks": stacks}, indent=4)

    def read(self) -> dict[str, str]:
        """The stack, to be written elsewhere."""
        return {"checkpoint": self.checkpoint.read_text(), "meta": self.meta.read_text()}

    def write(self, files: dict[str, str], salt: str) -> None:
        """Write a stack, and select it."""
        texts = {self.checkpoint: files["checkpoint"], self.meta: files["meta"], self.selection: self.selected}
        for file, text in texts.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.write_settings({"encryptionsalt": salt})

    def read_settings(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load(self.settings.read_text())
        return found

    def write_settings(self, settings: dict[str, Any]) -> None:
        self.settings.write_text(yaml.safe_dump(settings, allow_unicode=True))

    def latest(self) -> dict[str, Any]:
        """What `pulumi stack export` shows as the deployment."""
        found: dict[str, Any] = json.loads(self.checkpoint.read_text())["checkpoint"]["latest"]
        return found
