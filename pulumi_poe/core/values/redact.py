"""Takes secrets out of text that came from outside, such as Poe's own error messages."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote, quote_plus

SHOWN_INSTEAD = "[secret]"

_SHORTEST = 4
"""Shorter values are no secrets, and would blank out ordinary words."""


def redact(text: str, secrets: Iterable[object]) -> str:
    """Replace every secret in ``text``, in each form in which it could have been echoed.

    The forms: as it is, JSON-escaped, URL-encoded, and base64 in both alphabets, of the secret alone or in a
    longer text such as ``Bearer sk-12345``. White space in it is found as any other white space: a message puts one
    space for all of it, and so would join the pieces of a secret that was echoed on several lines.

    >>> redact("bad key sk-12345", ["sk-12345"])
    'bad key [secret]'
    """
    forms = {form for secret in secrets if isinstance(secret, str) for form in _forms(secret)}
    shown, end = "", 0
    for start, stop in _joined(span for form in forms for span in _places(form, text)):
        shown += text[end:start] + SHOWN_INSTEAD
        end = stop
    return shown + text[end:]


def _places(form: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the form begins and ends in the text, also where one place overlaps the next."""
    # In any case, because an encoder may write %2f for %2F.
    pattern = re.compile(_in_any_white_space(form), re.IGNORECASE)
    found = pattern.search(text)
    while found is not None:
        yield found.span()
        found = pattern.search(text, found.start() + 1)


def _joined(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places in order, with those that touch made one: forms of a secret that repeats itself overlap."""
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined


def _in_any_white_space(form: str) -> str:
    return r"\s+".join(map(re.escape, form.split()))


def _forms(secret: str) -> Iterable[str]:
    secret = secret.strip()
    if len(secret) < _SHORTEST:
        return
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield json.dumps(json.dumps(secret)[1:-1])[1:-1]
    yield quote(raw, safe="")
    yield quote_plus(raw)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(raw).decode("ascii")
        yield encoded
        yield encoded.rstrip("=")
        yield from _inside_base64(raw, encode)


def _inside_base64(raw: bytes, encode: Callable[[bytes], bytes]) -> Iterable[str]:
    """What base64 makes of the secret within a longer text: three forms, by how many bytes stand before it.

    Characters that also depend on what stands before or after it are left out; they tell less than a byte.
    """
    for before in range(3):
        encoded = encode(b"\0" * before + raw).decode("ascii")
        inside = encoded[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        if len(inside) >= _SHORTEST:
            yield inside
