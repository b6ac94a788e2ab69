"""What each check asks of an endpoint, and what it makes of the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..values.text import counted
from .asking import Answer, Asking
from .result import Cause, FailedError, Result
from .wire import Format, events_of, json_of

_STARTING: Final = frozenset({404, 408, 409, 421, 423, 425})
"""What is answered for an endpoint that is not there yet, or busy; so is whatever is 500 or more."""

_LOOK: Final = "Look into the endpoint's log; Poe gets the same."


def name(asking: Asking) -> Result:
    """Whether DNS knows the host."""
    if asking.by_a_proxy:
        return Result("DNS", "skipped", "a proxy of this environment looks it up")
    try:
        return Result("DNS", "ok", ", ".join(asking.resolved()))
    except FailedError as failed:
        return failed.of("DNS")


def tls(asking: Asking) -> Result:
    """Whether the endpoint speaks TLS, and has a certificate that is trusted."""
    if asking.parts.scheme != "https":
        return Result("TLS", "skipped", "it is http")
    if asking.by_a_proxy:
        return Result("TLS", "skipped", "a proxy of this environment connects")
    try:
        return Result("TLS", "ok", asking.secured())
    except FailedError as failed:
        return failed.of("TLS")


def models(asking: Asking) -> tuple[list[str] | None, Result]:
    """The models that the endpoint lists, or None, and what that says."""
    try:
        answer = asking.answer("GET", "/models")
    except FailedError as failed:
        return None, failed.of("/models")
    found = json_of(answer.text)
    data = found.get("data") if isinstance(found, dict) else None
    if answer.status == 200 and isinstance(data, list):
        listed = [model["id"] for model in data if isinstance(model, dict) and isinstance(model.get("id"), str)]
        return listed, Result("/models", "ok", counted(len(listed), "model"))
    if answer.status in (200, 404, 405, 501):
        return None, Result("/models", "skipped", "it has no list of models, and Poe needs none")
    return None, _refused(asking, "/models", "/models", answer, _LOOK)


def model_is_listed(model: object, listed: list[str] | None) -> Result | None:
    """What is to be said of a model that the endpoint does not list."""
    if listed is None or not isinstance(model, str) or model in listed:
        return None
    return Result(
        "model_name", "warning", f"the endpoint does not list {model!r}", "Is it spelled as the endpoint has it?"
    )


def completion(
    asking: Asking,
    model: str,
    wire: Format,
    *,
    check: str = "completion",
    stream: bool = False,
    tools: bool = False,
    image: bool = False,
) -> Iterator[Result]:
    """Whether a tiny completion comes back, and whether it reports its usage.

    :param asking: of the endpoint.
    :param model: the model's name.
    :param wire: the format in which Poe calls it.
    :param check: what the check is called.
    :param stream: the answer is to be streamed.
    :param tools: the model may call a tool.
    :param image: the question has an image.
    """
    body = wire.body(model, stream=stream, tools=tools, image=image)
    try:
        answer = _posted(asking, wire, body, stream=stream)
    except FailedError as failed:
        yield failed.of(check)
        return
    if answer.status != 200:
        with_what = " with a tool" if tools else " with an image" if image else ""
        advice = f"Poe calls the model {model!r} so{with_what}. Is model_name right, and is the key?"
        yield _refused(asking, check, wire.path, answer, advice)
        return
    parts = events_of(answer.text) if stream else [json_of(answer.text)]
    if not any(wire.is_answer(part, stream=stream) for part in parts):
        what = "no stream of events" if stream else "no completion"
        # A web page is what a proxy answers while the endpoint behind it is not there.
        cause: Cause = "starting" if answer.text.lstrip()[:1] == "<" else ""
        words = asking.plain(answer.text)
        said = f"{wire.path} answers with {what}{': ' if words else ''}{words}"
        yield Result(check, "failed", said, f"It has to be as OpenAI's {wire.path}.", cause)
        return
    if stream and not any(map(wire.is_end, parts)) and not (wire.ends and wire.ends.search(answer.text.encode())):
        yield Result(check, "failed", f"{wire.path} breaks its stream off", _LOOK, "starting")
        return
    yield Result(check, "ok")
    yield _usage(f"usage of {check}", [found for found in map(wire.usage, parts) if found], wire)


def _posted(asking: Asking, wire: Format, body: dict[str, Any], *, stream: bool) -> Answer:
    """The answer. Where a model refuses the name of the limit, it is asked once more by the other name."""
    first, *others = wire.limits
    answer = asking.answer("POST", wire.path, body, ends=wire.ends if stream else None)
    for other in others:
        if answer.status == 400 and first in answer.text:
            body = {other if name == first else name: value for name, value in body.items()}
            answer = asking.answer("POST", wire.path, body, ends=wire.ends if stream else None)
    return answer


def _refused(asking: Asking, check: str, path: str, answer: Answer, advice: str) -> Result:
    """What an answer says that is no success."""
    status = answer.status
    if status in (401, 403):
        if asking.key is None:
            return Result(
                check, "failed", f"{path} answers {status}: it wants its key", "Declare its api_key.", "wants a key"
            )
        return Result(
            check,
            "failed",
            f"{path} answers {status}: it refuses the key",
            "Set api_key to the endpoint's own key, so that Poe has it too.",
        )
    if 300 <= status < 400:
        leads = asking.plain(answer.location)
        said = f"{path} answers {status}, a redirect{' to ' if leads else ''}{leads}"
        return Result(check, "failed", said, "Use the final address as base_url.")
    is_its_own = status >= 500 or status == 429
    words = asking.plain(answer.text)
    said = f"{path} answers {status}{': ' if words else ''}{words}"
    return Result(
        check, "failed", said, _LOOK if is_its_own else advice, "starting" if status in _STARTING or is_its_own else ""
    )


def _usage(check: str, reported: list[Any], wire: Format) -> Result:
    # The last: some endpoints report in each event what there was so far.
    usage = reported[-1] if reported else None
    counts = [usage.get(name) if isinstance(usage, Mapping) else None for name in wire.counts]
    if all(isinstance(count, int) and not isinstance(count, bool) and count > 0 for count in counts):
        said = " and ".join(f"{count} {name}" for count, name in zip(counts, wire.counts, strict=True))
        return Result(check, "ok", said)
    return Result(
        check,
        "failed",
        f"{wire.path} reports no {' and '.join(wire.counts)}",
        f"Poe charges users by these. {wire.how_to_report}",
    )
