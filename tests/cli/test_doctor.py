"""`pulumi-poe doctor`, on a local Poe and on endpoints that misbehave."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from endpoints import ENDPOINT_KEY, Endpoint, served_by

from pulumi_poe.emulator import Emulator

Run = Callable[..., tuple[int, str, str]]


def test_doctor_checks_the_endpoints_of_all_api_bots(call: Run, poe: Emulator) -> None:
    with Endpoint() as endpoint:
        poe.seed(poe.api_key, served_by(endpoint.url, "Good-Bot"))
        poe.seed(poe.api_key, {"handle": "Prompt-Bot"})

        code, output, _ = call("doctor", "--completion")

    assert code == 0
    assert "ok      key and account: 1 API bot and 1 other bot" in output
    assert "ok      usage of streaming: 3 prompt_tokens and 3 completion_tokens" in output
    assert "Prompt-Bot" not in output


def test_doctor_has_nothing_against_an_endpoint_on_the_machine_of_the_local_poe(call: Run, poe: Emulator) -> None:
    with Endpoint() as endpoint:
        poe.seed(poe.api_key, served_by(endpoint.url, "Good-Bot"))
        _, output, _ = call("doctor")

    assert "warning" not in output


def test_doctor_exits_1_if_something_failed_and_says_what_to_do(call: Run, poe: Emulator) -> None:
    with Endpoint(usage=False) as endpoint:
        poe.seed(poe.api_key, served_by(endpoint.url, "Poor-Bot"))
        code, output, _ = call("doctor", "poor.bot", "--completion", "--json")

    assert code == 1
    failed = [finding for finding in json.loads(output) if finding["outcome"] == "failed"]
    assert {finding["about"] for finding in failed} == {"bot 'Poor-Bot'"}
    assert all(finding["advice"] for finding in failed)


def test_doctor_says_that_the_account_may_not_use_api_bots(call: Run, poe: Emulator) -> None:
    for status in (401, 404):
        poe.options.not_enabled_status = status
        code, output, _ = call("doctor")
        assert code == 1
        assert "not enabled for API bots" in output


@pytest.mark.usefixtures("acme")
def test_doctor_names_what_is_not_there_and_what_is_no_api_bot(call: Run) -> None:
    code, output, _ = call("doctor", "Prompt-Bot", "Nobody")
    assert code == 1
    assert "failed  API bot: it is none: it has no api_bot_settings\n" in output
    assert "Only an API bot has an endpoint to check." in output
    assert "bot 'Nobody'" in output


def test_the_endpoints_key_goes_to_its_endpoint_and_into_no_output(
    call: Run, poe: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_KEY", ENDPOINT_KEY)
    with Endpoint(key=ENDPOINT_KEY) as endpoint:
        poe.seed(poe.api_key, served_by(endpoint.url, "Good-Bot"))
        code, output, errors = call("doctor", "--endpoint-key-env", "THE_KEY")

    assert code == 0
    assert [shown for *_, shown in endpoint.requests] == [f"Bearer {ENDPOINT_KEY}"]
    assert ENDPOINT_KEY not in output + errors


def test_a_key_is_not_sent_to_several_hosts(call: Run, poe: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", ENDPOINT_KEY)
    with Endpoint() as one, Endpoint() as other:
        poe.seed(poe.api_key, served_by(one.url, "One-Bot"))
        poe.seed(poe.api_key, served_by(other.url, "Other-Bot"))
        code, _, errors = call("doctor", "--endpoint-key-env", "THE_KEY")

    assert code == 2
    assert "The key would be sent to 2 hosts" in errors
    assert one.requests == other.requests == []


@pytest.mark.usefixtures("poe")
def test_a_variable_without_a_key_is_wrong_usage(call: Run) -> None:
    code, _, errors = call("doctor", "--endpoint-key-env", "NOT_SET")
    assert code == 2
    assert "The environment has no key in NOT_SET." in errors
