"""`pulumi-poe show`, on a local Poe."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.usefixtures("acme")
def test_show_names_every_field_and_no_key(call: Run) -> None:
    code, output, _ = call("show", "acme_reasoner")

    assert code == 0
    lines = [line.split(None, 1) for line in output.splitlines()]
    assert ["handle", "Acme-Reasoner"] in lines
    assert ["api_bot_settings.pricing.prompt", "0.0000004  ($0.40 per million tokens)"] in lines
    assert ["new_field", "kept"] in lines
    assert ["url", "https://poe.com/Acme-Reasoner"] in lines
    assert "canary" not in output


@pytest.mark.usefixtures("acme")
def test_text_of_others_can_neither_move_the_cursor_nor_fake_a_line(call: Run) -> None:
    output = call("show", "Prompt-Bot")[1]
    assert "\x1b" not in output
    assert "by\ufffdhand\ufffd[31m" in output


@pytest.mark.usefixtures("acme")
def test_a_bot_that_is_not_there_is_one_line_with_the_nearest_handles(call: Run) -> None:
    code, output, errors = call("show", "Acme-Reasonre")

    assert (code, output) == (1, "")
    assert errors == (
        "Error: show bot 'Acme-Reasonre': the account of this key has no such bot. Did you mean 'Acme-Reasoner'? "
        "`pulumi-poe bots` lists what it has.\n"
    )


@pytest.mark.parametrize("handle", ["", "...", "../bots", "a b", "é"])
@pytest.mark.usefixtures("acme")
def test_odd_handles_are_not_there(call: Run, handle: str) -> None:
    code, _, errors = call("show", handle)
    assert code == 1
    assert "has no such bot" in errors
