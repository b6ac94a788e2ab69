"""Sections of figures, as plain text and as markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Row = Sequence[str]


@dataclass(frozen=True)
class Section:
    """One table of figures.

    :param title: what was measured.
    :param note: how, and what the columns mean.
    :param over: what is over a limit that must hold on any machine, however busy. Makes the run fail.
    """

    title: str
    note: str
    headers: Row
    rows: Sequence[Row]
    over: Sequence[str] = field(default=())


def verdict(value: float, limit: float) -> str:
    """``ok`` or ``OVER``."""
    return "ok" if value <= limit else "OVER"


def as_text(section: Section) -> str:
    """For a terminal: the first column to the left, figures to the right."""
    widths = [
        max(len(row[column]) for row in [section.headers, *section.rows]) for column in range(len(section.headers))
    ]

    def line(row: Row) -> str:
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    table = [line(section.headers), "  ".join("-" * width for width in widths), *map(line, section.rows)]
    return "\n".join([section.title, section.note, "", *table])


def as_markdown(section: Section) -> str:
    """For a file that is kept."""

    def line(row: Iterable[str]) -> str:
        return f"| {' | '.join(row)} |"

    rules = ["---"] + ["---:"] * (len(section.headers) - 1)
    return "\n".join(
        [f"## {section.title}", "", section.note, "", line(section.headers), line(rules), *map(line, section.rows)]
    )
