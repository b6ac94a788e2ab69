"""How numbers of things are said."""

from __future__ import annotations

import pytest

from pulumi_poe.core.text import counted


@pytest.mark.parametrize(("count", "said"), [(0, "0 bots"), (1, "1 bot"), (2, "2 bots"), (300, "300 bots")])
def test_one_thing_has_no_s(count: int, said: str) -> None:
    assert counted(count, "bot") == said
