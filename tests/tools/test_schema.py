"""The schema is that of the model, and says of it what has to be said to Pulumi."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_poe.core.bot.model import KINDS, Bot
from pulumi_poe.core.bot.shape import properties
from pulumi_poe.core.poe.settings import CONFIG_KEYS
from pulumi_poe.spelling import camel_case
from tools import schema

SCHEMA: dict[str, Any] = json.loads(schema.SCHEMA.read_text("utf-8"))
BOT: dict[str, Any] = SCHEMA["resources"]["poe:index:Bot"]


def places(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every object of the file, and where it is."""
    if isinstance(value, dict):
        yield path, value
        for name, inner in value.items():
            yield from places(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, f"{path}/{number}")


def test_the_schema_is_that_of_the_model_of_today() -> None:
    """If it is not: `make schema`."""
    assert schema.SCHEMA.read_text("utf-8") == schema.source()


def test_a_bot_has_the_properties_of_the_model() -> None:
    assert sorted(BOT["properties"]) == sorted(map(camel_case, properties(Bot)))
    assert sorted(BOT["inputProperties"]) == sorted([*BOT["properties"], "adopt"])
    assert BOT["requiredInputs"] == BOT["required"] == ["handle"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_control_has_the_properties_of_the_model(kind: str) -> None:
    controls = SCHEMA["types"]["poe:index:Tab"]["properties"]["controls"]["items"]
    place = controls["discriminator"]["mapping"][kind]
    assert {"$ref": place} in controls["oneOf"]
    control = SCHEMA["types"][place.removeprefix("#/types/")]
    fields = properties(KINDS[kind])
    assert sorted(control["properties"]) == sorted(map(camel_case, fields))
    assert control["properties"]["control"]["const"] == kind
    assert sorted(control["required"]) == sorted(camel_case(name) for name in fields if not hasattr(KINDS[kind], name))


def test_every_type_that_is_named_is_there() -> None:
    named = {found["$ref"].removeprefix("#/types/") for _, found in places(SCHEMA) if "$ref" in found}
    assert named - {"pulumi.json#/Any"} <= set(SCHEMA["types"])


def test_the_engine_is_told_of_no_replacement_by_the_schema() -> None:
    """Generated SDKs make the resource option of it, and the engine then replaces whatever the diff says."""
    assert [path for path, found in places(SCHEMA) if "replaceOnChanges" in found] == []
    assert [path for path, found in places(SCHEMA) if "willReplaceOnChanges" in found] == [
        "/resources/poe:index:Bot/properties/handle",
        "/resources/poe:index:Bot/inputProperties/handle",
    ]


def test_no_setting_has_a_default() -> None:
    """It would be written into the state, also where it is that of the environment: a key in clear."""
    assert [path for path, found in places(SCHEMA) if {"default", "defaultInfo"} & set(found)] == []


def test_keys_are_secrets() -> None:
    keys = [found for path, found in places(SCHEMA) if path.endswith("/apiKey")]
    assert len(keys) == 5
    assert all(found["secret"] for found in keys)


def test_a_provider_takes_every_setting() -> None:
    assert list(SCHEMA["provider"]["inputProperties"]) == list(SCHEMA["config"]["variables"]) == list(CONFIG_KEYS)


def test_a_bot_of_the_dynamic_shell_becomes_one_of_this() -> None:
    assert BOT["aliases"] == [{"type": "pulumi-python:dynamic/poe:Bot"}]


def test_every_property_and_every_function_says_what_it_is_for() -> None:
    unsaid = [
        f"{path}/{name}"
        for path, found in places(SCHEMA)
        if path.rpartition("/")[2] in ("properties", "inputProperties", "variables")
        for name, one in found.items()
        if not one.get("description") and "const" not in one
    ]
    assert [path for path in unsaid if "Operand" not in path and "Condition/" not in path] == []
    assert all(function["description"] for function in SCHEMA["functions"].values())


def test_no_description_speaks_of_python() -> None:
    said = [(path, found["description"]) for path, found in places(SCHEMA) if isinstance(found.get("description"), str)]
    assert said
    for path, whole in said:
        text = whole.partition("{{% examples %}}")[0]  # one of them is in Python
        for word in (":func:", ":class:", ":param", "Decimal", "None", "True", "pulumi_poe", "::", "get_secret"):
            assert word not in text, path


def test_a_bot_takes_what_an_endpoint_has_also_in_yaml() -> None:
    """Whose host refuses to assign a choice, even to itself."""
    outputs = SCHEMA["resources"]["poe:index:Endpoint"]["properties"]
    assert outputs["apiType"]["$ref"] == outputs["supportedFeatures"]["items"]["$ref"] == "pulumi.json#/Any"
