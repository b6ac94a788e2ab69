"""How is the same asked without this command, and what went over the wire?"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Final

from .calling import Exchange

KEY: Final = "$POE_API_KEY"
"""What stands for the key wherever a request is shown."""

_LONGEST_ARGUMENT: Final = 100_000
"""Characters. Linux takes 128 KiB for one argument."""

_DATA: Final = re.compile(r"(data:[\w/+.-]+;base64,[A-Za-z0-9+/=]{20})[A-Za-z0-9+/=]{100,}")


def as_curl(exchange: Exchange) -> str:
    r'''A command of a shell that asks the same and streams the answer, with the key in the environment.

    >>> body = """{"input": "I'm"}"""
    >>> print(as_curl(Exchange("https://api.poe.com/v1/responses", {"Accept": "text/event-stream"}, body)))
    curl -N https://api.poe.com/v1/responses \
      -H "Authorization: Bearer $POE_API_KEY" \
      -H 'Accept: text/event-stream' \
      -d '{"input": "I'"'"'m"}'
    '''
    headers = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in exchange.headers.items()]
    parts = [f"curl -N {shlex.quote(exchange.url)}", f'-H "Authorization: Bearer {KEY}"', *headers]
    if len(exchange.body) <= _LONGEST_ARGUMENT:
        return " \\\n  ".join([*parts, f"-d {shlex.quote(exchange.body)}"])
    # JSON is one line, and begins with a brace.
    return " \\\n  ".join([*parts, "--data-binary @- <<'END'"]) + f"\n{exchange.body}\nEND"


def as_it_went(exchange: Exchange, redacted: Callable[[str], str]) -> str:
    """The request and its answer, with the data of images cut short.

    :param redacted: takes the key out of a text.
    """
    sent = {"Authorization": f"Bearer {KEY}", **exchange.headers}
    lines = [f"POST {exchange.url}", *(f"{name}: {value}" for name, value in sent.items()), "", exchange.body, ""]
    if exchange.status is None:
        lines.append("(no answer)")
    else:
        lines.append(f"{exchange.status}")
        lines += [f"{name}: {value}" for name, value in exchange.answer_headers]
        lines += ["", exchange.answer.decode(errors="replace")]
    return redacted(_DATA.sub(r"\1…", "\n".join(lines)))
