"""The answers that all parts of the local Poe give."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import Response


def json_answer(status: int, content: object, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with a JSON body."""
    # Escaped to ASCII, so that half a surrogate pair in a seeded bot or an untyped value cannot break the answer.
    return Response(json.dumps(content), status, headers, media_type="application/json")


def error_answer(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with the body of an error (docs/poe-bots-api.md, 1.6)."""
    return json_answer(status, {"error": {"message": message}}, headers)


# Errors that have more than a message (docs/poe-bots-api.md, 1.6).

WRONG_KEY = {
    "error": {
        "message": "Incorrect API key provided. You can find your API key at https://poe.com/api/keys.",
        "type": "authentication_error",
        "code": "invalid_api_key",
    }
}

TOO_MANY = {
    "error": {
        "message": "Rate limit exceeded. Please try again later.",
        "type": "rate_limit_error",
        "code": "rate_limit_exceeded",
    }
}

FAILURE = {
    "error": {
        "message": "An unexpected error occurred. Please try again.",
        "type": "api_error",
        "code": "internal_error",
    }
}
