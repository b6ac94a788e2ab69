"""What people import: complete, sorted, described, and light."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest

import pulumi_poe
from pulumi_poe.core.bot.handles import page_of
from pulumi_poe.tokens import BOT_TYPE

ROOT = Path(__file__).parents[1]
PUBLIC: list[str] = pulumi_poe.__all__  # type: ignore[attr-defined]  # made when asked for; a checker has the names
NOT_FOR_A_PROGRAM = (
    "httpx", "pydantic", "pydantic_core", "tenacity", "click", "rich", "starlette", "uvicorn",
    "pulumi_poe.core.poe.client", "pulumi_poe.testing",
)  # fmt: skip


def test_the_exported_names_are_sorted() -> None:
    assert sorted(PUBLIC) == PUBLIC


def test_type_checkers_see_the_names_of_the_same_modules() -> None:
    source = ast.parse(inspect.getsource(pulumi_poe))
    imports = [node for node in ast.walk(source) if isinstance(node, ast.ImportFrom) and node.level]
    assert {f"{node.module}" for node in imports} == {f"program.{module}" for module in pulumi_poe._MODULES}
    assert {alias.name for node in imports for alias in node.names} == {"*"}


def test_no_name_is_that_of_two_modules() -> None:
    assert len(set(PUBLIC)) == len(PUBLIC)


def test_the_exported_names_are_offered_to_those_who_ask_for_them() -> None:
    assert set(PUBLIC) <= set(dir(pulumi_poe))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'pulumi_poe' has no attribute 'Bott'"):
        _ = pulumi_poe.Bott  # type: ignore[attr-defined]  # which a checker sees too


def test_the_package_itself_loads_nothing_slow() -> None:
    program = "import sys, pulumi_poe; print({'pulumi', 'httpx', 'pydantic'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "set()\n"


@pytest.mark.parametrize("statement", ["import pulumi_poe.testing", "from pulumi_poe import testing"])
def test_what_is_for_tests_can_be_imported_in_both_ways(statement: str) -> None:
    program = f"import pulumi_poe\n{statement}\nprint(pulumi_poe.testing.Mocks.__module__)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == (
        "pulumi_poe.testing\n"
    )


def test_a_dynamic_provider_of_a_program_may_refer_to_the_package() -> None:
    program = (
        "import dill, pulumi_poe\n"
        "class Own:\n    def price(self): return pulumi_poe.per_million(input='1')\n"
        "print(dill.loads(dill.dumps(Own(), recurse=True)).price(), dill.loads(dill.dumps(pulumi_poe)) is pulumi_poe)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "{'prompt': '0.000001'} True\n", done.stderr


@pytest.mark.parametrize("name", PUBLIC)
def test_every_exported_name_is_one_of_this_package(name: str) -> None:
    assert getattr(pulumi_poe, name).__module__.startswith("pulumi_poe.")
    assert not isinstance(getattr(pulumi_poe, name), ModuleType)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_exported_name_has_a_docstring_of_its_own(name: str) -> None:
    exported = getattr(pulumi_poe, name)
    assert exported.__doc__
    for base in getattr(exported, "__mro__", [])[1:]:
        assert exported.__doc__ != base.__doc__


def test_bot_takes_what_the_contract_says() -> None:
    parameters = inspect.signature(pulumi_poe.Bot).parameters
    assert list(parameters) == [
        "resource_name", "opts", "handle", "description", "is_private", "api_bot_settings", "parameter_controls",
        "adopt", "extra",
    ]  # fmt: skip
    assert parameters["resource_name"].kind is inspect.Parameter.POSITIONAL_ONLY
    assert parameters["opts"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in list(parameters.values())[2:])
    assert {name: one.default for name, one in parameters.items() if one.default is not one.empty} == {
        "opts": None,
        "description": None,
        "is_private": None,
        "api_bot_settings": None,
        "parameter_controls": None,
        "adopt": False,
        "extra": None,
    }


def test_endpoint_takes_what_the_contract_says() -> None:
    parameters = inspect.signature(pulumi_poe.Endpoint).parameters
    assert list(parameters) == [
        "resource_name", "opts", "base_url", "model_name", "api_key", "api_type", "supported_features",
        "input_modalities", "wait", "checks", "triggers",
    ]  # fmt: skip
    assert parameters["resource_name"].kind is inspect.Parameter.POSITIONAL_ONLY
    required = {name for name, one in parameters.items() if one.default is one.empty}
    assert required == {"resource_name", "base_url", "model_name"}


def test_every_parameter_of_bot_is_described() -> None:
    described = inspect.getdoc(pulumi_poe.Bot) or ""
    missing = [name for name in inspect.signature(pulumi_poe.Bot).parameters if f":param {name}:" not in described]
    assert missing == []


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules that a program has loaded once it declares bots and does nothing else."""
    program = "import sys, pulumi_poe; pulumi_poe.Bot, pulumi_poe.controls; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", NOT_FOR_A_PROGRAM)
def test_a_program_does_not_load(loaded: set[str], module: str) -> None:
    assert "pulumi_poe.program.bot" in loaded
    assert module not in loaded


def test_the_package_tells_that_it_is_typed() -> None:
    assert files(pulumi_poe).joinpath("py.typed").is_file()


def test_the_package_tells_the_engine_that_it_brings_no_plugin_of_its_own() -> None:
    assert '"resource": false' in files(pulumi_poe).joinpath("pulumi-plugin.json").read_text()


def test_the_package_brings_no_command_by_whose_name_the_engine_looks_for_a_plugin() -> None:
    """On PATH, as in every environment, the engine would warn of it in every Python program."""
    assert [one.name for one in distribution("pulumi-poe").entry_points] == ["pulumi-poe"]


def test_the_repository_has_no_links_which_the_pulumi_cli_would_not_install() -> None:
    listed = subprocess.run(["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line for line in listed.stdout.splitlines() if line.startswith("120000")] == []


def test_the_type_of_a_bot_is_the_one_that_is_in_states() -> None:
    resource_type = f"{pulumi_poe.Bot._resource_type_name}"
    assert f"pulumi-python:{resource_type}" == BOT_TYPE == "pulumi-python:dynamic/poe:Bot"


def test_the_page_of_a_bot() -> None:
    assert page_of("Acme-Reasoner") == "https://poe.com/Acme-Reasoner"
    assert page_of("a/b?") == "https://poe.com/a%2Fb%3F"


def test_a_handle_with_half_a_character_has_a_page_too() -> None:
    assert page_of("a\ud800") == "https://poe.com/a%3F"
