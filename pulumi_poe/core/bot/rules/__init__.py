"""What can't be right although every type is: the rules within and between the properties of a bot.

What Poe's documentation forbids, or what can't work, is an error. What is only suspicious is a warning.
Every rule looks at what it needs and nothing else: where a value is missing, unknown yet or of a wrong
type, the rule waits, because that is either right or somebody else's fault.

What Poe documents is in docs/poe-bots-api.md, graded by its evidence.

============  ======================================================================
module        whose rules it has
============  ======================================================================
``endpoint``  the handle, the endpoint and its limits
``pricing``   prices and tiers
``controls``  controls, conditions, and the definitions of their parameters
``reading``   how a rule reads a value that may be anything
============  ======================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...values.unknown import UNKNOWN
from ..mistake import Mistake
from .controls import control_rules
from .endpoint import endpoint_rules, handle_rules
from .pricing import pricing_rules
from .reading import object_


def check_rules(bot: Mapping[str, Any], *, poe_is_here: bool = False) -> Iterator[Mistake]:
    """Every rule that a declared bot breaks.

    :param bot: the declared properties; any may be unknown, and any may be of a wrong type.
    :param poe_is_here: Poe is one on this machine.
    """
    settings = object_(bot.get("api_bot_settings"))
    are_known = bot.get("api_bot_settings") is not UNKNOWN
    yield from handle_rules(bot.get("handle"))
    yield from endpoint_rules(settings, poe_is_here=poe_is_here)
    yield from pricing_rules(object_(settings.get("pricing")))
    yield from control_rules(bot.get("parameter_controls"), settings.get("param_definitions") if are_known else UNKNOWN)
