"""What may come from outside where a text is expected."""

from __future__ import annotations

from hypothesis import strategies as st

CONTROLS = ["\x00", "\x07", "\x08", "\x1b[2J", "\x7f", "\x9b1m", "\u200b", "\u202e", "\u2066", "\ufeff", "\ud800"]
"""One character each that can't be shown, some with what makes a command to a terminal of it."""

WHITE_SPACE = ["\n", "\r\n", "\t", "\v", "\x1c", "\x85", "\xa0", "\u2028", "\u2029", "\u3000"]

ANY_TEXT = st.lists(st.characters(exclude_categories=[]) | st.sampled_from([*CONTROLS, *WHITE_SPACE])).map("".join)
"""Any text, with half characters, and often one that moves the cursor of a terminal."""
