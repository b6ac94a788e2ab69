"""How is a request refused?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from ..answers import json_answer
from .words import one_line

_TYPES = {
    401: "authentication_error",
    402: "insufficient_credits",
    403: "moderation_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "provider_error",
    502: "upstream_error",
}


class RefusedError(Exception):
    """A conversation that does not take place, or ends early.

    :param status: the HTTP status to answer with.
    :param message: one line for a person: which bot, what happened, and what to do.
    :param param: the field of the request that is meant, if it is one.
    :param headers: further headers of the answer.

    (docs/poe-bots-api.md, 5.2)
    """

    def __init__(
        self, status: int, message: str, *, param: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        # The handle of a bot may hold anything, too.
        self.message: str = one_line(message, 1000)
        super().__init__(self.message)
        self.status = status
        self.param = param
        self.headers: dict[str, str] = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """The body of the answer, in OpenAI's form."""
        type_ = _TYPES.get(self.status, "invalid_request_error")
        return {"error": {"message": self.message, "type": type_, "param": self.param, "code": None}}

    def answer(self) -> Response:
        """The answer."""
        return json_answer(self.status, self.body, self.headers)
