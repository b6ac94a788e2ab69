"""The tree of errors, and how an error names the operation it ended."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from some_texts import ANY_TEXT

from pulumi_poe.core import errors
from pulumi_poe.core.errors import AnswerError, PoeError, RefusedError, doing

DRAWN = re.findall(r"^ +([│ ├└─]*)(\w+Error)\b", errors.__doc__ or "", re.MULTILINE)
CLASSES = {
    name: value for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)
}


def error_of(name: str, problem: str, advice: str) -> PoeError:
    """An error of a class, whatever else that needs."""
    status = {"status": 418} if issubclass(CLASSES[name], AnswerError) and name != "NotFoundError" else {}
    error = CLASSES[name](problem, advice, **status)
    assert isinstance(error, PoeError)
    return error


def test_the_tree_in_the_docstring_names_every_error() -> None:
    assert {name for _, name in DRAWN} == set(CLASSES)


def test_the_tree_in_the_docstring_is_how_they_inherit() -> None:
    parents: list[str] = []
    for branch, name in DRAWN:
        depth = len(branch) // 4
        if depth:
            assert CLASSES[name].__bases__ == (CLASSES[parents[depth - 1]],)
        parents[depth:] = [name]


def test_a_message_says_what_was_done_then_what_happened_then_what_to_do() -> None:
    with pytest.raises(PoeError) as raised, doing("create bot 'a'"):
        raise PoeError("Poe answered 400", "Correct it.")
    assert str(raised.value) == "create bot 'a': Poe answered 400. Correct it."


def test_a_message_without_advice_ends_with_its_full_stop() -> None:
    assert str(PoeError("it broke")) == "it broke."


def test_a_message_is_one_line_whatever_poe_said() -> None:
    assert str(PoeError("one\r\n two\u2028three", "four\n")) == "one two three. four"


@given(st.sampled_from(sorted(CLASSES)), ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_no_message_can_move_the_cursor_or_fake_a_line(name: str, problem: str, advice: str, action: str) -> None:
    shown = str(error_of(name, problem, advice).while_doing(action))
    assert shown.isprintable()
    assert len(shown.splitlines()) == 1


def test_the_innermost_operation_is_the_one_that_is_named() -> None:
    with pytest.raises(PoeError, match=r"^read bot"), doing("update bot 'a'"), doing("read bot 'a'"):
        raise PoeError("it broke")


def test_an_error_that_threads_share_is_not_changed_by_naming_the_operation() -> None:
    shared = PoeError("the list can't be read")
    assert str(shared.while_doing("create bot 'a'")) == "create bot 'a': the list can't be read."
    assert str(shared.while_doing("create bot 'b'")) == "create bot 'b': the list can't be read."
    assert str(shared) == "the list can't be read."


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_an_error_keeps_its_kind_and_what_it_knows_when_the_operation_is_named(name: str) -> None:
    named = error_of(name, "problem", "Advice.").while_doing("delete bot 'a'")
    assert type(named) is CLASSES[name]
    assert (named.problem, named.advice, named.action) == ("problem", "Advice.", "delete bot 'a'")
    expected = 404 if name == "NotFoundError" else 418 if issubclass(CLASSES[name], AnswerError) else None
    assert getattr(named, "status", None) == expected


def test_the_error_that_was_named_is_kept_as_the_cause() -> None:
    original = RefusedError("no")
    with pytest.raises(RefusedError) as raised, doing("create bot 'a'"):
        raise original
    assert raised.value.__cause__ is original


def test_errors_of_others_pass_untouched() -> None:
    with pytest.raises(KeyError) as raised, doing("create bot 'a'"):
        raise KeyError("a bug")
    assert raised.value.args == ("a bug",)
