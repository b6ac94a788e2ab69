"""1,000 bots against a Poe that enforces its limit: nobody is refused, and nobody waits longer than need be."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from programs import many_bots
from stacks import Stack

from pulumi_poe.emulator import Emulator

pytestmark = pytest.mark.both_shells

BOTS = 1000
POES_LIMIT = 500
SPEED = 6
"""A minute of the limit, on both sides, is 10 seconds."""

FASTER_CLOCK = f"""
    import time
    from pulumi_poe.core.poe.pacing import Pacer

    Pacer.__init__.__kwdefaults__.update(
        clock=lambda: time.monotonic() * {SPEED}, sleep=lambda seconds: time.sleep(seconds / {SPEED})
    )
"""


@pytest.mark.long
def test_a_thousand_bots_are_created_as_fast_as_poes_limit_allows(stack: Stack, poe: Emulator, tmp_path: Path) -> None:
    # Python runs it at the start of every process, the plugin's too.
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(FASTER_CLOCK))
    stack.environment |= {"PYTHONPATH": str(tmp_path), "PULUMI_SKIP_CHECKPOINTS": "true"}
    poe.options.requests_per_minute = POES_LIMIT
    poe.options.clock_speed = SPEED

    stack.program(many_bots(BOTS)).up("--skip-preview", "--parallel=64").succeeded()

    assert len(poe.bots()) == BOTS
    took = (poe.requests[-1].received - poe.requests[0].received) * SPEED
    allowed = (len(poe.requests) - 1) // POES_LIMIT * 60
    refused = sum(request.status == 429 for request in poe.requests)
    print(f"{len(poe.requests)} requests, {refused} refused; took {took:.1f} s, the limit allows {allowed} s")
    assert took <= 1.1 * allowed
    assert refused < len(poe.requests) / 100
