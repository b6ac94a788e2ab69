"""The project's home, from the one place where its address stands: `python -m tools.home` says whether it has one.

It is ``Repository`` in ``[project.urls]`` of pyproject.toml, and a placeholder as long as its host ends with
``.example``. Everything else that names the repository is made from it here.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # which import-linter needs there, too

ROOT: Final = Path(__file__).parents[1]

NOT_TO_BE_UPLOADED: Final = "Private :: Do Not Upload"
"""A classifier: PyPI refuses a package that has it."""

Project = Mapping[str, Any]
"""What pyproject.toml says of the project."""


def project() -> Project:
    """What pyproject.toml says of this one."""
    found: Project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def repository(project: Project) -> str:
    """The address of the repository.

    >>> repository({"urls": {"Repository": "https://git.example/acme/bots"}})
    'https://git.example/acme/bots'
    """
    address: str = project["urls"]["Repository"]
    return address


def is_placeholder(project: Project) -> bool:
    """Whether nobody has said yet where the project lives.

    >>> is_placeholder({"urls": {"Repository": "https://git.example/acme/bots"}})
    True
    """
    return (urlsplit(repository(project)).hostname or "").endswith(".example")


def go_path(project: Project) -> str:
    """The repository as Go writes it in an import.

    >>> go_path({"urls": {"Repository": "https://git.example/acme/bots"}})
    'git.example/acme/bots'
    """
    return repository(project).removeprefix("https://")


def download_url(project: Project) -> str:
    """Where the engine gets the archive of a version that is not installed: from the releases of the repository.

    Not from the repository itself, by ``git://``: for that the engine has a name of its own, and so it would not find
    what `pulumi-poe install-plugin` installed.

    >>> download_url({"urls": {"Repository": "https://git.example/acme/bots"}})
    'https://git.example/acme/bots/releases/download/v${VERSION}'
    """
    return f"{repository(project)}/releases/download/v${{VERSION}}"


def in_schema(project: Project) -> dict[str, str]:
    """What the schema says of the home: nothing of a placeholder.

    What an SDK is generated with becomes a part of the default provider's name in every stack of its users.
    """
    if is_placeholder(project):
        return {}
    return {"repository": repository(project), "pluginDownloadURL": download_url(project)}


def why_not_to_release(project: Project) -> str | None:
    """Why no release can be made; None where one can."""
    if is_placeholder(project):
        return f"Repository, in pyproject.toml, is the placeholder {repository(project)}. Say where the project lives."
    if NOT_TO_BE_UPLOADED in project["classifiers"]:
        return f"pyproject.toml has the classifier {NOT_TO_BE_UPLOADED!r}. Take it out."
    return None


if __name__ == "__main__":
    sys.exit(f"not to be released: {why}" if (why := why_not_to_release(project())) else None)
