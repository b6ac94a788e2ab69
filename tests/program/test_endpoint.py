"""An endpoint, as a program declares it and as the engine is told of it."""

from __future__ import annotations

import inspect
from typing import Any

import pulumi
import pytest

import pulumi_poe
from pulumi_poe import testing
from pulumi_poe.tokens import ENDPOINT_TYPE

GOOD: dict[str, Any] = {"base_url": "https://llm.example.com/v1", "model_name": "m"}


class Derived(pulumi_poe.Endpoint, module="acme", name="Serving"):
    """An endpoint of the house."""


@pytest.mark.parametrize("kind", [pulumi_poe.Endpoint, Derived], ids=lambda kind: kind.__name__)
def test_it_has_the_type_that_is_in_states(kind: type[pulumi_poe.Endpoint]) -> None:
    assert f"pulumi-python:{kind._resource_type_name}" == ENDPOINT_TYPE == "pulumi-python:dynamic/poe:Endpoint"


def test_every_parameter_is_described_and_may_be_named_alone() -> None:
    described = inspect.getdoc(pulumi_poe.Endpoint) or ""
    parameters = inspect.signature(pulumi_poe.Endpoint).parameters
    assert [name for name in parameters if f":param {name}:" not in described] == []
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in list(parameters.values())[2:])


def declare(**arguments: Any) -> dict[str, Any]:
    """The outputs, and whether each is a secret."""
    found: dict[str, Any] = {}

    def program() -> pulumi.Output[Any]:
        # An Output belongs to the loop in which it is made.
        given = {name: value() if callable(value) else value for name, value in arguments.items()}
        endpoint = pulumi_poe.Endpoint("serving", **{**GOOD, **given})

        async def look(name: str) -> None:
            output = getattr(endpoint, name)
            found[name] = (await output.future(), await output.is_secret())

        names = ("base_url", "model_name", "api_key", "api_type", "supported_features", "wait", "checks", "triggers")
        return pulumi.Output.all(*[look(name) for name in names])

    testing.run(program)
    return found


@pytest.mark.parametrize("is_output", [False, True], ids=["plain", "output"])
def test_its_outputs_are_its_inputs_and_its_key_alone_is_a_secret(is_output: bool) -> None:
    key: Any = (lambda: pulumi.Output.from_input("sk-plain")) if is_output else "sk-plain"
    found = declare(api_key=key, supported_features=("tools",), wait=5, triggers={"a": [1]})
    assert found["api_key"] == ("sk-plain", True)
    assert found["base_url"] == (GOOD["base_url"], False)
    assert found["supported_features"] == (["tools"], False)
    assert found["triggers"] == ({"a": [1]}, False)
    assert found["api_type"] == (None, False)


def test_a_bot_that_takes_its_outputs_is_checked_with_them() -> None:
    def program() -> None:
        endpoint = pulumi_poe.Endpoint("serving", **GOOD, api_key="sk-key", input_modalities=["text"])
        pulumi_poe.Bot(
            "live",
            handle="Live-Bot",
            api_bot_settings={
                "base_url": endpoint.base_url,
                "model_name": endpoint.model_name,
                "api_key": endpoint.api_key,
                "api_type": endpoint.api_type,
                "supported_features": endpoint.supported_features,
                "input_modalities": endpoint.input_modalities,
            },
        )

    settings = testing.run(program).declared["live"]["api_bot_settings"]
    assert settings == {**GOOD, "api_key": "sk-key", "input_modalities": ["text"]}


def test_mistakes_are_those_of_a_preview() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        testing.run(lambda: pulumi_poe.Endpoint("serving", base_url="http://llm.example.com", model_name="m", wait=-1))
    assert str(raised.value).splitlines() == [
        "Endpoint 'serving': wait: must be a number of seconds, 0 or more",
        "Endpoint 'serving': base_url: must be https, such as https://llm.example.com/v1",
    ]


def test_what_json_lacks_is_refused_in_one_line_without_its_value() -> None:
    with pytest.raises(pulumi.RunError, match=r"^Endpoint 'serving': triggers: must be None, a str, .* and not set$"):
        pulumi_poe.Endpoint("serving", **GOOD, triggers={"a"})
