"""What is found out about endpoints, on real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from endpoints import ENDPOINT_KEY, Endpoint, served_by

from pulumi_poe.doctor.endpoints import Finding, examine, hosts_of


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as running:
        yield running


def outcomes(findings: list[Finding]) -> dict[str, str]:
    """The outcome of each check but that of the address, which here is always this machine's."""
    return {finding.check: finding.outcome for finding in findings if finding.check != "settings"}


def failure(findings: list[Finding]) -> Finding:
    (found,) = [finding for finding in findings if finding.outcome == "failed"]
    assert found.advice
    return found


def test_an_endpoint_that_is_as_it_should_be(endpoint: Endpoint) -> None:
    findings = examine([served_by(endpoint.url)], completion=True)

    assert outcomes(findings) == {
        "DNS": "ok",
        "TLS": "skipped",
        "/models": "ok",
        "completion": "ok",
        "usage of completion": "ok",
        "streaming": "ok",
        "usage of streaming": "ok",
    }


def test_an_address_of_this_machine_is_a_warning_because_poe_can_not_reach_it(endpoint: Endpoint) -> None:
    (found,) = [one for one in examine([served_by(endpoint.url)]) if one.check == "settings"]
    assert (found.outcome, found.about) == ("warning", "bot 'Bot'")


def test_nothing_is_asked_of_a_model_unless_wanted(endpoint: Endpoint) -> None:
    examine([served_by(endpoint.url)])
    assert [(method, path) for method, path, _, _ in endpoint.requests] == [("GET", "/v1/models")]


def test_an_endpoint_of_many_bots_is_asked_once(endpoint: Endpoint) -> None:
    bots = [served_by(endpoint.url + "/" * (number % 2), f"Bot-{number}") for number in range(20)]
    assert len(outcomes(examine(bots))) == 3
    assert len(endpoint.requests) == 1


def test_the_responses_api_is_asked_in_its_own_words(endpoint: Endpoint) -> None:
    findings = examine([served_by(endpoint.url, api_type="responses_api")], completion=True)

    assert set(outcomes(findings).values()) == {"ok", "skipped"}
    assert [path for _, path, _, _ in endpoint.requests] == ["/v1/models", "/v1/responses", "/v1/responses"]


@pytest.mark.parametrize("api_type", ["chat_completions_api", "responses_api"])
def test_usage_that_is_not_reported_fails_because_poe_charges_by_it(endpoint: Endpoint, api_type: str) -> None:
    endpoint.usage = False

    findings = examine([served_by(endpoint.url, api_type=api_type)], completion=True)

    assert [one.check for one in findings if one.outcome == "failed"] == ["usage of completion", "usage of streaming"]
    assert "Poe charges users by these." in findings[-1].advice


def test_an_endpoint_that_can_not_stream_fails(endpoint: Endpoint) -> None:
    endpoint.streams = False

    found = failure(examine([served_by(endpoint.url)], completion=True))

    assert found.check == "streaming"
    assert found.said == "/chat/completions answers with no stream of events: streaming is not supported"


def test_a_model_that_the_endpoint_does_not_list_is_a_warning(endpoint: Endpoint) -> None:
    findings = examine([served_by(endpoint.url, model_name="n")])
    assert (findings[-1].check, findings[-1].outcome) == ("model_name", "warning")


def test_an_endpoint_without_a_list_of_models_is_no_failure_and_its_completions_are_checked(endpoint: Endpoint) -> None:
    endpoint.models = None

    found = outcomes(examine([served_by(endpoint.url)], completion=True))

    assert (found["/models"], found["completion"]) == ("skipped", "ok")


def test_an_endpoint_that_wants_its_key_is_skipped_and_the_advice_says_how_to_give_it(endpoint: Endpoint) -> None:
    endpoint.key = ENDPOINT_KEY

    findings = examine([served_by(endpoint.url)], completion=True)

    assert findings[-1].outcome == "skipped"
    assert "--endpoint-key-env" in findings[-1].advice
    assert set(outcomes(examine([served_by(endpoint.url)], key=ENDPOINT_KEY)).values()) == {"ok", "skipped"}


def test_a_wrong_key_fails(endpoint: Endpoint) -> None:
    endpoint.key = ENDPOINT_KEY
    assert "it refuses the key" in failure(examine([served_by(endpoint.url)], key="sk-wrong")).said


def test_a_key_that_the_endpoint_repeats_is_not_shown(endpoint: Endpoint) -> None:
    endpoint.key, endpoint.status = ENDPOINT_KEY, 500

    found = failure(examine([served_by(endpoint.url)], key=ENDPOINT_KEY))

    assert "/models answers 500" in found.said
    assert ENDPOINT_KEY not in str(found)


def test_a_redirect_fails_and_is_not_followed(endpoint: Endpoint) -> None:
    endpoint.status = 302
    assert "a redirect" in failure(examine([served_by(endpoint.url)])).said
    assert len(endpoint.requests) == 1


def test_a_name_that_dns_does_not_know() -> None:
    found = failure(examine([served_by("https://nowhere.invalid/v1")]))
    assert found.said == "DNS knows no nowhere.invalid"


def test_a_port_at_which_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = failure(examine([served_by(f"https://127.0.0.1:{free.getsockname()[1]}/v1")]))
    assert "can't be reached" in found.said


def test_https_where_only_http_is_spoken(endpoint: Endpoint) -> None:
    found = failure(examine([served_by(endpoint.url.replace("http:", "https:"))]))
    assert "does not speak TLS" in found.said


def test_an_endpoint_that_does_not_answer_in_time() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        found = failure(examine([served_by(f"http://127.0.0.1:{silent.getsockname()[1]}/v1")], timeout=0.2))
    assert "did not answer within 0.2 s" in found.said


@pytest.mark.parametrize(
    "settings",
    [{"base_url": "http://llm.example.com/v1"}, {"base_url": "https://me:secret@llm.example.com/v1"}, {"base_url": 7}],
)
def test_an_address_that_the_checks_refuse_is_not_asked_and_not_shown(settings: dict[str, Any]) -> None:
    (found,) = examine([{"handle": "Bot", "api_bot_settings": settings}], key=ENDPOINT_KEY)
    assert (found.check, found.outcome) == ("settings", "failed")
    assert "secret" not in str(found)


def test_a_key_would_go_to_these_hosts() -> None:
    bots = [served_by("https://a.example.com/v1"), served_by("https://A.example.com/v2"), served_by("https://b:8/v1")]
    assert hosts_of(bots) == ["a.example.com", "b:8"]
