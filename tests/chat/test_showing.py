"""An answer can do nothing to a terminal, and is else as the model wrote it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.chat.showing import Harmless, harmless

anything = st.text(st.characters())


@given(anything)
def test_nothing_that_moves_the_cursor_or_turns_the_writing_passes(text: str) -> None:
    for one in harmless(text):
        assert one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs", "Co", "Zl", "Zp")
        assert unicodedata.bidirectional(one) not in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


@given(st.lists(st.one_of(anything, st.sampled_from(["\r", "\n", "\r\n"]))))
def test_pieces_are_shown_as_the_whole_is(pieces: list[str]) -> None:
    shown = Harmless()
    assert "".join([*map(shown.shown, pieces), shown.rest()]) == harmless("".join(pieces))


@pytest.mark.parametrize(
    "text",
    ["Zwei\n\tZeilen", "120\u00a0km", "\U0001f469\u200d\U0001f52c", "\u0645\u06cc\u200c\u062e", "e\u0301 ❤\ufe0f"],
)
def test_what_people_write_stays(text: str) -> None:
    assert harmless(text) == text


def test_a_line_can_not_be_written_over() -> None:
    assert harmless("safe\rEVIL\x1b[1A\u202e") == "safe\nEVIL\ufffd[1A\ufffd"
