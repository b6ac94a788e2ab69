"""Which address and key a bot was last seen with, as a digest that gives neither away.

A bot that one key does not show may well exist for another. So state keeps a short salted digest of
API address and key, and a bot counts as gone only when the key and address in use are the ones that
last saw it.

The address has a digest of its own beside it. A key may be another one of the same account; another
address is another Poe, and a bot of the same handle there is another bot.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TypeGuard

_SALT = 8
_WHOLE = 16
_ADDRESS = 8
"""Hex digits of each part, in their order. A fingerprint of an early 0.1.0 lacks the last one."""


def fingerprint(api_url: str, api_key: str) -> str:
    """A new fingerprint, 32 hex digits. Each call salts anew, so that two bots' can't be compared."""
    salt = secrets.token_hex(_SALT // 2)
    return salt + _digest(salt, api_url, api_key, digits=_WHOLE) + _digest(salt, api_url, digits=_ADDRESS)


def matches(stored: object, api_url: str, api_key: str) -> bool:
    """Whether ``stored`` was made from this address and key. Anything unreadable does not match."""
    if not is_readable(stored):
        return False
    salt, whole = stored[:_SALT], stored[_SALT : _SALT + _WHOLE]
    return hmac.compare_digest(whole, _digest(salt, api_url, api_key, digits=_WHOLE))


def is_here(stored: object, api_url: str) -> bool:
    """Whether ``stored`` says that it was made at this address. What is too old to tell does not say so."""
    return is_readable(stored) and stored[_SALT + _WHOLE :] != "" and not is_elsewhere(stored, api_url)


def is_elsewhere(stored: object, api_url: str) -> bool:
    """Whether ``stored`` was made at another address. What is unreadable, or too old to tell, is not."""
    if not is_readable(stored):
        return False
    salt, address = stored[:_SALT], stored[_SALT + _WHOLE :]
    return address not in ("", _digest(salt, api_url, digits=_ADDRESS))


def is_readable(stored: object) -> TypeGuard[str]:
    """Whether ``stored`` is a fingerprint at all."""
    pattern = rf"[0-9a-f]{{{_SALT + _WHOLE}}}([0-9a-f]{{{_ADDRESS}}})?"
    return isinstance(stored, str) and re.fullmatch(pattern, stored) is not None


def _digest(salt: str, *parts: str, digits: int) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), salt=bytes.fromhex(salt), digest_size=digits // 2).hexdigest()
