"""Where every setting comes from, and what is refused."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.core.errors import SettingsError
from pulumi_poe.core.poe import settings as module
from pulumi_poe.core.poe.settings import (
    CONFIG_KEYS,
    DEFAULT_API_URL,
    PROVIDER,
    Settings,
    environment_name,
    of_provider,
)
from pulumi_poe.core.values.urls import is_loopback

KEY = "poe-canary-key"
SECONDS = {
    "requestTimeout": ("POE_REQUEST_TIMEOUT", "request_timeout", 30.0),
    "operationTimeout": ("POE_OPERATION_TIMEOUT", "operation_timeout", 60.0),
    "previewTimeout": ("POE_PREVIEW_TIMEOUT", "preview_timeout", 5.0),
}


def load(config: Mapping[str, Any] | None = None, /, **environment: str) -> Settings:
    return Settings.load({f"poe:{name}": value for name, value in (config or {}).items()}.get, environment)


# --- where from -------------------------------------------------------------------------------------


def test_without_any_setting_poe_itself_is_meant_and_there_is_no_key() -> None:
    settings = load()
    assert (settings.api_url, settings.api_key) == (DEFAULT_API_URL, None)
    assert (settings.adopt, settings.missing_is_gone) == (frozenset(), frozenset())


def test_the_key_comes_from_stack_config_before_the_environment() -> None:
    assert load({"apiKey": "of-config"}, POE_API_KEY="of-environment").api_key == "of-config"


def test_the_key_comes_from_the_environment_where_stack_config_has_none() -> None:
    assert load(POE_API_KEY=KEY).api_key == KEY


def test_the_address_comes_from_stack_config_before_the_environment() -> None:
    settings = load({"apiUrl": "https://config.example"}, POE_API_URL="https://environment.example")
    assert settings.api_url == "https://config.example"


def test_the_address_comes_from_the_environment_where_stack_config_has_none() -> None:
    assert load(POE_API_URL="http://127.0.0.1:8787").api_url == "http://127.0.0.1:8787"


@pytest.mark.parametrize(("key", "variable", "name", "default"), [(key, *rest) for key, rest in SECONDS.items()])
def test_seconds_come_from_stack_config_then_the_environment_then_the_default(
    key: str, variable: str, name: str, default: float
) -> None:
    assert getattr(load({key: "7"}, **{variable: "8.5"}), name) == 7
    assert getattr(load(**{variable: "8.5"}), name) == 8.5
    assert getattr(load(), name) == default


@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_an_empty_value_counts_as_unset(empty: str) -> None:
    settings = load({"apiKey": empty, "requestTimeout": empty, "adopt": empty}, POE_API_KEY=KEY, POE_API_URL=empty)
    assert settings.api_key == KEY
    assert settings.api_url == DEFAULT_API_URL
    assert settings.request_timeout == 30
    assert settings.adopt == frozenset()


def test_white_space_around_a_key_is_not_part_of_it() -> None:
    assert load(POE_API_KEY=f" {KEY}\n").api_key == KEY


# --- mixed settings ---------------------------------------------------------------------------------


def test_the_key_of_stack_config_is_not_sent_to_an_address_of_the_environment() -> None:
    settings = load({"apiKey": "real-key"}, POE_API_URL="http://127.0.0.1:8787", POE_API_KEY="local-key")
    assert settings.api_key == "local-key"


def test_an_address_of_the_environment_without_a_key_there_says_why_the_stacks_key_is_not_used() -> None:
    settings = load({"apiKey": "real-key"}, POE_API_URL="http://127.0.0.1:8787")
    assert settings.api_key is None
    with pytest.raises(SettingsError, match="POE_API_URL comes from the environment, so the key must too"):
        settings.require_key()


def test_an_address_of_stack_config_takes_a_key_of_either_place() -> None:
    assert load({"apiUrl": "https://a.example"}, POE_API_KEY=KEY).api_key == KEY
    assert load({"apiUrl": "https://a.example", "apiKey": KEY}).api_key == KEY


def test_an_address_of_the_environment_that_stack_config_overrules_leaves_the_stacks_key() -> None:
    settings = load({"apiUrl": "https://a.example", "apiKey": "of-config"}, POE_API_URL="https://b.example")
    assert (settings.api_url, settings.api_key) == ("https://a.example", "of-config")


# --- a Provider of a program ------------------------------------------------------------------------


def test_the_keys_of_stack_config_are_those_of_the_table_and_each_has_its_variable() -> None:
    rows = re.findall(r"^``poe:(\w+)``[^`]* ``(POE_\w+)``", module.__doc__ or "", flags=re.MULTILINE)
    assert [key for key, _ in rows] == list(CONFIG_KEYS)
    assert [environment_name(key) for key in CONFIG_KEYS] == [name for _, name in rows]


def test_what_a_provider_is_given_goes_before_what_the_stack_has() -> None:
    own, stack = {"apiKey": "of-own", "attempts": "5"}, {"apiKey": "of-stack", "apiUrl": "https://a.example"}
    assert of_provider(own, {**stack, "logLevel": "debug"}, {}) == {**stack, **own, "logLevel": "debug"}


def test_a_provider_takes_nothing_from_the_environment() -> None:
    assert of_provider({}, {}, {"POE_API_KEY": KEY, "POE_ATTEMPTS": "5"}) == {}


def test_a_key_of_its_own_has_an_address_beside_it() -> None:
    assert of_provider({"apiKey": KEY}, {}, {})["apiUrl"] == DEFAULT_API_URL
    assert of_provider({"apiKey": KEY}, {}, {"POE_API_URL": " "})["apiUrl"] == DEFAULT_API_URL


def test_a_key_of_its_own_does_not_go_to_an_address_that_only_the_environment_has() -> None:
    environment = {"POE_API_URL": "http://127.0.0.1:8787"}
    with pytest.raises(SettingsError, match="its api_key is not sent to POE_API_URL"):
        of_provider({"apiKey": KEY}, {"apiKey": "of-stack"}, environment)
    assert of_provider({"apiKey": KEY}, {"apiUrl": "https://a.example"}, environment)["apiUrl"] == "https://a.example"


def test_no_key_but_its_own_goes_to_an_address_of_its_own() -> None:
    with pytest.raises(SettingsError, match="api_url is given without api_key"):
        of_provider({"apiUrl": "https://a.example"}, {"apiKey": "of-stack"}, {"POE_API_KEY": KEY})


def test_a_key_of_a_provider_is_named_as_such() -> None:
    assert load({"apiKey": KEY, PROVIDER: "other"}).api_key_source == "poe:apiKey in the Provider 'other'"
    with pytest.raises(SettingsError, match=r"^poe:apiKey \(from the Provider 'other'\) holds a character"):
        load({"apiKey": "a b", PROVIDER: "other"})


# --- the key ----------------------------------------------------------------------------------------


def test_a_missing_key_is_asked_for_with_both_places_and_where_keys_are_made() -> None:
    with pytest.raises(SettingsError) as raised:
        load().require_key()
    for name in ("pulumi config set --secret poe:apiKey", "POE_API_KEY", "https://poe.com/api/keys"):
        assert name in str(raised.value)


@pytest.mark.parametrize(
    ("config", "environment", "source"),
    [
        ({"apiKey": KEY}, {}, "poe:apiKey in the stack config"),
        ({}, {"POE_API_KEY": KEY}, "POE_API_KEY in the environment"),
        ({}, {}, "neither poe:apiKey in the stack config nor POE_API_KEY in the environment"),
    ],
)
def test_where_the_key_came_from_is_known(config: dict[str, str], environment: dict[str, str], source: str) -> None:
    assert load(config, **environment).api_key_source == source


def test_the_key_is_not_shown_with_the_settings() -> None:
    assert KEY not in repr(load({"apiKey": KEY}))


@pytest.mark.parametrize("between", [" ", "\n", "\r", "\t", "\u00a0", "\u200b", "ä", "\x00", "\x7f"])
def test_a_key_with_a_character_that_no_header_holds_is_refused_without_being_shown(between: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load({"apiKey": f"canary{between}tail"})
    assert "poe:apiKey" in str(raised.value)
    assert f"U+{ord(between):04X}" in str(raised.value)
    assert "canary" not in str(raised.value)
    assert "tail" not in str(raised.value)


# --- the address ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://api.poe.com",
        "https://proxy.example:8443/poe",
        "http://127.0.0.1:8787",
        "http://127.9.9.9",
        "http://localhost:1",
        "http://LOCALHOST:1",
        "http://[::1]:8787",
    ],
)
def test_https_and_this_machine_are_good_addresses(url: str) -> None:
    assert load({"apiUrl": url}).api_url == url.lower()


def test_a_slash_at_the_end_of_an_address_makes_no_difference() -> None:
    assert load({"apiUrl": "https://proxy.example/poe//"}).api_url == "https://proxy.example/poe"


@pytest.mark.parametrize(
    "url", ["http://api.poe.com", "http://192.168.0.1", "http://0.0.0.0", "http://localhost.example"]
)
def test_an_address_where_the_key_could_be_read_on_the_way_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="would send the key over an open connection"):
        load({"apiUrl": url})


@pytest.mark.parametrize(
    "url",
    [
        "api.poe.com",
        "https://",
        "https://:443",
        "https://[::1",
        "https://a.example:99999",
        "https://ä..b",
        "poe",
        "ftp://127.0.0.1",
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="poe:apiUrl is not an https URL"):
        load({"apiUrl": url})


@pytest.mark.parametrize("url", ["https://a\n.example", "https://a\t.example", "https://a b.example", "https://a/\x00"])
def test_an_address_with_white_space_or_control_characters_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        load({"apiUrl": url})


@pytest.mark.parametrize("url", ["https://a.example?x=1", "https://a.example/#x", "https://a.example?"])
def test_an_address_with_a_query_or_fragment_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="query or fragment"):
        load({"apiUrl": url})


def test_a_password_in_an_address_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError, match="user name or password") as raised:
        load({"apiUrl": "https://user:canary@a.example"})
    assert "canary" not in str(raised.value)


def test_an_address_that_can_not_be_used_is_named_as_it_was_set() -> None:
    with pytest.raises(SettingsError, match=r"^POE_API_URL "):
        load(POE_API_URL="http://api.poe.com")


def test_the_host_for_messages_is_that_of_the_address() -> None:
    assert load({"apiUrl": "https://proxy.example:8443/poe"}).host == "proxy.example:8443"


@pytest.mark.parametrize(
    ("url", "is_here"),
    [("http://127.0.0.1:8787", True), ("http://[::1]:8787", True), ("https://api.poe.com", False)],
)
def test_poe_is_here_if_its_address_is_one_of_this_machine(url: str, is_here: bool) -> None:
    assert load({"apiUrl": url}).poe_is_here is is_here


@pytest.mark.parametrize("host", ["127.0.0.1", "127.255.0.1", "::1", "localhost"])
def test_addresses_of_this_machine_are_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "poe.com", "10.0.0.1", "0.0.0.0", "127.0.0.1.example", "::2"],  # noqa: S104 -- nothing listens there
)
def test_all_other_hosts_are_not_loopback(host: str) -> None:
    assert not is_loopback(host)


# --- seconds and lists ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0", "-1", "soon", "nan", "inf", "1e999", "30s"])
@pytest.mark.parametrize("key", SECONDS)
def test_what_is_no_number_of_seconds_above_0_is_refused_by_name(key: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"poe:{key} is not a number of seconds above 0"):
        load({key: text})


@pytest.mark.parametrize("text", ["Acme-A,acme_b", " Acme-A , acme_b, ", '["Acme-A", "acme_b"]'])
def test_handles_to_adopt_are_a_list_in_any_spelling(text: str) -> None:
    assert load({"adopt": text}).adopt == {"acmea", "acmeb"}


def test_handles_to_adopt_may_come_from_the_environment() -> None:
    assert load(POE_ADOPT="Acme-A").adopt == {"acmea"}


@pytest.mark.parametrize("text", ["[", '["a", 1]', '[{"a": 1}]'])
def test_what_is_no_list_of_handles_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="poe:adopt is not a list of handles"):
        load({"adopt": text})


def test_missing_bots_are_declared_gone_only_in_the_environment_of_one_run() -> None:
    assert load({"missingIsGone": "Acme-A"}).missing_is_gone == frozenset()
    assert load({"missingIsGone": "Acme-A"}, POE_MISSING_IS_GONE="Acme-B").missing_is_gone == {"acmeb"}


@given(st.dictionaries(st.sampled_from(["apiKey", "apiUrl", "requestTimeout", "adopt"]), st.text()))
def test_whatever_stack_config_holds_the_only_error_is_one_of_settings(config: dict[str, str]) -> None:
    with contextlib.suppress(SettingsError):
        assert load(config).api_url.startswith("http")


@pytest.mark.parametrize(
    ("key", "good", "wrong"),
    [
        ("attempts", "3", ["0", "-1", "1.5", "many", "9999999"]),
        ("requestsPerMinute", "240", ["0", "1e3", "nan"]),
        ("logLevel", "Debug", ["loud", "10"]),
    ],
)
def test_each_further_setting_takes_what_it_can_use_and_names_itself_otherwise(
    key: str, good: str, wrong: list[str]
) -> None:
    name = {"attempts": "attempts", "requestsPerMinute": "requests_per_minute", "logLevel": "log_level"}[key]
    assert str(getattr(load({key: good}), name)) == good.lower()
    assert str(getattr(load(**{f"POE_{name.upper()}": good}), name)) == good.lower()
    for value in wrong:
        with pytest.raises(SettingsError, match=f"poe:{key} is "):
            load({key: value})


def test_the_address_to_accept_is_only_taken_from_the_environment_and_spelled_as_the_address_is() -> None:
    assert load({"acceptAddress": "https://a.example"}).accept_address is None
    settings = load({"apiUrl": "https://A.example/"}, POE_ACCEPT_ADDRESS="HTTPS://a.example")
    assert settings.accept_address == settings.api_url == "https://a.example"


def test_a_provider_with_handles_to_adopt_is_not_told_to_add_to_the_stacks_which_it_may_not_take() -> None:
    with_a_list = Settings.load({"poe:provider": "other", "poe:apiKey": "k", "poe:adopt": "Acme"}.get, {})
    without = Settings.load({"poe:provider": "other", "poe:apiKey": "k"}.get, {})
    assert with_a_list.how_to_adopt("Their-Bot") == "set adopt=True on it"
    assert without.how_to_adopt("Their-Bot").endswith("or run `pulumi config set poe:adopt Their-Bot`")
