"""Which address and key a bot was last seen with, as a digest that gives neither away.

A bot that one key does not show may well exist for another. So state keeps a short salted digest of
API address and key, and a bot counts as gone only when the key and address in use are the ones that
last saw it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

_SALT_BYTES = 4
_DIGEST_BYTES = 8


def fingerprint(api_url: str, api_key: str) -> str:
    """A new fingerprint, 24 hex digits. Each call salts anew, so that two bots' can't be compared."""
    return _with_salt(secrets.token_bytes(_SALT_BYTES), api_url, api_key)


def matches(stored: object, api_url: str, api_key: str) -> bool:
    """Whether ``stored`` was made from this address and key. Anything unreadable does not match."""
    if not isinstance(stored, str):
        return False
    try:
        salt = bytes.fromhex(stored[: 2 * _SALT_BYTES])
    except ValueError:
        return False
    return hmac.compare_digest(stored.encode(), _with_salt(salt, api_url, api_key).encode())


def _with_salt(salt: bytes, api_url: str, api_key: str) -> str:
    digest = hashlib.blake2b(f"{api_url}\n{api_key}".encode(), salt=salt, digest_size=_DIGEST_BYTES)
    return salt.hex() + digest.hexdigest()
