"""Existing bots as a program: it gives what Poe has, and whatever they hold stays text."""

from __future__ import annotations

import ast
import doctest
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hand_made import DESCRIPTIONS, HANDLES, hand_made, not_api_bots
from hypothesis import strategies as st
from some_bots import BOTS, FULL, answer_to

import pulumi_poe.importing
from pulumi_poe.core.bot import comparing
from pulumi_poe.core.bot.declaring import existing
from pulumi_poe.importing import builders, import_file, program_of
from pulumi_poe.importing.names import RESERVED, Names
from pulumi_poe.importing.python_source import comment, evaluated, quoted, written

MODULES = [file.stem for file in Path(pulumi_poe.importing.__file__).parent.glob("*.py") if file.stem != "__init__"]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_give_what_they_say(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"pulumi_poe.importing.{name}")).failed == 0


def test_the_page_of_the_package_names_its_modules() -> None:
    assert [name for name in MODULES if f"``{name}``" not in (pulumi_poe.importing.__doc__ or "")] == []


# --- source -----------------------------------------------------------------------------------------


@hypothesis.given(st.text() | st.text("'\"\\\n{}#"))
def test_a_string_is_written_as_what_it_is(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text
    assert len(quoted(text).splitlines()) == 1


@hypothesis.given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner) | st.tuples(inner, inner),
    )
)
def test_a_value_is_written_as_what_it_is(value: Any) -> None:
    assert ast.literal_eval(written(value)) == value


@hypothesis.given(st.text())
def test_a_comment_is_a_comment_on_every_line(text: str) -> None:
    assert all(line.startswith("# ") for line in comment(text).splitlines())


# --- names ------------------------------------------------------------------------------------------


def test_names_are_given_once() -> None:
    names = Names(["a"])
    assert [names.unique(name, "_") for name in ("a", "a", "a_2", "b")] == ["a_2", "a_3", "a_2_2", "b"]


@pytest.mark.parametrize("handle", [*HANDLES, "...", "é", "日本", "a b", "x" * 100])
def test_any_handle_gives_a_variable_that_hides_nothing(handle: str) -> None:
    program = program_of([existing({"handle": handle, "api_bot_settings": {}})])
    names = [ast.unparse(node.targets[0]) for node in ast.parse(program.text).body if isinstance(node, ast.Assign)]
    assert [name for name in names if name in RESERVED - {"config"}] == []


def test_names_that_the_stack_has_are_not_given_again() -> None:
    program = program_of([existing({"handle": "Acme"})], taken=["acme"])
    assert [bot.name for bot in program.bots] == ["acme-2"]


# --- builders ---------------------------------------------------------------------------------------


@hypothesis.given(BOTS)
def test_prices_and_controls_mean_what_poe_has(declared: dict[str, Any]) -> None:
    bot = existing(answer_to(declared))
    (imported,) = program_of([bot]).bots
    assert comparing.differing(imported.declared, bot.declared) == []


@pytest.mark.parametrize(
    "pricing",
    [
        {"prompt": "0.0000010", "completion": "0.0000000000"},
        {"prompt": "0.000003", "context_pricing": {"tiers": [{"min_tokens": 0, "prompt": "0.000000011"}]}},
        {"context_pricing": {"tiers": [{"min_tokens": 1, "max_tokens": 2, "prompt": "0"}, {"min_tokens": 2}]}},
    ],
)
def test_prices_go_through_the_builders_where_those_are_exact(pricing: dict[str, Any]) -> None:
    call = builders.pricing(pricing)
    assert written(call).startswith("per_million(")
    assert '"tiers"' not in written(call)
    assert comparing.same(("api_bot_settings", "pricing"), evaluated(call), pricing)


@pytest.mark.parametrize(
    "tiers",
    [
        [{"min_tokens": 1, "max_tokens": 2, "prompt": "0"}, {"min_tokens": 5, "prompt": "0"}],
        [{"max_tokens": 2, "prompt": "0"}],
        [{"min_tokens": 1, "max_tokens": 2, "prompt": "0"}],
        [],
    ],
)
def test_tiers_that_the_builder_can_not_make_are_written_as_they_are(tiers: list[Any]) -> None:
    pricing = {"prompt": "0.000001", "context_pricing": {"tiers": tiers}}
    text = written(builders.pricing(pricing))
    assert text.startswith('per_million(input="1", context_pricing={"tiers": [')


