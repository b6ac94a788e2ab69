"""Whether the endpoints behind bots answer as Poe needs them to (docs/poe-bots-api.md, 2, 5).

Poe calls an endpoint as OpenAI's clients do, streams its answer to the user, and charges by the tokens that the
endpoint reports. So an endpoint that answers but reports no usage works, and earns nothing.
"""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import SplitResult

import httpx

from ..core.bot import checks
from ..core.values.redact import redact
from ..core.values.text import counted, one_line
from ..core.values.trees import at
from ..core.values.urls import is_loopback, parsed

Outcome = Literal["ok", "warning", "failed", "skipped"]

_AT_A_TIME: Final = 8
"""Endpoints that are asked at once."""

_LONGEST_TEXT: Final = 200
"""Characters of an endpoint's own words that a finding repeats."""

_LONGEST_ANSWER: Final = 4_000_000
"""Bytes of an answer that are read."""

_WORDS: Final = "Answer with the word ok."
_MOST_TOKENS: Final = 16


@dataclass(frozen=True)
class Finding:
    """What one check found.

    :param about: what was checked, such as ``bot 'Acme-Reasoner'`` or an endpoint's address.
    :param check: which check it was, such as ``TLS``.
    :param outcome: ``failed`` keeps the bot from working or from earning; a ``warning`` may; ``skipped`` says why.
    :param said: what was found, in one line.
    :param advice: what to do, in one line.
    """

    about: str
    check: str
    outcome: Outcome
    said: str = ""
    advice: str = ""


