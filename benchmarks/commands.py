"""How quickly the ``pulumi-poe`` command answers."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from pulumi_poe.emulator import Emulator

from .report import Section, verdict

HELP_LIMIT = 0.25
"""Seconds that ``pulumi-poe --help`` may take beyond ``python -c pass``."""

IMPORT_LIMIT = 3.0
"""Seconds for 300 bots, before Pulumi's part."""

BOTS = 300

_COMMAND = [sys.executable, "-c", "from pulumi_poe.cli import main; main()"]


def measure(processes: int) -> Section:
    """Time the help and an import, in fresh processes.

    :param processes: how many of each.
    """
    nothing = _median([sys.executable, "-c", "pass"], processes)
    helped = _median([*_COMMAND, "--help"], processes) - nothing
    with Emulator() as poe, tempfile.TemporaryDirectory(prefix="pulumi-poe-bench-") as folder:
        for number in range(BOTS):
            poe.seed(poe.api_key, _bot(number))
        environment = {"POE_API_URL": poe.url, "POE_API_KEY": poe.api_key}
        out = str(Path(folder) / "out")
        imported = _median([*_COMMAND, "import", "--all", "--force", "--out", out], min(processes, 5), environment)
    rows = [
        ["pulumi-poe --help, beyond python -c pass", f"{helped:.2f}", f"{HELP_LIMIT:g}", verdict(helped, HELP_LIMIT)],
        [
            f"pulumi-poe import --all, {BOTS} bots",
            f"{imported:.2f}",
            f"{IMPORT_LIMIT:g}",
            verdict(imported, IMPORT_LIMIT),
        ],
    ]
    return Section("The pulumi-poe command", "Seconds, medians of fresh processes.", ["", "median", "limit", ""], rows)


def _median(command: list[str], processes: int, environment: Mapping[str, str] | None = None) -> float:
    def seconds() -> float:
        begun = time.perf_counter()
        subprocess.run(command, env={**os.environ, **(environment or {})}, capture_output=True, check=True)
        return time.perf_counter() - begun

    seconds()  # compiles the modules and reads them from the disk
    return statistics.median(seconds() for _ in range(processes))


def _bot(number: int) -> dict[str, object]:
    toggle = {"control": "toggle_switch", "label": "Think", "parameter_name": "think", "default_value": True}
    return {
        "handle": f"Bench-{number}",
        "api_bot_settings": {
            "model_name": "model-1",
            "base_url": "https://llm.example.com/v1",
            "pricing": {"prompt": "0.0000004", "completion": "0.0000016"},
            "param_definitions": [{"param_name": "think", "param_dest": "extra_body", "default_value": True}],
        },
        "parameter_controls": {"api_version": "2", "sections": [{"name": "Thinking", "controls": [toggle]}]},
    }
