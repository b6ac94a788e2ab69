"""What the reference does not know, as switches of the local Poe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field


@dataclass
class Options:
    """How the local Poe behaves where poe-bots-api.md leaves it open.

    Every default is the choice of section 6.1. The options of a running emulator may be changed at any time: each
    request reads them anew.

    Example:
        options = Options(patch_merge="shallow")
        with Emulator(options=options) as poe:
            ...
            options.latency = 0.2
    """

    # For the control API, whose JSON knows no infinity but as a string.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid", ser_json_inf_nan="strings")

    latency: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Seconds to wait before each answer. Default 0. The work is done before the wait: a client that gives up
    early has lost the answer, not the write. No section: the reference says nothing of Poe's speed."""

    patch_merge: Literal["deep", "shallow"] = "deep"
    """How sent `api_bot_settings` are merged into the stored ones, by PATCH and by a POST that updates.
    "deep" (default) merges nested objects key by key; "shallow" merges one level, so that a sent `pricing` replaces
    the stored one whole. Arrays are replaced either way. Sections 1.4 and 6 (question 5)."""

    foreign_post_status: Literal[400, 403] = 400
    """Status of a POST of a handle that belongs to another account: 400 `handle_already_taken` (default) or 403
    `Unauthorized to edit bot`. Section 1.6."""

    foreign_put_status: Literal[400, 403] = 400
    """Status of a PUT on a handle that belongs to another account: 400 `handle_already_taken` (default) or 403
    `Unauthorized to edit bot`. Section 1.6."""

    foreign_edit_status: Literal[403, 404] = 403
    """Status of a PATCH or DELETE of a bot that belongs to another account: 403 `Unauthorized to edit bot` (default)
    or 404, as for a bot that does not exist. Section 1.6."""

    materialise_defaults: bool = False
    """Whether answers carry defaults nobody sent: `api_type` "chat_completions_api", both modalities ["text"],
    `supported_features` [] and a tier's `max_tokens` null. Default False, the sparse echo. Only answers change,
    never what is stored, and a bot without `api_bot_settings` gets none. Sections 1.1 and 6 (questions 13, 14)."""

    normalise_prices: bool = False
    """Whether answers strip trailing zeros from prices: "0.0000010" comes back as "0.000001". Default False.
    Only answers change, never what is stored. Section 6 (question 12)."""

    dropped_fields: tuple[str, ...] = ()
    """Fields that are accepted in writes and silently not stored, as dotted paths such as "parameter_controls" or
    "api_bot_settings.pricing.input_cache_reads"; a path through an array means each of its items. Default none. The
    handle cannot be dropped. Section 6 (questions 6 and 20)."""

    reserve_deleted_handles: Annotated[float, Field(ge=0, strict=False)] = 0.0
    """Seconds for which the handle of a deleted bot stays taken, for every account, in any spelling; `math.inf` is
    for good. Default 0. Handles deleted while this was 0 count too. Section 6 (question 10)."""

    not_enabled_status: Literal[401, 404] | None = None
    """Status that every account gets on every path, as one not enabled for API bots: 401 with the body of a wrong
    key, or 404. Default None, all accounts are enabled. Section 4.2."""

    refuse_unknown_fields: bool = False
    """Whether a body with a field the reference does not name is answered 400. Default False: such a field is
    ignored, that is, neither stored nor echoed, or what `keep_unknown_fields` says. Section 6 (question 19)."""

    keep_unknown_fields: Literal["echoed", "hidden"] | None = None
    """Whether fields the reference does not name are stored as sent, at any depth, with the nulls in them. Default
    None, they are ignored. "echoed" answers them; "hidden" does not, those of seeded bots neither. PUT replaces them.
    PATCH, and a POST that updates, replace a list whole, and treat an object as `patch_merge` says: "deep" merges it
    key by key, wherever it is; "shallow" replaces it whole, beside `api_bot_settings` and in it. With
    `refuse_unknown_fields` no body gets so far. Section 6 (question 19)."""

    requests_per_minute: Annotated[int, Field(ge=1)] | None = None
    """How many requests of one account are answered in any 60 seconds; each further one is answered 429 and does not
    count. Default None, no limit. While there is one, every answer says how much of it is left. Section 4.3."""

    retry_after: Literal["seconds", "date", "none"] = "seconds"
    """How such a 429 says in `Retry-After` when to come back: in seconds (default), as an HTTP date, or not at all.
    Section 4.3."""

    clock_speed: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    """How many seconds pass on the limit's clock in one second, so that a test of minutes takes seconds. Default 1.
    The 60 seconds of `requests_per_minute` and the seconds of its answers are on that clock; a date is always on the
    real one. No section: it is for tests."""
