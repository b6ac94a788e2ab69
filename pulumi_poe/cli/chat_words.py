"""How `pulumi-poe chat` says what an answer took and cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..core.values.text import printable

if TYPE_CHECKING:
    from rich.table import Table

    from ..chat.conversation import Conversation, Outcome
    from ..chat.cost import Usage
    from ..chat.talking import Answer

NO_USAGE = "the endpoint reports no usage, by which Poe charges"


def told(conversation: Conversation, answer: Answer, outcome: Outcome) -> str:
    """One line on an answer that is over: its tokens, how fast they came, its cost, and that of the conversation."""
    return " · ".join(_parts(conversation, answer, outcome))


def table_of(conversation: Conversation) -> Table:
    """Every answer, and their sum."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    table.add_column("answer", "total", justify="right")
    columns = [_row(outcome) for outcome in conversation.outcomes]
    usages = [outcome.usage for outcome in conversation.outcomes if outcome.usage is not None]
    sums = [
        str(sum(usage.prompt for usage in usages)),
        str(sum(usage.cached for usage in usages)),
        str(sum(usage.completion for usage in usages)),
        f"{sum(outcome.seconds or 0 for outcome in conversation.outcomes):.2f}",
        _total(conversation),
    ]
    for name, footer in zip(("in", "cached", "out", "seconds", "cost"), sums, strict=True):
        table.add_column(name, footer, justify="right")
    for number, cells in enumerate(columns, 1):
        table.add_row(str(number), *cells)
    return table


def _parts(conversation: Conversation, answer: Answer, outcome: Outcome) -> Iterator[str]:
    if not answer.is_complete:
        yield "stopped"
    elif answer.reason:
        yield f"not whole: {printable(answer.reason)}"
    if answer.usage is not None:
        yield _tokens(answer.usage)
    elif answer.is_complete:
        yield NO_USAGE
    if answer.first is not None:
        yield f"{answer.first:.2f} s to the first"
    if (speed := answer.tokens_a_second) is not None:
        yield f"{speed:.0f} tokens/s" if speed >= 10 else f"{speed:.1f} tokens/s"
    yield _cost(outcome) or "cost unknown"
    yield f"total {_total(conversation)}"


def _tokens(usage: Usage) -> str:
    cached = f" ({usage.cached} cached)" if usage.cached else ""
    return f"{usage.prompt} in{cached} + {usage.completion} out tokens"


def _row(outcome: Outcome) -> list[str]:
    usage = outcome.usage
    counts = ["", "", ""] if usage is None else [str(usage.prompt), str(usage.cached), str(usage.completion)]
    seconds = "" if outcome.seconds is None else f"{outcome.seconds:.2f}"
    return [*counts, seconds, _cost(outcome) or "unknown"]


def _cost(outcome: Outcome) -> str:
    from ..chat.cost import in_dollars

    if outcome.cost is None:
        return ""
    return f"{'about ' if outcome.is_about else ''}{in_dollars(outcome.cost)}"


def _total(conversation: Conversation) -> str:
    """The sum of what is known, and of how many answers it is not."""
    from ..chat.cost import in_dollars

    unknown = sum(outcome.cost is None for outcome in conversation.outcomes)
    about = "about " if any(outcome.is_about for outcome in conversation.outcomes) else ""
    others = f", and {unknown} of unknown cost" if unknown else ""
    return f"{about}{in_dollars(conversation.total)}{others}"
