"""Today's Python language host, which alone runs a plugin from source.

An official CLI brings it. The newest that the Go modules have is of 2023 and can't, so beside a CLI that was built from
them it is built from Pulumi's repository, once on a machine: two minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tools.engine import install

SOURCES: Final = "PULUMI_POE_PULUMI_SOURCES"
"""The variable that names a checkout of the repository, for a machine that can't reach it."""

_REPOSITORY: Final = "https://github.com/pulumi/pulumi"
_HOST: Final = "sdk/python/cmd/pulumi-language-python"


def todays_host(engine: Path) -> Path:
    """The folder of the host; put it before the engine's on PATH.

    :param engine: what :func:`tools.engine.install.find_or_install` returned.
    :raises EngineError: there is none, and it can't be built.
    """
    if engine != install.built_dir() / "bin":
        return engine
    folder = install.cache_dir() / "engine" / f"python-host-{install.CLI_VERSION}-{install.machine()}"
    if not folder.exists():
        with install.locked(install.cache_dir() / "engine.lock"):
            if not folder.exists():  # nor has whoever held the lock before us built it
                with install.finished_as(folder) as unfinished:
                    _build(unfinished)
    return folder / "bin"


def _build(folder: Path) -> None:
    try:
        sources = Path(os.environ.get(SOURCES) or _clone(folder / "clone"))
        with install.go_toolchain() as go:
            go.output(sources / _HOST, "build", "-trimpath", "-buildvcs=false", "-o", f"{folder}/bin/", ".")
        shutil.copy(sources / f"{_HOST}-exec", folder / "bin")
    except (OSError, subprocess.CalledProcessError, install.EngineError) as error:
        raise install.EngineError(
            f"no Python language host of today can be had: {error}\n"
            f"Install Pulumi, or name a checkout of its repository in {SOURCES}."
        ) from None
    shutil.rmtree(folder / "clone", ignore_errors=True)


def _clone(folder: Path) -> Path:
    tag = f"v{install.CLI_VERSION}"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"--branch={tag}", _REPOSITORY, folder], check=True)
    return folder