def test_controls_that_the_builders_can_not_make_are_written_as_they_are() -> None:
    assert builders.controls({"sections": []}) is None
    assert builders.controls({"api_version": "2", "sections": [{"controls": [{"control": "new"}]}]}) is None


def test_controls_of_every_kind_go_through_the_builders() -> None:
    call = builders.controls(FULL["parameter_controls"])
    assert call is not None
    for name in ("section", "toggle", "when", "drop_down", "slider", "text_area", "number_field", "aspect_ratio"):
        assert f"{name}(" in written(call)


# --- program and state ------------------------------------------------------------------------------


def test_what_a_bot_holds_is_never_run(tmp_path: Path) -> None:
    evil = '"); open("ran", "w")  # \n\\N{BULLET}\'\'\''
    bots: list[dict[str, Any]] = [
        {"handle": evil, "description": evil, evil: 1, "api_bot_settings": {"model_name": evil, "base_url": evil}},
        {
            "handle": "Evil",
            "description": evil,
            "api_bot_settings": {evil: {}, "base_url": "https://x.example.com/\u2028"},
        },
    ]
    bots += [{"handle": f"B-{number}", "description": text} for number, text in enumerate(DESCRIPTIONS)]
    text = program_of(map(existing, bots)).text

    calls = {
        node.func.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert calls == {"Bot"}
    (tmp_path / "bots.py").write_text(text, encoding="utf-8")
    stub = "class _:\n    def __getattr__(self, n): return lambda *a, **k: self\n"
    run = f"import sys\n{stub}sys.modules.update(pulumi=_(), pulumi_poe=_())\nimport bots"
    done = subprocess.run([sys.executable, "-c", run], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists()


def test_bots_of_one_endpoint_share_a_key_that_is_read_from_config() -> None:
    settings = {"model_name": "m", "base_url": "https://llm.example.com/v1"}
    other = {"model_name": "m", "base_url": "https://llm.example.com/v2"}
    bots = [{"handle": f"Bot-{number}", "api_bot_settings": settings} for number in range(3)]
    bots += [{"handle": "Other", "api_bot_settings": other}, {"handle": "None", "api_bot_settings": {}}]

    program = program_of(map(existing, bots))

    assert program.config_keys == {
        "endpointKeyLlmExampleCom": "https://llm.example.com/v1",
        "endpointKeyLlmExampleCom2": "https://llm.example.com/v2",
        "endpointKeyImported": None,
    }
    assert program.text.count('"api_key": endpoint_key_llm_example_com,') == 3
    assert all("api_key" not in bot.declared.get("api_bot_settings", {}) for bot in program.bots)


def test_a_bot_whose_handle_is_refused_has_no_key_to_set_because_that_would_be_a_change() -> None:
    program = program_of([existing({"handle": "a b", "api_bot_settings": {"model_name": "m"}})])
    assert program.config_keys == {}
    assert "get_secret" not in program.text


def test_the_import_file_has_inputs_and_outputs_and_the_provider_in_both() -> None:
    program = program_of(map(existing, [*hand_made(3), *not_api_bots()]))

    file = import_file(program.bots, lambda declared: {**declared, "__seen": 1})

    for resource, bot in zip(file["resources"], program.bots, strict=True):
        provider = resource["inputs"].pop("__provider")
        assert provider == resource["outputs"].pop("__provider")
        assert len(provider) < 80  # by reference
        assert resource["type"] == "pulumi-python:dynamic/poe:Bot"
        assert resource["id"] == bot.declared["handle"]
        assert resource["inputs"] == bot.declared
        assert resource["outputs"] == {**bot.declared, "__seen": 1}
    json.dumps(file)


def test_an_empty_account_gives_an_empty_program() -> None:
    assert program_of([]).bots == []
