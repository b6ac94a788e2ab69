"""Takes secrets out of text that came from outside, such as Poe's own error messages."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

SHOWN_INSTEAD = "[secret]"

_SHORTEST = 4
"""Shorter values are no secrets, and would blank out ordinary words."""


def redact(text: str, secrets: Iterable[object]) -> str:
    """Replace every secret in ``text``, in each form in which it could have been echoed.

    The forms: as it is, JSON-escaped, URL-encoded, and base64 in both alphabets.

    >>> redact("bad key sk-12345", ["sk-12345"])
    'bad key [secret]'
    """
    forms = {form for secret in secrets if isinstance(secret, str) for form in _forms(secret)}
    longest_first = sorted(forms, key=len, reverse=True)
    # In any case, because an encoder may write %2f for %2F.
    return re.sub("|".join(map(re.escape, longest_first)), SHOWN_INSTEAD, text, flags=re.IGNORECASE) if forms else text


def _forms(secret: str) -> Iterable[str]:
    secret = secret.strip()
    if len(secret) < _SHORTEST:
        return
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(raw, safe="")
    yield quote_plus(raw)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded = encode(raw).decode("ascii")
        yield encoded
        yield encoded.rstrip("=")
