"""The answers, for a person: a table, and the same as options of the local Poe, to be pasted."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from pydantic import TypeAdapter

from pulumi_poe.cli.emulator_flags import flags
from pulumi_poe.emulator import Options

from .asking import NEEDS, QUESTIONS, Asker

NEVER_ASKED = {
    "clock_speed": "it is for tests, and no property of Poe",
    "strict_chat": "it takes a chat, with an endpoint that shows what Poe sends it",
}
"""The options that no question decides, and why."""


@dataclass(frozen=True)
class Decided:
    """What the answers say of the local Poe's options.

    :param values: the options that were answered.
    :param contradictions: one line for each that two answers say differently. The first one counts.
    :param open: the options that were not answered.
    """

    values: dict[str, Any]
    contradictions: list[str]
    open: list[str]

    @classmethod
    def by(cls, answers: Mapping[str, Mapping[str, Any]]) -> Decided:
        """Put together what each question has decided."""
        values: dict[str, Any] = {}
        by: dict[str, str] = {}
        contradictions = []
        for name, options in answers.items():
            for option, value in options.items():
                if by.setdefault(option, name) != name and values[option] != value:
                    contradictions.append(f"{option} is {values[option]!r} by {by[option]}, and {value!r} by {name}")
                values.setdefault(option, value)
        unanswered = [option.name for option in fields(Options) if option.name not in values]
        return cls(values, contradictions, [name for name in unanswered if name not in NEVER_ASKED])

    @property
    def options(self) -> Options:
        """A local Poe's, that does as Poe did."""
        return Options(**self.values)

    @property
    def unusual(self) -> dict[str, Any]:
        """Those that are not the default."""
        usual = Options()
        return {name: value for name, value in self.values.items() if value != getattr(usual, name)}

    @property
    def python(self) -> str:
        """As an expression."""
        arguments = [
            f"{name}={'math.inf' if value == float('inf') else repr(value)}" for name, value in self.unusual.items()
        ]
        return f"Options({', '.join(arguments)})"

    @property
    def flags(self) -> str:
        """As a command."""
        return shlex.join(["pulumi-poe", "emulator", *self._flags()])

    def _flags(self) -> Iterator[str]:
        known = {str(flag.name): flag for flag in flags()}
        for name, value in self.unusual.items():
            flag = known[name].opts[0]
            if value is True:
                yield flag
            elif isinstance(value, tuple):
                for one in value:
                    yield from (flag, str(one))
            else:
                yield from (flag, str(value))

    @property
    def json(self) -> str:
        """As the body of a PATCH of the control API's options."""
        unusual = self.unusual
        adapter = TypeAdapter(Options)
        return adapter.dump_json(self.options, include=set(unusual)).decode()


def what_would_be_asked() -> Iterator[str]:
    """Every question, one a line, with what it needs beside a key and an endpoint."""
    for asked in QUESTIONS.values():
        needs = f"  [needs {'; '.join(NEEDS[need].partition(':')[0] for need in sorted(asked.needs))}]"
        yield f"  {asked.section:<22} {asked.text}{needs if asked.needs else ''}"


def report(ask: Asker, left: Iterable[str] = ()) -> Iterator[str]:
    """All that a run has found out.

    :param left: handles whose bots could not be removed.
    """
    yield "| section | question | answer | requests |"
    yield "| --- | --- | --- | --- |"
    for name, asked in QUESTIONS.items():
        if name in ask.answers:
            text = ask.answers[name].text
        else:
            text = f"not asked: {ask.not_asked.get(name, 'it was not its turn')}"
        yield f"| {asked.section} | {asked.text} | {text.replace('|', '/')} | {ask.requests.get(name, 0)} |"
    decided = Decided.by({name: answer.options for name, answer in ask.answers.items()})
    yield ""
    yield "A local Poe that does the same:"
    yield f"  {decided.python}"
    yield f"  {decided.flags}"
    yield f"  PATCH /local-poe/options {decided.json}"
    usual = [name for name in decided.values if name not in decided.unusual]
    yield f"As the local Poe does by default: {', '.join(usual) or 'nothing'}."
    yield f"Not answered: {', '.join(decided.open) or 'nothing'}."
    yield from (f"Contradiction: {line}." for line in decided.contradictions)
    yield f"{ask.mine.cap.sent} requests were sent, of at most {ask.mine.cap.limit}."
    remaining = list(left)
    if remaining:
        yield f"STILL THERE, the next run tries again: {', '.join(remaining)}."
    else:
        yield "Every bot that was made is deleted."
