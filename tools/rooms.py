"""Draws the rooms of the package into docs/rooms.md: `python -m tools.rooms`.

The rooms and their order are import-linter's own, of `pyproject.toml`; the arrows are the imports that there are.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import grimp

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # which import-linter needs there, too

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/rooms.md"
_BEGINS, _ENDS = "<!-- drawn by `make rooms` -->\n", "<!-- until here -->"
_PACKAGE = "pulumi_poe"
_APART = ["pulumi_poe.emulator"]
"""In no layer, because it shares nothing with the others."""


def layers() -> list[list[str]]:
    """The rooms, from the top; several in one list stand beside one another."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (rooms,) = (contract for contract in contracts if contract.get("id") == "rooms")
    return [[room.strip() for room in re.split(r"[|:]", layer)] for layer in rooms["layers"]]


def figure() -> str:
    """The rooms and the imports between them, as Mermaid draws them, and what each room is for."""
    rooms = [*(room for floor in layers() for room in floor), *_APART]
    graph = grimp.build_graph(_PACKAGE, cache_dir=None)
    below = {room: {other for other in rooms if other != room and _imports(graph, room, other)} for room in rooms}
    lines = ["```mermaid", "flowchart TB"]
    lines += [f'  {_name(room)}["{_short(room)}"]' for room in rooms]
    for room in rooms:
        by_another = set().union(*(_all_below(below, other) for other in below[room]))
        lines += [f"  {_name(room)} --> {_name(other)}" for other in rooms if other in below[room] - by_another]
    lines += ["```", "", "| room | what is in it |", "| --- | --- |"]
    for room in rooms:
        first = (import_module(room).__doc__ or "").strip().splitlines()[0]
        lines.append(f"| `{_short(room)}` | {first} |")
    return "\n".join(lines) + "\n"


def drawn(page: str) -> str:
    """The page with the figure of today."""
    before, begins, rest = page.partition(_BEGINS)
    _, ends, after = rest.partition(_ENDS)
    return f"{before}{begins}\n{figure()}\n{ends}{after}"


def _imports(graph: grimp.ImportGraph, above: str, below: str) -> bool:
    def modules(room: str) -> set[str]:
        return {room, *graph.find_descendants(room)}

    return any(graph.find_modules_directly_imported_by(module) & modules(below) for module in modules(above))


def _all_below(below: dict[str, set[str]], room: str) -> set[str]:
    return below[room].union(*(_all_below(below, other) for other in below[room]))


def _short(room: str) -> str:
    return room.removeprefix(f"{_PACKAGE}.")


def _name(room: str) -> str:
    return _short(room).replace(".", "_")


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} is drawn anew.\n")
