"""What no provider can promise, by the names of docs/reliability.md, and how often it came to pass.

An exception stands here because Poe's API or Pulumi's engine leaves no way, not because a rule is missing.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

POST: Final = "a POST has no precondition"
PUT: Final = "a PUT sends the endpoint's key again"
LAG: Final = "a list may lag"
HAND: Final = "a hand edit of the last moments is sent back as it was"
HIDDEN: Final = "what Poe hides can't be sent back"
KEY: Final = "an endpoint's key that was set on poe.com is not seen"
TARGET: Final = "the engine hides --target"
REPLACE: Final = "the engine hides the old bot from --replace"
DELETED_FIRST: Final = "the engine hides deleteBeforeReplace from a native plugin"
OUTPUT: Final = "an adopter whose handle is an Output can't be announced"
LOST: Final = "an answer that stays lost leaves a bot in no state"
KILLED: Final = "a run that is killed, or whose adopter fails, leaves a bot to the next one"
TWICE: Final = "a handle that is declared twice is seen by the preview"
PARTED: Final = "one provider has bots in one account, at one address"

ALL: Final = (POST, PUT, LAG, HAND, HIDDEN, KEY, TARGET, REPLACE, DELETED_FIRST, OUTPUT, LOST, KILLED, TWICE, PARTED)


class Exceptions(Counter[str]):
    """How often each came to pass."""

    def note(self, name: str) -> None:
        """It did once more."""
        assert name in ALL, f"docs/reliability.md knows no such exception: {name}"
        self[name] += 1
