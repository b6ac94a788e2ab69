"""What can be told of an address without asking the network."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit


def parsed(url: str) -> SplitResult | None:
    """The parts of an http or https URL, or None if it is none.

    >>> parsed("https://llm.example.com/v1").hostname
    'llm.example.com'
    """
    if re.search(r"[\s\x00-\x20\x7f]", url):
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError:
        return None
    return parts if host and parts.scheme in ("http", "https") else None


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("poe.com")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
