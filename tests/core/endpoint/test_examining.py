"""Which checks are made, and in which order."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from endpoints import Endpoint

from pulumi_poe.core.endpoint.asking import Asking
from pulumi_poe.core.endpoint.examining import ALL, examined
from pulumi_poe.core.endpoint.result import Result


def results(endpoint: Endpoint, **declared: Any) -> list[Result]:
    asking = Asking(endpoint.url, None, lambda: 5.0)
    return list(examined(asking, {"base_url": endpoint.url, "model_name": "m", **declared}))


def asked(**declared: Any) -> list[str]:
    """What the endpoint is asked: a path, or what is special about a completion."""
    with Endpoint() as endpoint:
        results(endpoint, **declared)
        found = []
        for _, path, body, _ in endpoint.requests:
            body = body or {}
            special = [name for name in ("stream", "tools") if name in body] + ["image"] * ("png" in str(body))
            found.append(special[0] if special else path.removeprefix("/v1"))
        return found


WHOLE = "/chat/completions"
BOTH = {"supported_features": ["tools"], "input_modalities": ["text", "image"]}


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({}, ["/models", WHOLE, "stream"]),
        (BOTH, ["/models", WHOLE, "stream", "tools", "image"]),
        ({**BOTH, "checks": ["reachable"]}, ["/models"]),
        ({"checks": ["models"]}, ["/models"]),
        ({"checks": ["completion"]}, [WHOLE]),
        ({"checks": ["streaming"]}, ["stream"]),
        ({"checks": ["usage"]}, [WHOLE, "stream"]),
        ({"checks": ["usage", "streaming"]}, ["stream"]),
        ({"checks": ["usage", "completion"]}, [WHOLE]),
        ({"checks": ["tools", "image"]}, []),
        ({**BOTH, "checks": ["tools"]}, ["tools"]),
        ({**BOTH, "checks": ["image"]}, ["image"]),
        ({"api_type": "responses_api", "checks": ["completion"]}, ["/responses"]),
    ],
    ids=str,
)
def test_no_more_is_asked_than_is_declared(declared: dict[str, Any], expected: list[str]) -> None:
    assert asked(**declared) == expected


@pytest.mark.parametrize("wanted", [one for n in (1, 2, 3) for one in itertools.combinations(ALL, n)], ids="+".join)
def test_a_good_endpoint_passes_whatever_is_checked(good: Endpoint, wanted: tuple[str, ...]) -> None:
    assert {one.outcome for one in results(good, checks=[*wanted], **BOTH)} <= {"ok", "skipped"}


@pytest.fixture(scope="module")
def good() -> Any:
    with Endpoint() as endpoint:
        yield endpoint


@pytest.mark.parametrize(
    ("checks", "failed"),
    [
        (None, ["usage of completion", "usage of streaming"]),
        (["usage"], ["usage of completion", "usage of streaming"]),
        (["completion", "streaming", "tools", "image"], []),
        (["completion", "usage"], ["usage of completion"]),
    ],
    ids=str,
)
def test_usage_is_looked_at_where_it_is_checked(checks: list[str] | None, failed: list[str]) -> None:
    with Endpoint(usage=False) as endpoint:
        found = results(endpoint, checks=checks, **BOTH)
    assert [one.check for one in found if one.outcome == "failed"] == failed


@pytest.mark.parametrize("where", ["completion", "streaming"])
def test_usage_in_one_of_the_two_alone_is_not_enough(where: str) -> None:
    def answering(_: str, body: Any) -> None:
        endpoint.usage = not body or body.get("stream", False) is (where == "streaming")

    with Endpoint(answering=answering) as endpoint:
        (failed,) = [one.check for one in results(endpoint) if one.outcome == "failed"]
    assert failed == ("usage of completion" if where == "streaming" else "usage of streaming")


@pytest.mark.parametrize("status", [302, 401, 404, 500, 503])
def test_what_the_list_of_models_answers_matters_only_where_no_completion_is_asked_for(status: int) -> None:
    with Endpoint(answering=lambda path, _: (status, "no") if path == "/v1/models" else None) as endpoint:
        assert {one.outcome for one in results(endpoint)} <= {"ok", "skipped"}
        failed = [one.check for one in results(endpoint, checks=["reachable"]) if one.outcome == "failed"]
        assert failed == ([] if status == 404 else ["/models"])
        assert results(endpoint, checks=["models"]) == []


def test_a_model_that_is_not_listed_fails_nothing() -> None:
    with Endpoint(models=["other"]) as endpoint:
        assert [one.check for one in results(endpoint) if one.outcome == "warning"] == ["model_name"]
        assert [one.check for one in results(endpoint, checks=["reachable"]) if one.outcome == "warning"] == []
        assert [one for one in results(endpoint) if one.outcome == "failed"] == []
