"""A local Poe: the Bots REST API, conversations with its bots, and a page. For tests and for trying things out.

It follows docs/poe-bots-api.md, the reference of this project, and shares no code with the client, so that each checks
the other. Where the reference calls something unknown, `Options` has a switch.

    from pulumi_poe.emulator import Emulator

    with Emulator() as poe:
        print(poe.url, poe.api_key)

Needs the extra packages of `pip install 'pulumi-poe[emulator]'`.
"""

from .chat.conversations import Conversation
from .faults import Fault, Faults
from .options import Options
from .server import (
    ACCOUNT_1,
    ACCOUNT_2,
    API_KEY_1,
    API_KEY_2,
    DEFAULT_ACCOUNTS,
    Emulator,
)
from .shared import RequestRecord

__all__ = [
    "ACCOUNT_1",
    "ACCOUNT_2",
    "API_KEY_1",
    "API_KEY_2",
    "DEFAULT_ACCOUNTS",
    "Conversation",
    "Emulator",
    "Fault",
    "Faults",
    "Options",
    "RequestRecord",
]
