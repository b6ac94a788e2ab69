"""The bot of each example: created, previewed, updated, refreshed, imported and destroyed by the real engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import by_hand
import pytest
from canaries import ENDPOINT_KEY, assert_no_key_was_seen
from languages import DESCRIPTION, LANGUAGES, Language, Project, steps

from pulumi_poe.emulator import Emulator

ON_POE: dict[str, Any] = {
    "base_url": "https://llm.example.com/v1",
    "api_type": "chat_completions_api",
    "model_name": "acme/reasoner-2",
    "api_key": ENDPOINT_KEY,
    "context_size": 131072,
    "pricing": {"prompt": "0.0000004", "completion": "0.0000016"},
    "param_definitions": [{"param_name": "style", "param_dest": "extra_body", "default_value": "short"}],
}
CONTROL = {
    "control": "drop_down",
    "label": "Style",
    "parameter_name": "style",
    "default_value": "short",
    "options": [{"name": "Short", "value": "short"}, {"name": "Long", "value": "long"}],
}


def writes(poe: Emulator) -> list[Any]:
    """The bodies of what was sent, and forget all requests."""
    found = [one.body for one in poe.requests if one.method != "GET"]
    poe.requests.clear()
    return found


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_the_whole_life_of_the_bot_of_an_example(
    new_project: Callable[[Language], Project], poe: Emulator, language: Language
) -> None:
    project = new_project(language)
    stack = project.stack

    assert steps(stack.preview("--diff").succeeded()) == "+ 2 to create"
    assert writes(poe) == []

    stack.up().succeeded()
    (bot,) = poe.bots()
    assert bot["description"] == DESCRIPTION
    assert {name: bot["api_bot_settings"][name] for name in ON_POE} == ON_POE
    (section,) = bot["parameter_controls"]["sections"]
    assert [{name: one[name] for name in CONTROL} for one in section["controls"]] == [CONTROL]
    assert stack.outputs() == {"bot": bot["handle"]}
    writes(poe)

    stack.up("--expect-no-changes", "--skip-preview").succeeded()
    assert list(poe.requests) == []

    project.replace(DESCRIPTION, "Thinks again.")
    assert f'~ description: "{DESCRIPTION}" => "Thinks again."' in stack.preview("--diff").succeeded().output
    stack.up().succeeded()
    assert writes(poe) == [{"description": "Thinks again."}]

    by_hand.edit(poe, description="by hand")
    assert '~ description: "Thinks again." => "by hand"' in stack.refresh("--diff").succeeded().output
    stack.up().succeeded()
    assert writes(poe) == [{"description": "Thinks again."}]

    stack.pulumi("state", "delete", project.bot()["urn"], "--yes", check=True)
    command = ("import", "poe:index:Bot", "reasoner", bot["handle"], "--yes", "--protect=false")
    stack.pulumi(*command, "--generate-code=false", check=True)
    assert writes(poe) == []
    # Poe never shows the endpoint's key, so it is all that differs.
    shown = stack.preview("--diff").succeeded()
    assert steps(shown) == "~ 1 to update 1 unchanged"
    assert "+ apiKey: [secret]" in shown.output
    stack.up().succeeded()
    assert writes(poe) == [{"api_bot_settings": {"api_key": ENDPOINT_KEY}}]
    stack.up("--expect-no-changes", "--skip-preview").succeeded()

    stack.destroy().succeeded()
    assert poe.bots() == []
    assert [run for run in stack.runs if run.tracebacks] == []
    assert_no_key_was_seen(stack)