def examine(
    bots: Sequence[Mapping[str, Any]],
    *,
    key: str | None = None,
    completion: bool = False,
    timeout: float = 30.0,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Check the endpoints of API bots, each endpoint once.

    :param bots: API bots as Poe answers them.
    :param key: what to show to the endpoints. Bots of several hosts and a key do not go together: see
        :func:`hosts_of`.
    :param completion: also ask each bot's model for a tiny completion, whole and streamed. The endpoint may charge it.
    :param timeout: seconds that one request may take.
    :param tell: is called with each host whose turn it is.
    :returns: the findings, in the order of the bots.
    """
    by_address: dict[str, list[Mapping[str, Any]]] = {}
    for bot in bots:
        by_address.setdefault(_address_of(bot), []).append(bot)

    def examined(address: str) -> list[Finding]:
        tell(", ".join(hosts_of(by_address[address])))
        return list(_Endpoint(address, key, timeout).examined(by_address[address], completion=completion))

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return [finding for findings in pool.map(examined, by_address) for finding in findings]


def hosts_of(bots: Sequence[Mapping[str, Any]]) -> list[str]:
    """The hosts, with their ports, to which a key would go. A key is one endpoint's, and no other host's business."""
    parts = [parsed(_address_of(bot)) for bot in bots]
    return sorted({part.netloc.lower() for part in parts if part is not None})


def _address_of(bot: Mapping[str, Any]) -> str:
    url = at(bot, ("api_bot_settings", "base_url"))
    return url.rstrip("/") if isinstance(url, str) else ""


class _CheckFailedError(Exception):
    """A check found what makes those that follow pointless."""

    def __init__(self, said: str, advice: str, outcome: Outcome = "failed") -> None:
        super().__init__(said)
        self.said = said
        self.advice = advice
        self.outcome = outcome


class _Endpoint:
    """One endpoint, as Poe would call it."""

    def __init__(self, address: str, key: str | None, timeout: float) -> None:
        self._address = address
        self._key = key
        self._timeout = timeout

    def examined(self, bots: list[Mapping[str, Any]], *, completion: bool) -> Iterator[Finding]:
        """All findings of an endpoint, and of the bots that are served by it."""
        mistakes = [mistake for bot in bots for mistake in _mistakes_of_settings(bot)]
        yield from mistakes
        parts = parsed(self._address)
        if parts is None or any(mistake.outcome == "failed" for mistake in mistakes):
            return  # such an address may hold a password, or would send the key over an open connection
        host = parts.hostname or ""
        try:
            yield self._ok("DNS", self._resolved(host, parts))
            yield self._tls(host, parts)
            with httpx.Client(
                headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
                timeout=self._timeout,
                verify=parts.scheme == "https",
                trust_env=not is_loopback(host),
                follow_redirects=False,
            ) as http:
                models, finding = self._models(http)
                yield finding
                for bot in bots:
                    if models is not None:
                        yield from _missing_model(bot, models)
                    if completion:
                        yield from self._completions(http, bot)
        except _CheckFailedError as error:
            yield Finding(self._address, "endpoint", error.outcome, self._plain(error.said), error.advice)

    def _ok(self, check: str, said: str = "") -> Finding:
        return Finding(self._address, check, "ok", said)

    def _resolved(self, host: str, parts: SplitResult) -> str:
        try:
            found = socket.getaddrinfo(host, _port(parts), type=socket.SOCK_STREAM)
        except OSError:
            raise _CheckFailedError(
                f"DNS knows no {host}", "Is base_url spelled right, and is the name public? Poe has to find it too."
            ) from None
        return ", ".join(dict.fromkeys(str(one[4][0]) for one in found))

    def _tls(self, host: str, parts: SplitResult) -> Finding:
        if parts.scheme != "https":
            return Finding(self._address, "TLS", "skipped", "it is http")
        try:
            with (
                socket.create_connection((host, _port(parts)), self._timeout) as line,
                ssl.create_default_context().wrap_socket(line, server_hostname=host) as secured,
            ):
                return self._ok("TLS", secured.version() or "")
        except ssl.SSLCertVerificationError as error:
            raise _CheckFailedError(
                f"its certificate is not trusted: {error.verify_message}",
                "Give the endpoint a certificate of a public authority, for this name.",
            ) from None
        except ssl.SSLError as error:
            raise _CheckFailedError(
                f"it does not speak TLS on port {_port(parts)} ({error.reason})", "Serve it over https."
            ) from None
        except OSError as error:
            raise _CheckFailedError(
                f"port {_port(parts)} can't be reached ({error.strerror or error})",
                "Is the endpoint up, and open to Poe?",
            ) from None

    # --- its list of models ---------------------------------------------------------------------------

    def _models(self, http: httpx.Client) -> tuple[list[str] | None, Finding]:
        """The models that it lists, or None, and what that says."""
        status, text = self._asked(http, "GET", "/models")
        found = _json(text)
        data = found.get("data") if isinstance(found, dict) else None
        if status == 200 and isinstance(data, list):
            models = [model["id"] for model in data if isinstance(model, dict) and isinstance(model.get("id"), str)]
            return models, self._ok("/models", counted(len(models), "model"))
        if status in (401, 403):
            if self._key is None:
                raise _CheckFailedError(
                    f"/models answers {status}: it wants its key",
                    "Poe never gives that back. Put it into a variable and name that with --endpoint-key-env.",
                    "skipped",
                )
            raise _CheckFailedError(
                f"/models answers {status}: it refuses the key",
                "Is this the endpoint's key? Then set it as the bot's api_key, so that Poe has it too.",
            )
        if 300 <= status < 400:
            raise _CheckFailedError(f"/models answers {status}, a redirect", "Use the final address as base_url.")
        if status in (200, 404, 405):
            return None, Finding(self._address, "/models", "skipped", "it has no list of models, and Poe needs none")
        raise _CheckFailedError(
            f"/models answers {status}: {self._plain(text)}", "Look into the endpoint's log; Poe gets the same."
        )

    # --- completions --------------------------------------------------------------------------------

    def _completions(self, http: httpx.Client, bot: Mapping[str, Any]) -> Iterator[Finding]:
        about = f"bot {bot['handle']!r}"
        model = at(bot, ("api_bot_settings", "model_name"))
        if not isinstance(model, str):
            yield Finding(about, "completion", "skipped", "it has no model_name", "Declare one.")
            return
        wire = _Responses() if at(bot, ("api_bot_settings", "api_type")) == "responses_api" else _ChatCompletions()
        for check, stream in (("completion", False), ("streaming", True)):
            try:
                status, text = self._asked(http, "POST", wire.path, wire.body(model, stream=stream))
            except _CheckFailedError as error:
                yield Finding(about, check, "failed", self._plain(error.said), error.advice)
                continue
            if status != 200:
                yield Finding(
                    about,
                    check,
                    "failed",
                    f"{wire.path} answers {status}: {self._plain(text)}",
                    f"Poe calls the model {model!r} so. Is model_name right, and is the key?",
                )
                continue
            parts = _events(text) if stream else [_json(text)]
            if not any(map(wire.has_text, parts)):
                what = "no stream of events" if stream else "no completion"
                yield Finding(
                    about, check, "failed", f"{wire.path} answers with {what}", f"It has to be as OpenAI's {wire.path}."
                )
                continue
            yield Finding(about, check, "ok")
            yield self._usage(about, f"usage of {check}", next(filter(None, map(wire.usage, parts)), None), wire)

    def _usage(self, about: str, check: str, usage: Any, wire: _ChatCompletions | _Responses) -> Finding:
        counts = [usage.get(name) if isinstance(usage, Mapping) else None for name in wire.counts]
        if all(isinstance(count, int) and not isinstance(count, bool) and count > 0 for count in counts):
            return Finding(
                about,
                check,
                "ok",
                " and ".join(f"{count} {name}" for count, name in zip(counts, wire.counts, strict=True)),
            )
        return Finding(
            about,
            check,
            "failed",
            f"it reports no {' and '.join(wire.counts)}",
            f"Poe charges users by these. {wire.how_to_report}",
        )

    # --- one request --------------------------------------------------------------------------------

    def _asked(self, http: httpx.Client, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and text of an answer."""
        try:
            with http.stream(method, self._address + path, json=body) as response:
                read = bytearray()
                for piece in response.iter_bytes():
                    read += piece
                    if len(read) > _LONGEST_ANSWER:
                        break
                return response.status_code, read.decode("utf-8", "replace")
        except httpx.TimeoutException:
            raise _CheckFailedError(
                f"{path} did not answer within {self._timeout:g} s", "Is the endpoint up? --timeout waits longer."
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _CheckFailedError(f"{path} can't be reached ({error})", "Is the endpoint up?") from None

    def _plain(self, text: str) -> str:
        """An endpoint's own words: one line, not too long, without its key."""
        line = one_line(redact(text, [self._key]))
        return line if len(line) <= _LONGEST_TEXT else f"{line[:_LONGEST_TEXT]}…"


class _ChatCompletions:
    """``api_type`` ``chat_completions_api``, which is also what Poe's samples leave out."""

    path = "/chat/completions"
    counts = ("prompt_tokens", "completion_tokens")
    how_to_report = "Report usage, and in a stream in its last chunk when stream_options.include_usage is set."

    def body(self, model: str, *, stream: bool) -> dict[str, Any]:
        body = {"model": model, "messages": [{"role": "user", "content": _WORDS}], "max_tokens": _MOST_TOKENS}
        return {**body, "stream": True, "stream_options": {"include_usage": True}} if stream else body

    def has_text(self, part: Any) -> bool:
        choices = part.get("choices") if isinstance(part, dict) else None
        return isinstance(choices, list) and bool(choices)

    def usage(self, part: Any) -> Any:
        return part.get("usage") if isinstance(part, dict) else None


class _Responses:
    """``api_type`` ``responses_api``."""

    path = "/responses"
    counts = ("input_tokens", "output_tokens")
    how_to_report = "Report usage in the response, which a stream ends with as response.completed."

    def body(self, model: str, *, stream: bool) -> dict[str, Any]:
        return {
            "model": model,
            "input": _WORDS,
            "max_output_tokens": _MOST_TOKENS,
            **({"stream": True} if stream else {}),
        }

    def has_text(self, part: Any) -> bool:
        return isinstance(part, dict) and isinstance(self._response(part).get("output"), list)

    def usage(self, part: Any) -> Any:
        return self._response(part).get("usage") if isinstance(part, dict) else None

    def _response(self, part: dict[str, Any]) -> dict[str, Any]:
        inner = part.get("response")
        return inner if isinstance(inner, dict) else part


def _mistakes_of_settings(bot: Mapping[str, Any]) -> Iterator[Finding]:
    """What the checks say of a bot's address."""
    if not _address_of(bot):
        yield Finding(f"bot {bot['handle']!r}", "settings", "failed", "it has no base_url", "Declare one.")
        return
    path = "api_bot_settings.base_url"
    for mistake in checks.mistakes({"handle": "any", "api_bot_settings": {"base_url": _address_of(bot)}}):
        if mistake.path == path:
            yield Finding(
                f"bot {bot['handle']!r}",
                "settings",
                "failed" if mistake.is_error else "warning",
                f"base_url {mistake.problem}",
                "Change it in the program.",
            )


def _missing_model(bot: Mapping[str, Any], models: list[str]) -> Iterator[Finding]:
    model = at(bot, ("api_bot_settings", "model_name"))
    if isinstance(model, str) and model not in models:
        yield Finding(
            f"bot {bot['handle']!r}",
            "model_name",
            "warning",
            f"the endpoint does not list {model!r}",
            "Is it spelled as the endpoint has it?",
        )


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _events(text: str) -> list[Any]:
    """The JSON of each event of a stream."""
    return [_json(line.removeprefix("data:")) for line in text.splitlines() if line.startswith("data:")]
