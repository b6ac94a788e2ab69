"""What is the page made of, and what may it do in a browser?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

# What there is, so that no path leads out of the folder.
_NAMES = frozenset(file.name for file in _FOLDER.iterdir() if file.suffix in _TYPES)

POLICY = "; ".join(
    [
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        # No text becomes markup or code, whatever the page tries.
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
)
"""The page's Content-Security-Policy."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer of the page has."""


class _File(NamedTuple):
    content: bytes
    etag: str


def file_answer(request: Request, name: str) -> Response | None:
    """The answer with a file of the page; None where there is none of this name.

    A browser may keep it, and asks each time whether it is still the same: it is another one after an update.
    """
    if name not in _NAMES:
        return None
    file = _read(name)
    headers = {**HEADERS, "Cache-Control": "no-cache", "ETag": file.etag}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    # The type as a header of its own: Starlette would add a charset to one of text.
    return Response(file.content, headers={**headers, "Content-Type": _TYPES[Path(name).suffix]})


@cache
def _read(name: str) -> _File:
    content = (_FOLDER / name).read_bytes()
    return _File(content, f'"{hashlib.sha256(content).hexdigest()[:16]}"')
