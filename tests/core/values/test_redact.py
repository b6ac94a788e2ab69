"""No secret survives in text that came from outside, however it was echoed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulumi_poe.core.values.redact import SHOWN_INSTEAD, redact
from pulumi_poe.core.values.text import one_line

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in JSON": lambda secret: json.dumps(secret)[1:-1],
    "in JSON that is not ASCII": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "in a path": lambda secret: quote(secret, safe=""),
    "in a form": quote_plus,
    "in base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "in base64 without padding": lambda secret: base64.b64encode(secret.encode()).decode().rstrip("="),
    "in base64 for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "in base64 for URLs without padding": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    "in JSON in JSON": lambda secret: json.dumps(json.dumps(secret)[1:-1])[1:-1],
    "after Bearer": lambda secret: f"Bearer {secret}",
}

# None of the characters of "[secret]", which would be found in what is shown instead.
SECRETS = st.text("ABCDXYZ0189-_.+/=&%?\"\\'ä€😀 ", min_size=6).filter(lambda text: len(text.strip()) >= 4)
AROUND = st.text("ghijklm:,'\n ")


@given(SECRETS, st.sampled_from(sorted(FORMS)), AROUND, AROUND)
def test_no_form_of_a_secret_is_left(secret: str, form: str, before: str, after: str) -> None:
    echoed = FORMS[form](secret.strip())
    assert echoed not in redact(f"{before}{echoed}{after}", [secret])


@given(SECRETS, st.binary(max_size=8), st.binary(max_size=8))
@example("999998", b"\x00\x00\x00\x00\x00\x00\x00\t", b"")  # two of its forms overlap
def test_no_secret_is_left_in_the_base64_of_a_longer_text(secret: str, before: bytes, after: bytes) -> None:
    raw = secret.strip().encode()

    shown = redact(base64.b64encode(before + raw + after).decode(), [secret])

    # What is left to the left and right of it are the characters that also depend on the text around it.
    left, right = shown.split(SHOWN_INSTEAD, 1)
    assert len(left) <= (len(before) * 8 + 5) // 6
    assert len(right.rstrip("=")) <= (len(after) * 8 + 5) // 6 + 1


@given(st.lists(SECRETS, min_size=2, max_size=4))
def test_every_one_of_several_secrets_is_taken_out(secrets: list[str]) -> None:
    shown = redact(" | ".join(secrets), secrets)
    assert not [secret for secret in secrets if secret.strip() in shown]


def test_a_secret_is_taken_out_wherever_it_stands() -> None:
    assert redact("KEY-1, and again KEY-1", ["KEY-1"]) == f"{SHOWN_INSTEAD}, and again {SHOWN_INSTEAD}"


def test_a_secret_that_holds_another_one_is_taken_out_whole() -> None:
    assert redact("ABCDE-2 is no key", ["ABCDE", "ABCDE-2"]) == f"{SHOWN_INSTEAD} is no key"


def test_a_secret_is_found_without_the_white_space_around_it() -> None:
    assert redact("bad key KEY-1", ["KEY-1\n"]) == f"bad key {SHOWN_INSTEAD}"


@given(SECRETS, AROUND, AROUND, st.data())
def test_no_message_joins_the_pieces_of_a_secret(secret: str, before: str, after: str, data: st.DataObject) -> None:
    """Those that are echoed with other white space between them, or with what can't be shown."""
    between = st.sampled_from(["\n", "\r\n  ", "\t", "\xa0", "  "])
    pieces = secret.split()
    echoed = "".join(piece + data.draw(between) for piece in pieces[:-1]) + pieces[-1]
    control = data.draw(st.sampled_from(["", "\x00", "\x1b", "\u200b"]))
    cut = data.draw(st.integers(0, len(echoed)))

    shown = one_line(redact(f"{before}{echoed[:cut]}{control}{echoed[cut:]}{after}", [secret]))

    assert one_line(secret) not in shown


def test_a_secret_is_taken_out_before_it_is_made_printable() -> None:
    secret = "sk-\x1bKEY\n1"
    assert one_line(redact(f"bad key {secret}", [secret])) == f"bad key {SHOWN_INSTEAD}"


def test_a_secret_that_is_url_encoded_in_lower_case_is_taken_out() -> None:
    assert redact("bad key ab%2fcd%3d%3d", ["ab/cd=="]) == f"bad key {SHOWN_INSTEAD}"


@given(st.text("abcdefgh \n"))
def test_text_without_a_secret_stays_as_it_is(text: str) -> None:
    assert redact(text, ["KEY-1"]) == text


@pytest.mark.parametrize("value", ["", "  ", "abc", " a \n", None, 5, True, ["abcd"]])
def test_what_can_be_no_secret_blanks_out_nothing(value: object) -> None:
    assert redact("abc  5 True None ['abcd']", [value]) == "abc  5 True None ['abcd']"
