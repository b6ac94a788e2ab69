"""Which account a bot, a Provider or a function gets, and what is refused: in programs under Pulumi's mocks."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, NoReturn

import pulumi
import pytest
from pulumi.resource import DependencyProviderResource
from pulumi.runtime.config import set_all_config
from pulumi.runtime.settings import ROOT, SETTINGS
from pulumi.runtime.stack import run_pulumi_func

import pulumi_poe
from pulumi_poe.core.poe.settings import CONFIG_KEYS
from pulumi_poe.spelling import snake_case

STACK = {"poe:apiKey": "canary-of-the-stack", "poe:apiUrl": "https://stack.example"}
UNKNOWN_RESOURCE = "urn:pulumi:dev::tested::pulumi:providers:pulumi-python::given"


class Registered(pulumi.runtime.Mocks):
    """Keeps the inputs of every resource, by its name."""

    def __init__(self) -> None:
        self.inputs: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.inputs[args.name] = {name: opened(value) for name, value in args.inputs.items()}
        return args.name, args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> NoReturn:
        raise AssertionError(args.token)


class InThisThread(ThreadPoolExecutor):
    """In threads the SDK's mocks make event loops, and close none."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(function(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


def opened(value: Any) -> Any:
    """What is in a secret, after it is said that it is one."""
    return ("secret", value["value"]) if isinstance(value, dict) and "value" in value else value


@pytest.fixture(autouse=True)
def no_poe_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in CONFIG_KEYS:
        monkeypatch.delenv(f"POE_{snake_case(key).upper()}", raising=False)


def run(program: Callable[[], object], config: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """The inputs of what a program registers, by name. What it sets is forgotten afterwards."""
    registered = Registered()

    def declare() -> None:
        program()

    async def inside() -> None:
        asyncio.get_running_loop().set_default_executor(InThisThread())
        # The SDK leaves futures of a failed program. Collected later, each logged a traceback in the midst of another
        # test, where Python 3.11 parses source for it: one that was being parsed just then failed.
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        # What a program that failed left behind, and the stack of another test.
        SETTINGS.rpc_manager.clear()
        SETTINGS.outputs.clear()
        ROOT.set(None)
        pulumi.runtime.set_mocks(registered, preview=False)
        set_all_config(config or {}, [])
        await run_pulumi_func(declare)

    # In a context of its own, in which Pulumi keeps its settings.
    copy_context().run(lambda: asyncio.run(inside()))
    return registered.inputs


def error_of(program: Callable[[], object], config: dict[str, str] | None = None) -> str:
    with pytest.raises(pulumi.RunError) as raised:
        run(program, config)
    assert "canary" not in str(raised.value)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def declare(arguments: dict[str, Any]) -> None:
    """Declare a Provider. Outputs are made within the program."""
    pulumi_poe.Provider("other", **{name: one() if callable(one) else one for name, one in arguments.items()})


def provider(config: dict[str, str] | None = None, **arguments: Any) -> dict[str, Any]:
    """The inputs of a Provider that is given these arguments."""
    return run(lambda: declare(arguments), config)["other"]


# --- what a Provider is given -----------------------------------------------------------------------


def test_a_provider_takes_every_setting_that_stack_config_knows() -> None:
    parameters = inspect.signature(pulumi_poe.Provider).parameters
    assert list(parameters) == ["resource_name", "opts", *map(snake_case, CONFIG_KEYS)]
    assert parameters["resource_name"].kind is inspect.Parameter.POSITIONAL_ONLY
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in list(parameters.values())[2:])
    assert all(one.default is None for one in list(parameters.values())[1:])


def test_every_parameter_of_a_provider_is_described() -> None:
    described = inspect.getdoc(pulumi_poe.Provider) or ""
    names = inspect.signature(pulumi_poe.Provider).parameters
    assert [name for name in names if f":param {name}:" not in described] == []


