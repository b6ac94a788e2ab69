"""Writes what a release has for the Pulumi CLI: `python -m tools.archives FOLDER`.

From the address in the schema the CLI takes an archive for its platform, and installs what that requires. So each holds
the folder ``plugin`` with the package of the release in the place of the checkout, and all are the same.
"""

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path
from typing import Final

from tools import home

PLATFORMS: Final = [
    f"{system}-{machine}" for system in ("darwin", "linux", "windows") for machine in ("amd64", "arm64")
]
"""All that the CLI asks for."""

_PLUGIN: Final = home.ROOT / "plugin"


def write(folder: Path, version: str) -> list[Path]:
    """Write the archives of a version; returns their paths.

    :param folder: where to. Created where missing.
    :param version: of the package, which an index has to have.
    """
    contents = {
        **{name: (_PLUGIN / name).read_bytes() for name in ("PulumiPlugin.yaml", "__main__.py")},
        "requirements.txt": f"pulumi-poe=={version}\n".encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / f"pulumi-resource-poe-v{version}-{platform}.tar.gz" for platform in PLATFORMS]
    for file in written:
        with tarfile.open(file, "w:gz") as archive:
            for name, content in contents.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return written


def main(arguments: list[str]) -> str | None:
    """Write them, unless no release can be made; returns why not.

    :param arguments: of the command.
    """
    project = home.project()
    if (why := home.why_not_to_release(project)) is not None:
        return f"not to be released: {why}"
    if len(arguments) != 1:
        return "usage: python -m tools.archives FOLDER"
    for file in write(Path(arguments[0]), project["version"]):
        print(file)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
