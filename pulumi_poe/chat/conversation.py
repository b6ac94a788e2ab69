"""What has been said, and what of it is sent again?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ..core.errors import RefusedError
from ..core.values.text import without_halves
from .calling import Caller
from .cost import Usage, cost, total_of
from .images import LONGEST
from .notes import Said, said_of
from .partner import Partner
from .talking import Answer
from .wire import Message, body

_UNTOLD: Final = Said()


@dataclass(frozen=True)
class Outcome:
    """What is known of an answer that is over.

    :param cost: in US dollars, exactly; None where it is not known.
    :param notes: what the local Poe says of it to the bot's owner.
    """

    usage: Usage | None
    seconds: float | None
    cost: Decimal | None
    is_about: bool = False
    """Whether the prices behind the cost are rounded."""

    notes: Sequence[str] = ()


class Conversation:
    """One conversation with a bot. All of it is sent with every question, as no answer is kept on Poe.

    An answer that was stopped stays as far as it came, as the user has read it. A question whose answer has no text is
    dropped: many endpoints refuse a conversation with an empty turn. A question whose answer fails is dropped with what
    came of that, so that it can be asked again.

    :param caller: what calls Poe.
    :param partner: who is talked to.
    """

    def __init__(self, caller: Caller, partner: Partner) -> None:
        self._caller = caller
        self._messages: list[Message] = []
        self._asked = Message("user", "")
        self.partner = partner
        self.values: dict[str, Any] = {}
        """What is set, by the names of the parameters."""

        self.images: list[str] = []
        """What goes with the next question, as data URLs."""

        self.outcomes: list[Outcome] = []
        """Every answer that is over, from the first on."""

        self.last: Answer | None = None
        """The last one that was asked for."""

    @property
    def is_local(self) -> bool:
        """Whether it is held with the local Poe."""
        return self._caller.is_local

    def redacted(self, text: str) -> str:
        """A text without the key."""
        return self._caller.redacted(text)

    @property
    def total(self) -> Decimal:
        """What all answers cost whose cost is known."""
        return total_of(outcome.cost for outcome in self.outcomes if outcome.cost is not None)

    def ask(self, question: str) -> Answer:
        """The answer to a question, which is asked once somebody wants its pieces.

        :raises RefusedError: the conversation has become too long.
        """
        message = Message("user", without_halves(question), tuple(self.images))
        partner = self.partner
        answer = Answer(
            self._caller,
            partner,
            body(partner.api, partner.handle, [*self._messages, message], without_halves(self.values)),
        )
        size = len(answer.exchange.body)
        if size > LONGEST:
            raise RefusedError(
                f"the conversation has {size / 2**20:.1f} MB with its images, and may have {LONGEST >> 20} MB",
                "Begin a new one (/new). Nothing was sent.",
            )
        self.last = answer
        self._asked = message
        return answer

    def keep(self, answer: Answer) -> Outcome:
        """Go on from an answer that is complete, or was stopped."""
        if answer.text:
            self._messages += [self._asked, Message("assistant", without_halves(answer.text))]
            self.images.clear()
        said = said_of(self._caller, answer.id) if answer.is_complete and self._caller.is_local else _UNTOLD
        price = said.cost
        if price is None and answer.usage is not None:
            price = cost(self.partner.pricing, answer.usage)
        is_about = price is not None and said.cost is None and self.partner.is_rounded
        outcome = Outcome(answer.usage, answer.seconds, price, is_about, said.notes)
        self.outcomes.append(outcome)
        return outcome

    def begin_anew(self) -> None:
        """Forget what was said. What is set stays, and so does what it cost."""
        self._messages.clear()
        self.images.clear()