def test_values_are_given_to_the_engine_as_text() -> None:
    given = provider(
        api_key=" k ",
        api_url="https://own.example",
        request_timeout=2.5,
        operation_timeout=90,
        preview_timeout=lambda: pulumi.Output.from_input(4.0),
        attempts=3,
        requests_per_minute=lambda: pulumi.Output.from_input(100.0),
        log_level="debug",
        adopt=lambda: ["A", pulumi.Output.from_input("B")],
    )

    assert given == {
        "poe:apiKey": ("secret", "k"),
        "poe:apiUrl": "https://own.example",
        "poe:requestTimeout": "2.5",
        "poe:operationTimeout": "90",
        "poe:previewTimeout": "4",
        "poe:attempts": "3",
        "poe:requestsPerMinute": "100",
        "poe:logLevel": "debug",
        "poe:adopt": '["A", "B"]',
        "poe:provider": "other",
    }


def test_what_is_missing_comes_from_the_stack_config_and_an_empty_value_there_is_missing() -> None:
    config = {**STACK, "poe:attempts": "3", "poe:adopt": "A", "poe:logLevel": " "}

    of_stack = {**STACK, "poe:apiKey": ("secret", STACK["poe:apiKey"])}
    assert provider(config) == {**of_stack, "poe:attempts": "3", "poe:adopt": "A"}
    assert provider(config, attempts=5, adopt=[]) == {**of_stack, "poe:attempts": "5", "poe:adopt": "[]"}


def test_nothing_comes_from_the_environment_through_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POE_API_KEY", "POE_ATTEMPTS"):
        monkeypatch.setenv(name, "7")

    assert provider() == {}


def test_a_key_of_its_own_goes_to_the_address_of_the_stack_or_to_poe() -> None:
    assert provider(STACK, api_key="k")["poe:apiUrl"] == "https://stack.example"
    assert provider(api_key="k")["poe:apiUrl"] == "https://api.poe.com"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8787", "https://poe.example"])
def test_a_key_of_its_own_does_not_go_to_an_address_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("POE_API_URL", url)

    error = error_of(lambda: pulumi_poe.Provider("other", api_key="canary"), {"poe:apiKey": "canary-of-the-stack"})

    assert error.startswith("Provider 'other': its api_key is not sent to POE_API_URL")
    assert "`pulumi config set poe:apiUrl`" in error


def test_an_address_of_its_own_or_of_the_stack_goes_before_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POE_API_URL", "http://127.0.0.1:8787")

    assert provider(STACK, api_key="k")["poe:apiUrl"] == "https://stack.example"
    assert provider(api_key="k", api_url="https://own.example")["poe:apiUrl"] == "https://own.example"


def test_without_a_key_of_its_own_the_address_of_the_environment_is_left_to_the_plugin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POE_API_URL", "http://127.0.0.1:8787")

    assert provider(attempts=3) == {"poe:attempts": "3"}


@pytest.mark.parametrize("config", [None, STACK])
def test_no_other_key_goes_to_an_address_of_its_own(config: dict[str, str] | None) -> None:
    error = error_of(lambda: pulumi_poe.Provider("other", api_url="https://own.example"), config)

    assert error.startswith("Provider 'other': api_url is given without api_key")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"api_key": ""}, "its api_key is empty"),
        ({"api_key": lambda: pulumi.Output.from_input(" ")}, "its api_key is empty"),
        ({"api_key": lambda: pulumi.Output.from_input(None)}, "its api_key is empty"),
        ({"api_key": "k", "api_url": ""}, "its api_url is empty"),
        ({"api_key": "canary\n2"}, "poe:apiKey (from the Provider 'other') holds a character"),
        ({"api_key": {"key": "canary"}}, "its api_key can't be of the type dict"),
        ({"api_key": b"canary"}, "its api_key can't be of the type bytes"),
        ({"api_key": lambda: pulumi.Output.from_input(["canary"])}, "its api_key can't be of the type list"),
        ({"api_key": "k", "api_url": "http://a.example"}, "poe:apiUrl would send the key over an open connection"),
        ({"attempts": 0}, "poe:attempts is not a whole number above 0"),
        ({"attempts": 1.5}, "poe:attempts is not a whole number above 0"),
        ({"request_timeout": True}, "poe:requestTimeout is not a number of seconds above 0"),
        ({"log_level": "loud"}, "poe:logLevel is none of debug, info"),
        ({"adopt": [1]}, "poe:adopt is not a list of handles"),
        ({"adopt": [b"Acme"]}, "poe:adopt is not a list of handles"),
        ({"adopt": {"Acme", "Acme-Two"}}, "its adopt can't be of the type set"),
    ],
)
def test_a_setting_that_can_not_be_used_ends_the_program_in_one_line(arguments: dict[str, Any], says: str) -> None:
    assert error_of(lambda: declare(arguments)).startswith(f"Provider 'other': {says}")


