"""Which bot is meant, and how is it reached? (docs/poe-bots-api.md, 4.4, 5.1, 5.2)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.bot.fields import is_api_bot
from ..core.bot.handles import canonical_handle, page_of, same_handle
from ..core.errors import AnswerError, RefusedError
from ..core.poe.account import Account
from ..core.values.text import nearest, printable
from ..core.values.trees import at
from .calling import LOCAL, Caller
from .controls import Controls
from .wire import PATHS, Api


@dataclass(frozen=True)
class Partner:
    """The bot that is talked to.

    :param handle: in Poe's spelling, where Poe shows it.
    :param path: where it is asked.
    :param controls: what can be set; None where only its owner could say.
    :param pricing: its prices as an owner sets them; None where nobody shows any.
    :param is_rounded: whether the prices are those of the public list, which are rounded.
    :param takes_images: whether it says so; None where it says nothing.
    :param is_own: whether it is one of the key's account.
    :param remark: what there is to say of how it was found, in full sentences.
    """

    handle: str
    api: Api
    path: str
    controls: Controls | None = None
    pricing: Mapping[str, Any] | None = None
    is_rounded: bool = False
    takes_images: bool | None = None
    is_own: bool = False
    remark: str = ""


def partner(account: Account, caller: Caller, handle: str) -> Partner:
    """The bot of a handle, in any spelling: one of the account's own, or one that Poe lists.

    One that nothing lists is asked all the same, since Poe need not list all that it has.

    :raises PoeError: it can't be talked to, and why; or Poe refused, or can't be reached.
    """
    if not canonical_handle(handle):
        raise RefusedError("a handle without a letter or digit names no bot", "Nothing was sent.")
    refused: AnswerError | None = None
    bots: list[dict[str, Any]] = []
    try:
        bots = account.bots()
    except AnswerError as error:
        refused = error  # an account that is not enabled for API bots can still talk to those of others
    own = next((bot for bot in bots if same_handle(bot.get("handle"), handle)), None)
    if own is not None:
        return _own(own, caller)
    models = caller.models()
    listed = next((model for model in models if any(same_handle(name, handle) for name in _names(model))), None)
    if listed is not None:
        return _listed(listed)
    if refused is not None:
        raise refused
    known = [bot["handle"] for bot in bots] + [name for model in models for name in _names(model)[:1]]
    remark = f"Neither the account's bots nor Poe's list have {printable(handle)!r}. {_near(handle, known)}"
    api: Api = "chat_completions_api"
    return Partner(handle, api, f"/v1{PATHS[api]}", remark=remark.strip())


def _own(bot: Mapping[str, Any], caller: Caller) -> Partner:
    is_private = bot.get("is_private") is not False
    if is_private and not caller.is_local:
        raise RefusedError(
            f"the bot {printable(bot['handle'])!r} is private, and Poe's API calls public bots alone",
            f"Talk to it at {page_of(bot['handle'])}, or set is_private to False, or try it on the local Poe "
            "(`pulumi-poe emulator`). Nothing was sent to it.",
        )
    api: Api = (
        "responses_api" if at(bot, ("api_bot_settings", "api_type")) == "responses_api" else "chat_completions_api"
    )
    modalities = at(bot, ("api_bot_settings", "input_modalities"))
    pricing = at(bot, ("api_bot_settings", "pricing"))
    return Partner(
        bot["handle"],
        api,
        f"{LOCAL if is_private else ''}/v1{PATHS[api]}",
        Controls(bot),
        pricing if isinstance(pricing, Mapping) else None,
        takes_images=isinstance(modalities, list) and "image" in modalities if is_api_bot(bot) else None,
        is_own=True,
    )


def _listed(model: Mapping[str, Any]) -> Partner:
    endpoints = model.get("supported_endpoints")
    speaks_only_responses = isinstance(endpoints, list) and endpoints == ["/v1/responses"]
    api: Api = "responses_api" if speaks_only_responses else "chat_completions_api"
    modalities = at(model, ("architecture", "input_modalities"))
    return Partner(
        _names(model)[0],
        api,
        f"/v1{PATHS[api]}",
        pricing=_pricing(model.get("pricing")),
        is_rounded=True,
        takes_images="image" in modalities if isinstance(modalities, list) else None,
    )


def _names(model: Mapping[str, Any]) -> list[str]:
    """As it is shown, and as it is called."""
    names = (at(model, ("metadata", "display_name")), model.get("id"))
    return [name for name in names if isinstance(name, str) and name] or [""]


def _pricing(listed: object) -> dict[str, Any] | None:
    """The prices of the public list, by the names that an owner has for them."""
    if not isinstance(listed, Mapping):
        return None
    of = {"prompt": "prompt", "completion": "completion", "input_cache_reads": "input_cache_read"}
    return {name: listed[shown] for name, shown in of.items() if isinstance(listed.get(shown), str)}


def _near(handle: str, known: Iterable[str]) -> str:
    by_form = {canonical_handle(name): repr(printable(name)) for name in known}
    near = nearest(canonical_handle(handle), by_form)
    return f"Did you mean {' or '.join(by_form[form] for form in near)}?" if near else ""
