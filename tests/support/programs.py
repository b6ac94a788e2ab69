"""Programs that many engine tests start from."""

from __future__ import annotations

ONE_BOT = """
Bot("live", handle="Live-Bot", description="first", is_private=False, api_bot_settings={
    "model_name": "model-1", "base_url": "https://llm.example.com/v1", "api_key": "sk-endpoint",
    "pricing": {"prompt": "0.0000010", "completion": "0.000002"}})
"""


def many_bots(count: int) -> str:
    """A program of bots ``bot-0`` and so on."""
    return f"""
for number in range({count}):
    Bot(f"bot-{{number}}", handle=f"Many-{{number}}", description="first", api_bot_settings={{
        "model_name": "model-1", "base_url": "https://llm.example.com/v1", "api_key": "sk-endpoint"}})
"""
