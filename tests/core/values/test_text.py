"""What is shown to a person moves no cursor and fakes no line, and counts things in words."""

from __future__ import annotations

import logging
import sys

import pytest
from hypothesis import given
from some_texts import ANY_TEXT, CONTROLS, WHITE_SPACE

from pulumi_poe.core.values.text import OneLineFormatter, counted, one_line, printable


@given(ANY_TEXT)
def test_whatever_a_text_holds_it_can_be_shown_on_one_line(text: str) -> None:
    assert printable(text).isprintable()
    assert one_line(text).isprintable()


@pytest.mark.parametrize("control", CONTROLS)
def test_a_character_that_can_not_be_shown_leaves_a_mark(control: str) -> None:
    shown = f"a\ufffd{control[1:]}b"
    assert printable(f"a{control}b") == shown
    assert one_line(f"a{control}b") == shown


@pytest.mark.parametrize("space", WHITE_SPACE)
def test_white_space_is_one_space_in_a_message_and_leaves_marks_in_a_value(space: str) -> None:
    assert one_line(f"{space}a{space} {space}b{space}") == "a b"
    assert printable(f"a{space}b") == f"a{len(space) * chr(0xFFFD)}b"


@pytest.mark.parametrize("text", ["", "Acme-Bot", "a  b ", "Ünïcödé", "日本語 🤖", "\ufffd"])
def test_text_that_can_be_shown_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@given(ANY_TEXT)
def test_nothing_is_left_out_so_that_no_pieces_are_joined(text: str) -> None:
    assert len(printable(text)) == len(text)
    assert [len(word) for word in one_line(text).split()] == [len(word) for word in text.split()]


# --- how numbers of things are said -----------------------------------------------------------------


@pytest.mark.parametrize(("count", "said"), [(0, "0 bots"), (1, "1 bot"), (2, "2 bots"), (300, "300 bots")])
def test_one_thing_has_no_s(count: int, said: str) -> None:
    assert counted(count, "bot") == said


# --- the log ----------------------------------------------------------------------------------------


def record(message: str, *arguments: object, fault: BaseException | None = None) -> logging.LogRecord:
    exception = None if fault is None else (type(fault), fault, fault.__traceback__)
    return logging.LogRecord("pulumi_poe", logging.WARNING, __file__, 1, message, arguments, exception)


@given(ANY_TEXT)
def test_a_record_is_one_line_whatever_its_arguments_hold(text: str) -> None:
    shown = OneLineFormatter("%(levelname)s: %(message)s").format(record("bot %r still has %s", text, text))
    assert shown.startswith("WARNING: bot ")
    assert shown.isprintable()


def test_a_record_with_a_traceback_is_one_line() -> None:
    try:
        raise ValueError("one\ntwo\x1b[2J")
    except ValueError as fault:
        shown = OneLineFormatter().format(record("it broke", fault=fault))
    assert shown.startswith("it broke Traceback ")
    assert shown.endswith("ValueError: one two\ufffd[2J")


def test_what_is_shown_can_be_written_in_any_unicode_encoding() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert len(printable(every).encode()) > sys.maxunicode
