"""What the reference does not know, as switches of the local Poe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import ConfigDict, Field


class Flag(NamedTuple):
    """How ``pulumi-poe emulator`` offers an option. All else that it needs of one is in the option's type.

    :param help: what ``--help`` says of it.
    :param metavar: what stands for the value there; None where the type says it.
    """

    help: str
    metavar: str | None = None


@dataclass
class Options:
    """How the local Poe behaves where the reference leaves it open.

    The defaults are its choices (docs/poe-bots-api.md, 6.1). The options of a running emulator may be changed at any
    time: each request reads them anew.

    Example::

        options = Options(patch_merge="shallow")
        with Emulator(options=options) as poe:
            ...
            options.latency = 0.2
    """

    # For the control API, whose JSON knows no infinity but as a string.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid", ser_json_inf_nan="strings")

    latency: Annotated[float, Field(ge=0, allow_inf_nan=False), Flag("Wait before each answer.", "SECONDS")] = 0.0
    """Seconds to wait before each answer. Default 0. The work is done before the wait: a client that gives up
    early has lost the answer, not the write. Nothing says how fast Poe is (docs/poe-bots-api.md, 7)."""

    patch_merge: Annotated[
        Literal["deep", "shallow"], Flag("Whether nested api_bot_settings such as pricing are merged or replaced.")
    ] = "deep"
    """How sent `api_bot_settings` are merged into the stored ones, by PATCH and by a POST that updates.
    "deep" (default) merges nested objects key by key; "shallow" merges one level, so that a sent `pricing` replaces
    the stored one whole. Arrays are replaced either way (docs/poe-bots-api.md, 1.4, 6 question 5)."""

    foreign_post_status: Annotated[Literal[400, 403], Flag("Answer to a POST of another account's handle.")] = 400
    """Status of a POST of a handle that belongs to another account: 400 `handle_already_taken` (default) or 403
    `Unauthorized to edit bot` (docs/poe-bots-api.md, 1.6)."""

    foreign_put_status: Annotated[Literal[400, 403], Flag("Answer to a PUT on another account's handle.")] = 400
    """Status of a PUT on a handle that belongs to another account: 400 `handle_already_taken` (default) or 403
    `Unauthorized to edit bot` (docs/poe-bots-api.md, 1.6)."""

    foreign_edit_status: Annotated[Literal[403, 404], Flag("Answer to a PATCH or DELETE of another account's bot.")] = (
        403
    )
    """Status of a PATCH or DELETE of a bot that belongs to another account: 403 `Unauthorized to edit bot` (default)
    or 404, as for a bot that does not exist (docs/poe-bots-api.md, 1.6)."""

    materialise_defaults: Annotated[bool, Flag("Answers carry defaults that were not sent.")] = False
    """Whether answers carry defaults nobody sent: `api_type` "chat_completions_api", both modalities ["text"],
    `supported_features` [] and a tier's `max_tokens` null. Default False, the sparse echo. Only answers change,
    never what is stored, and a bot without `api_bot_settings` gets none
    (docs/poe-bots-api.md, 1.1, 6 question 13, 6 question 14)."""

    normalise_prices: Annotated[bool, Flag("Answers strip trailing zeros from prices.")] = False
    """Whether answers strip trailing zeros from prices: "0.0000010" comes back as "0.000001". Default False.
    Only answers change, never what is stored (docs/poe-bots-api.md, 6 question 12)."""

    dropped_fields: Annotated[
        tuple[str, ...],
        Flag(
            "Field that is accepted and not stored, e.g. api_bot_settings.pricing.completion. May be repeated.", "PATH"
        ),
    ] = ()
    """Fields that are accepted in writes and silently not stored, as dotted paths such as "parameter_controls" or
    "api_bot_settings.pricing.input_cache_reads"; a path through an array means each of its items. Default none. The
    handle cannot be dropped (docs/poe-bots-api.md, 6 question 6, 6 question 20)."""

    reserve_deleted_handles: Annotated[
        float,
        Field(ge=0, strict=False),
        Flag("How long the handle of a deleted bot stays taken; inf is for good.", "SECONDS"),
    ] = 0.0
    """Seconds for which the handle of a deleted bot stays taken, for every account, in any spelling; `math.inf` is
    for good. Default 0. Handles deleted while this was 0 count too (docs/poe-bots-api.md, 6 question 10)."""

    not_enabled_status: Annotated[
        Literal[401, 404] | None, Flag("Answer all requests as for accounts that are not enabled for API bots.")
    ] = None
    """Status that every account gets on every path, as one not enabled for API bots: 401 with the body of a wrong
    key, or 404. Default None, all accounts are enabled (docs/poe-bots-api.md, 4.2)."""

    refuse_unknown_fields: Annotated[bool, Flag("Answer 400 to fields that Poe does not document.")] = False
    """Whether a body with a field the reference does not name is answered 400. Default False: such a field is
    ignored, that is, neither stored nor echoed, or what `keep_unknown_fields` says
    (docs/poe-bots-api.md, 6 question 19)."""

    requests_per_minute: Annotated[
        Annotated[int, Field(ge=1)] | None, Flag("Answer 429 to what an account asks beyond that.", "NUMBER")
    ] = None
    """How many requests of one account are answered in any 60 seconds; each further one is answered 429 and does not
    count. Default None, no limit. While there is one, every answer says how much of it is left
    (docs/poe-bots-api.md, 4.3)."""

    retry_after: Annotated[Literal["seconds", "date", "none"], Flag("How such a 429 says when to come back.")] = (
        "seconds"
    )
    """How such a 429 says in `Retry-After` when to come back: in seconds (default), as an HTTP date, or not at all
    (docs/poe-bots-api.md, 4.3)."""

    clock_speed: Annotated[
        float,
        Field(gt=0, allow_inf_nan=False),
        Flag("Seconds that pass in one second for --requests-per-minute.", "NUMBER"),
    ] = 1.0
    """How many seconds pass on the limit's clock in one second, so that a test of minutes takes seconds. Default 1.
    The 60 seconds of `requests_per_minute` and the seconds of its answers are on that clock; a date is always on the
    real one. No section: it is for tests."""

    # At the end, where an option that came later is no break for whoever gives them by position.

    keep_unknown_fields: Annotated[
        Literal["echoed", "hidden"] | None,
        Flag("Keep fields that Poe does not document, and answer them or not. Without it they are ignored."),
    ] = None
    """Whether fields the reference does not name are stored as sent, at any depth, with the nulls in them. Default
    None, they are ignored. "echoed" answers them; "hidden" does not, those of seeded bots neither. PUT replaces them.
    PATCH, and a POST that updates, replace a list whole, and treat an object as `patch_merge` says: "deep" merges it
    key by key, wherever it is; "shallow" replaces it whole, beside `api_bot_settings` and in it. With
    `refuse_unknown_fields` no body gets so far (docs/poe-bots-api.md, 6 question 19)."""

    strict_chat: Annotated[bool, Flag("Refuse conversations that use what the bot does not declare.")] = False
    """Whether a conversation that uses what the bot does not declare is answered 400: parameters, values that its
    controls do not offer, modalities, tools, and more tokens than it takes, by an estimate. Default False: it passes,
    and its owner is told after the answer (docs/poe-bots-api.md, 5.9)."""