# --- the provider of a bot --------------------------------------------------------------------------

Options = Callable[[], pulumi.ResourceOptions]


def bare(**settings: str) -> pulumi.ProviderResource:
    return pulumi.ProviderResource("pulumi-python", "bare", settings)


def dice() -> pulumi.ProviderResource:
    return pulumi.ProviderResource("random", "dice")


def team(**options: Any) -> pulumi.ComponentResource:
    return pulumi.ComponentResource("acme:index:Team", "team", None, pulumi.ResourceOptions(**options))


def give(chosen: pulumi.ProviderResource) -> pulumi.ResourceTransformation:
    return lambda made: pulumi.ResourceTransformationResult(made.props, pulumi.ResourceOptions(provider=chosen))


REFUSED: dict[str, tuple[Options, str]] = {
    "of another package": (
        lambda: pulumi.ResourceOptions(provider=dice()),
        "its provider 'dice' is for 'random' and not for Poe",
    ),
    "of another package, in a map": (
        lambda: pulumi.ResourceOptions(providers={"pulumi-python": dice()}),
        "its provider 'dice' is for 'random' and not for Poe",
    ),
    "of another package, in the map of a parent": (
        lambda: pulumi.ResourceOptions(parent=team(providers={"pulumi-python": dice()})),
        "its provider 'dice' is for 'random' and not for Poe",
    ),
    "without settings": (lambda: pulumi.ResourceOptions(provider=bare()), "its provider 'bare' has no poe:apiKey"),
    "without settings, in a list": (
        lambda: pulumi.ResourceOptions(providers=[bare()]),
        "its provider 'bare' has no poe:apiKey",
    ),
    "without settings, from a parent": (
        lambda: pulumi.ResourceOptions(parent=team(provider=bare())),
        "its provider 'bare' has no poe:apiKey",
    ),
    "without settings, from a transformation": (
        lambda: pulumi.ResourceOptions(transformations=[give(bare())]),
        "its provider 'bare' has no poe:apiKey",
    ),
    "without poe: before its settings": (
        lambda: pulumi.ResourceOptions(provider=bare(apiKey="canary")),
        "its provider 'bare' has no poe:apiKey",
    ),
    "without a key": (
        lambda: pulumi.ResourceOptions(provider=bare(**{"poe:apiUrl": "https://a.example"})),
        "its provider 'bare' has no poe:apiKey",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bot_is_refused_with_a_provider(case: str) -> None:
    options, says = REFUSED[case]

    error = error_of(lambda: pulumi_poe.Bot("live", options(), handle="Live-Bot"))

    assert error.startswith(f"Bot 'live': {says}")
    assert "pulumi_poe.Provider(" in error


def test_a_bot_is_refused_with_a_plain_provider_whose_key_would_not_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POE_API_URL", "http://127.0.0.1:8787")
    settings = {"poe:apiKey": "canary"}

    error = error_of(
        lambda: pulumi_poe.Bot("live", pulumi.ResourceOptions(provider=bare(**settings)), handle="Live-Bot")
    )

    assert error.startswith("Bot 'live': its api_key is not sent to POE_API_URL")


@pytest.mark.parametrize("key", [None, "", " "])
def test_a_bot_is_refused_with_a_plain_provider_whose_key_turns_out_to_be_empty(key: str | None) -> None:
    def program() -> None:
        plain = pulumi.ProviderResource("pulumi-python", "plain", {"poe:apiKey": key})
        pulumi_poe.Bot("live", pulumi.ResourceOptions(provider=plain), handle="Live-Bot")

    assert error_of(program).startswith("ProviderResource 'plain': its poe:apiKey is empty")


def test_the_engine_is_not_told_of_a_bot_that_is_refused() -> None:
    registered = Registered()

    def program() -> None:
        pulumi.runtime.set_mocks(registered, preview=False)
        pulumi_poe.Bot("live", pulumi.ResourceOptions(parent=team(provider=bare())), handle="Live-Bot")

    error_of(program)

    assert set(registered.inputs) == {"bare", "team"}


ACCEPTED: dict[str, Options] = {
    "none": pulumi.ResourceOptions,
    "an account": lambda: pulumi.ResourceOptions(provider=pulumi_poe.Provider("other", api_key="k")),
    "the stack's account": lambda: pulumi.ResourceOptions(provider=pulumi_poe.Provider("other")),
    "an account, from a parent": lambda: pulumi.ResourceOptions(
        parent=team(providers=[pulumi_poe.Provider("other", api_key="k"), dice()])
    ),
    "of another package, from a parent": lambda: pulumi.ResourceOptions(parent=team(providers=[dice()])),
    "of another package, for its children": lambda: pulumi.ResourceOptions(providers=[dice()]),
    "a plain one with a key": lambda: pulumi.ResourceOptions(provider=bare(**{"poe:apiKey": "k"})),
    "one that a component was given": lambda: pulumi.ResourceOptions(
        provider=DependencyProviderResource(f"{UNKNOWN_RESOURCE}::id")
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_a_bot_is_accepted_with_a_provider(case: str) -> None:
    made = run(lambda: pulumi_poe.Bot("live", ACCEPTED[case](), handle="Live-Bot"))
    assert made["live"]["handle"] == "Live-Bot"


# --- the provider of a function ---------------------------------------------------------------------

FUNCTIONS: dict[str, Callable[[pulumi.InvokeOptions], object]] = {
    "get_bot 'b'": lambda opts: pulumi_poe.get_bot("b", opts),
    "get_bots 'b'": lambda opts: pulumi_poe.get_bots("b", opts=opts),
    "get_bot_output": lambda opts: pulumi_poe.get_bot_output("b", opts),
    "get_bots_output": lambda opts: pulumi_poe.get_bots_output(opts=opts),
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_refused_with_a_provider_that_a_bot_is_refused_with(function: str) -> None:
    error = error_of(lambda: FUNCTIONS[function](pulumi.InvokeOptions(provider=bare())))

    assert error.startswith(f"{function}: its provider 'bare' has no poe:apiKey")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_does_not_guess_the_settings_that_it_can_not_see(function: str) -> None:
    def program() -> object:
        given = DependencyProviderResource(f"{UNKNOWN_RESOURCE}::id")
        return FUNCTIONS[function](pulumi.InvokeOptions(provider=given))

    assert error_of(program).startswith(f"{function}: the settings of a provider are not known")


@pytest.mark.parametrize("function", ["get_bot 'b'", "get_bots 'b'"])
@pytest.mark.parametrize("parent", [False, True])
def test_with_a_key_that_is_an_output_the_plain_form_says_to_use_the_other_one(function: str, parent: bool) -> None:
    def program() -> object:
        other = pulumi_poe.Provider("other", api_key=pulumi.Output.secret("canary"), attempts=2)
        opts = pulumi.InvokeOptions(parent=team(provider=other)) if parent else pulumi.InvokeOptions(provider=other)
        return FUNCTIONS[function](opts)

    error = error_of(program)

    assert error.startswith(f"{function}: of its provider, api_key can only be waited for")
    assert f"Use {function.split()[0]}_output." in error
