"""What people do on poe.com behind a stack's back."""

from __future__ import annotations

import httpx

from pulumi_poe.emulator import Emulator


def delete(poe: Emulator, handle: str) -> None:
    answer = httpx.delete(f"{poe.url}/bots/{handle}", headers={"Authorization": f"Bearer {poe.api_key}"})
    assert answer.status_code == 200


def edit(poe: Emulator, **changes: object) -> None:
    """Change properties of the one bot."""
    (bot,) = poe.bots()
    poe.seed(poe.api_key, {**bot, **changes})
