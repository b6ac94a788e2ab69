"""Run the fast tests on every Python from 3.10 that this machine has, and on the lowest versions of what we need.

    python -m tools.versions [3.12 …] [lowest]

Each gets a virtual environment of its own in .venv-versions, which is kept and made anew when pyproject.toml changes.
`lowest` is the oldest of these Pythons with each direct dependency at the version that pyproject.toml names as its
lower bound; what those need in turn is the newest that fits. pip does that with a file of constraints. It fails where a
bound can't be had, which a resolver that takes the next higher version would hide, and its settings for the index hold.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "pyproject.toml"
ENVIRONMENTS = ROOT / ".venv-versions"
OLDEST = (3, 10)
LOWEST = "lowest"
LINTS = ("import-linter", "ruff")
WITH_THE_LINTS = ("tests/tools/test_types.py",)
"""Sources are formatted by one version of the formatter, that of the checkout."""
WITH_AN_ENGINE = ("tests/engine", "tests/examples", "tests/faults", "tests/languages", "tests/upgrades")
WITH_A_BROWSER = ("tests/page",)
ASKED = "import ensurepip, sys, venv; print('%d.%d.%d' % sys.version_info[:3])"


def main(arguments: Sequence[str]) -> int:
    """Run the tests on those that are named, or on all, and return how many failed."""
    pythons = {f"{version[0]}.{version[1]}": python for version, python in sorted(found().items())}
    if not pythons:
        print("make test-versions: there is no Python from 3.10 with venv on this machine", file=sys.stderr)
        return 1
    runs = {**pythons, LOWEST: next(iter(pythons.values()))}
    if unknown := [name for name in arguments if name not in runs]:
        print(f"make test-versions: not on this machine: {', '.join(unknown)}; there are {', '.join(runs)}")
        return 1
    failed = [name for name in arguments or runs if not succeeds(name, runs[name])]
    print(f"== failed on {', '.join(failed)}" if failed else f"== passed on {', '.join(arguments or runs)}")
    return len(failed)


def found() -> dict[tuple[int, int], Path]:
    """Return one Python of each minor version, the newest."""
    newest: dict[tuple[int, int], tuple[tuple[int, ...], Path]] = {}
    for python in candidates():
        done = subprocess.run([python, "-c", ASKED], check=False, capture_output=True, text=True)
        if done.returncode != 0:
            continue
        version = tuple(map(int, done.stdout.strip().split(".")))
        minor = (version[0], version[1])
        if minor >= OLDEST and (minor not in newest or version > newest[minor][0]):
            newest[minor] = (version, python)
    return {minor: python for minor, (_, python) in newest.items()}


def candidates() -> Iterator[Path]:
    """Yield what may be a Python: this one, those on PATH, and those of pyenv."""
    yield Path(sys.executable)
    for minor in range(OLDEST[1], 30):
        if command := shutil.which(f"python3.{minor}"):
            yield Path(command)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob("versions/3.*/bin/python3"))


def succeeds(name: str, python: Path) -> bool:
    """Make the environment of that name current, and run the fast tests in it."""
    print(f"== the fast tests on {name}", flush=True)
    own = environment(name, python)
    ignored = [f"--ignore={path}" for path in (*WITH_AN_ENGINE, *WITH_A_BROWSER, *WITH_THE_LINTS)]
    command = [str(own), "-m", "pytest", "tests", *ignored, "-n", "2", "-q", "-p", "no:cacheprovider"]
    # An old anyio, which httpx brings, has a plugin that today's pytest warns of; no test uses it.
    env = {**os.environ, "PYTEST_ADDOPTS": "-p no:anyio"}
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0


def environment(name: str, python: Path) -> Path:
    """Return the Python of the environment of that name, after making it if it is not current."""
    folder = ENVIRONMENTS / name
    own, ready = folder / "bin" / "python", folder / "ready"
    wanted = hashlib.sha256(f"{python}\n{PROJECT.read_text()}".encode()).hexdigest()
    if ready.exists() and ready.read_text() == wanted:
        return own
    subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
    packages = ["--editable", ".[dev]"]
    if name == LOWEST:
        constraints = folder / "constraints.txt"
        constraints.write_text("".join(f"{one}\n" for one in lower_bounds(PROJECT.read_text())))
        packages = ["--constraint", str(constraints), "--editable", ".[emulator]", *tools(PROJECT.read_text())]
    pip = [str(own), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *packages], cwd=ROOT, check=True)
    ready.write_text(wanted)
    return own


def lower_bounds(project: str) -> list[str]:
    """Return the direct dependencies of the package and of its extra `emulator`, each held at its lower bound.

    The file is read line by line, because Python 3.10 has no tomllib.

    >>> lower_bounds('emulator = ["uvicorn>=0.32", "pydantic>=2.10"]')
    ['uvicorn==0.32', 'pydantic==2.10']
    """
    both = [*requirements(project, "dependencies"), *requirements(project, "emulator")]
    return [one.replace(">=", "==") for one in dict.fromkeys(both)]


def tools(project: str) -> list[str]:
    """Return what the tests need besides: in any version, because it makes no difference to those who use the package.

    What only lints is left out, because it wants newer versions of what we need.
    """
    return [one for one in requirements(project, "dev") if not one.startswith(LINTS)]


def requirements(project: str, name: str) -> list[str]:
    """Return a list of requirements in pyproject.toml."""
    found = re.search(rf"^{name} = \[(.*?)\]$", project, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r'"([\w-]+(?:\[\w+\])?>=[\w.]+)"', found[1]) if found else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
