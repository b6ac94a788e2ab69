"""Writes the packages that programs in other languages import: `python -m tools.sdks`.

They are generated from `pulumi_poe/native/schema.json`, and go to `sdk/`, which the examples refer to:

- `sdk/nodejs/pulumi-poe-native.tgz`, the npm package, compiled
- `sdk/go`, the Go module
- `sdk/python`, the distribution `pulumi-poe-native`
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tools.engine import install
from tools.schema import ROOT, SCHEMA

EXAMPLE: Final = ROOT / "examples/native-typescript"
NPM_PACKAGE: Final = "pulumi-poe-native.tgz"

_NPM_SECONDS: Final = 600.0
_ONLY_TO_BUILD: Final = ("scripts", "devDependencies")


def write(folder: Path) -> Path:
    """Write all three into a folder, and return it. What is there of them is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for language, finish in {"nodejs": _finish_nodejs, "go": _finish_go, "python": _finish_python}.items():
        with tempfile.TemporaryDirectory(dir=folder, prefix=f".{language}-") as scratch:
            made = finish(_generate(language, Path(scratch) / "generated"))
            shutil.rmtree(folder / language, ignore_errors=True)
            made.rename(folder / language)
    return folder


def _generate(language: str, folder: Path) -> Path:
    command = [str(install.find_or_build_generator()), language, str(SCHEMA), str(folder)]
    install.run(command, f"generating the package for {language}")
    return folder


def _finish_nodejs(generated: Path) -> Path:
    """Compile it, with the versions of the example, and pack what is to be published."""
    example = _read(EXAMPLE / "package.json")
    versions = {**example["dependencies"], **example["devDependencies"]}
    npm(generated, "install", *(f"{name}@{versions[name]}" for name in ("@pulumi/pulumi", "@types/node", "typescript")))
    npm(generated, "run", "build")
    about = {key: value for key, value in _read(generated / "package.json").items() if key not in _ONLY_TO_BUILD}
    published = generated / "bin"
    (published / "package.json").write_text(json.dumps(about, indent=2) + "\n")
    shutil.copyfile(generated / "README.md", published / "README.md")
    npm(published, "pack")
    (packed,) = published.glob("*.tgz")
    made = generated.with_name("made")
    made.mkdir()
    packed.rename(made / NPM_PACKAGE)
    return made


def _finish_go(generated: Path) -> Path:
    """Make a module of it, whose path is all of the package's but its last part."""
    module = str(_read(SCHEMA)["language"]["go"]["importBasePath"]).rpartition("/")[0]
    needed = (install.GENERATOR_MODULE / "go.mod").read_text().splitlines()
    go, sdk = (
        next(line.strip() for line in needed if line.strip().startswith(start)) for start in ("go ", install.SDK_MODULE)
    )
    (generated / "go.mod").write_text(f"module {module}\n\n{go}\n\nrequire {sdk}\n")
    return generated


def _finish_python(generated: Path) -> Path:
    return generated


def npm(folder: Path, *command: str) -> str:
    """Run npm in a folder, with the Node that was found."""
    bin_dir = install.find_node()
    env = {**os.environ, "PATH": os.pathsep.join([str(bin_dir), os.environ.get("PATH", os.defpath)])}
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
    line = [str(bin_dir / "npm"), *command, *quiet]
    return install.run(line, f"npm {command[0]}", cwd=folder, env=env, seconds=_NPM_SECONDS)


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


if __name__ == "__main__":
    try:
        write(ROOT / "sdk")
    except install.EngineError as error:
        sys.exit(f"sdks: {error}")
    sys.stdout.write("sdk/ has the packages for Node, Go and Python.\n")
