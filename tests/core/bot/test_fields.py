"""What is sent of a declared bot."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from some_bots import BOTS

from pulumi_poe.core.bot.fields import body
from pulumi_poe.core.values.trees import leaves


@given(BOTS)
def test_every_declared_leaf_is_sent_and_no_other(bot: dict[str, Any]) -> None:
    declared = dict(leaves({name: value for name, value in bot.items() if name != "extra"}))
    extra = dict(leaves(bot.get("extra", {})))
    assert {path for path, _ in leaves(body(bot))} == {
        path for path, value in (declared | extra).items() if value is not None
    }


@given(BOTS)
def test_what_is_sent_leaves_the_declared_bot_as_it_is(bot: dict[str, Any]) -> None:
    before = copy.deepcopy(bot)
    body(bot)
    assert bot == before
