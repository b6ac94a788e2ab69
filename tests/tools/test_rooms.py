"""The figure of the rooms is that of today's imports."""

from __future__ import annotations

from tools import rooms


def test_the_figure_in_the_docs_is_the_one_of_today() -> None:
    """If it is not: `make rooms`."""
    page = rooms.PAGE.read_text()
    assert page == rooms.drawn(page)


def test_every_arrow_goes_down() -> None:
    order = [room.removeprefix("pulumi_poe.").replace(".", "_") for layer in rooms.layers() for room in layer]
    arrows = [line.split() for line in rooms.figure().splitlines() if " --> " in line]
    assert arrows
    for above, _, below in arrows:
        assert below == "emulator" or order.index(above) < order.index(below)


def test_every_room_says_what_it_is_for() -> None:
    rows = [line.split("|") for line in rooms.figure().splitlines() if line.startswith("| `")]
    assert all(len(row[2].strip()) > 10 for row in rows)
