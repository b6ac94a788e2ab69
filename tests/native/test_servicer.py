"""A bot's life in the engine's words: what each call answers, and what reaches Poe."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import by_hand
import grpc  # type: ignore[import-untyped]  # a part of the SDK
import pytest
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # a part of the SDK
from pulumi.runtime.proto import provider_pb2
from stacks import OTHER_POE_KEY, POE_KEY

from pulumi_poe.emulator import Emulator, Fault
from pulumi_poe.spelling import SCHEMA

from .conftest import NOT_KNOWN, SECRET, URN, Bag, PlayedEngine, Plugin, bag, refusal, struct

BOT: Bag = {
    "handle": "Acme-Bot",
    "description": "ours",
    "apiBotSettings": {
        "modelName": "m",
        "baseUrl": "https://llm.example.com/v1",
        "apiKey": "ENDPOINT-CANARY",
        "contextSize": 4096,
    },
}
ANOTHER_RUN = "127.0.0.1:1"
"""The address of another engine, which is gone."""
KEY = {**SECRET, "value": "ENDPOINT-CANARY"}


def with_settings(**changed: Any) -> Bag:
    return {**BOT, "apiBotSettings": {**BOT["apiBotSettings"], **changed}}


def sent(poe: Emulator) -> list[str]:
    return [request.method for request in poe.requests]


def kinds(difference: Any) -> dict[str, str]:
    return {path: provider_pb2.PropertyDiff.Kind.Name(found.kind) for path, found in difference.detailedDiff.items()}


# --- create ---------------------------------------------------------------------------------------------


def test_a_bot_is_created_as_it_is_declared(plugin: Plugin, poe: Emulator) -> None:
    id_, state = plugin.up(BOT)
    assert id_ == "Acme-Bot"
    assert state["apiBotSettings"] == {**BOT["apiBotSettings"], "apiKey": KEY}
    assert state["__resource"] == URN
    (body,) = (request.body for request in poe.requests if request.method == "POST")
    assert body == {
        "handle": "Acme-Bot",
        "description": "ours",
        "api_bot_settings": {
            "model_name": "m", "base_url": "https://llm.example.com/v1", "api_key": "ENDPOINT-CANARY",
            "context_size": 4096,
        },
    }  # fmt: skip


def test_a_preview_of_a_create_returns_the_inputs_and_sends_nothing(plugin: Plugin, poe: Emulator) -> None:
    inputs, mistakes = plugin.check({**BOT, "description": NOT_KNOWN})
    assert mistakes == []
    poe.requests.clear()
    id_, state = plugin.create(inputs, preview=True)
    assert (id_, state["description"]) == ("", NOT_KNOWN)
    assert state["apiBotSettings"]["apiKey"] == KEY
    assert sent(poe) == []


def test_mistakes_are_found_before_a_create_and_name_the_users_paths(plugin: Plugin) -> None:
    _, mistakes = plugin.check(with_settings(pricing={"prompt": "-1"}, modelNmae="m", maxInputTokens=0.5))
    assert "apiBotSettings.pricing.prompt: must not be negative" in mistakes
    assert "apiBotSettings.modelNmae: there is no such property; did you mean 'modelName'?" in mistakes
    assert "apiBotSettings.maxInputTokens: must be a whole number of tokens, 0 or more" in mistakes


def test_poes_spelling_is_refused_because_the_engine_would_lose_its_secrets(plugin: Plugin) -> None:
    program = {"handle": "Acme-Bot", "is_private": True, "apiBotSettings": {"base_url": "https://x.example/v1"}}
    _, mistakes = plugin.check({**program, "extra": {"base_url": "my own"}})
    assert mistakes == ["apiBotSettings.base_url: is spelt 'baseUrl' here", "is_private: is spelt 'isPrivate' here"]


def test_extra_is_no_way_round_a_secret_in_pulumis_spelling_either(plugin: Plugin) -> None:
    _, mistakes = plugin.check({"handle": "Acme-Bot", "extra": {"apiBotSettings": {"apiKey": "sk-canary"}}})
    assert mistakes == ["extra.apiBotSettings: is a property of its own; declare it outside of extra"]


def test_no_mistake_shows_a_value(plugin: Plugin) -> None:
    inputs, mistakes = plugin.check(with_settings(apiKey={"CANARY": "CANARY-2"}, contextSize="CANARY"))
    assert mistakes
    assert "CANARY" not in str(mistakes)
    assert inputs["handle"] == "Acme-Bot"


def test_what_is_not_known_yet_is_no_mistake(plugin: Plugin) -> None:
    assert plugin.check({**BOT, "handle": NOT_KNOWN, "apiBotSettings": NOT_KNOWN})[1] == []


def test_another_resource_of_the_program_is_named_by_its_urn(plugin: Plugin) -> None:
    plugin.check(BOT)
    _, (mistake,) = plugin.check({**BOT, "handle": "acme_bot"}, urn=f"{URN}-2")
    assert mistake.startswith(f"handle: the resource '{URN}' of this program declares the bot 'acme_bot' too")


def test_a_bot_that_exists_is_refused_in_the_preview_and_in_the_create(plugin: Plugin, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-Bot", "api_bot_settings": {}})
    _, (mistake,) = plugin.check(BOT)
    assert mistake.startswith("handle: this account already has a bot 'Acme-Bot'.")
    with pytest.raises(grpc.RpcError) as raised:
        plugin.create(BOT)
    assert refusal(raised).startswith("create bot 'Acme-Bot': this account already has a bot")
    assert set(sent(poe)) == {"GET"}


def test_a_bot_that_exists_is_adopted_where_the_program_says_so(plugin: Plugin, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-Bot", "api_bot_settings": {"model_name": "old"}, "description": "old"})
    inputs, mistakes = plugin.check({**BOT, "adopt": True})
    assert mistakes == []
    assert "adopt" not in inputs
    id_, state = plugin.create(inputs)
    assert (id_, state["description"]) == ("Acme-Bot", "ours")
    assert "POST" not in sent(poe)


def test_what_says_that_a_bot_is_adopted_is_shown_under_it(plugin: Plugin, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-Bot", "api_bot_settings": {"model_name": "old"}})
    plugin.check({**BOT, "adopt": True})
    (line,) = [line for urn, line in plugin.engine.shown if urn == URN]
    assert line.startswith("bot 'Acme-Bot' is there already and is taken over. This changes")
    assert "apiBotSettings.modelName" in line


def test_a_handle_of_another_account_is_one_line(plugin: Plugin, poe: Emulator) -> None:
    poe.seed(OTHER_POE_KEY, {"handle": "Acme-Bot", "api_bot_settings": {}})
    with pytest.raises(grpc.RpcError) as raised:
        plugin.create(BOT)
    assert refusal(raised).startswith("create bot 'Acme-Bot': ")


# --- diff and update ------------------------------------------------------------------------------------


def test_what_is_the_same_is_no_change(plugin: Plugin) -> None:
    id_, state = plugin.up(BOT)
    inputs, _ = plugin.check(BOT, BOT)
    difference = plugin.diff(id_, state, inputs)
    assert difference.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert difference.hasDetailedDiff
    assert kinds(difference) == {}


def test_a_change_is_shown_by_its_leaves_and_sent_by_them(plugin: Plugin, poe: Emulator) -> None:
    id_, state = plugin.up(BOT)
    news = with_settings(contextSize=8192, pricing={"prompt": "0.000001"})
    del news["description"]
    inputs, mistakes = plugin.check(news, BOT)
    assert mistakes == []
    difference = plugin.diff(id_, state, inputs)
    assert difference.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert not difference.replaces
    assert sorted(difference.diffs) == ["apiBotSettings", "description"]
    assert kinds(difference) == {
        "apiBotSettings.contextSize": "UPDATE",
        "apiBotSettings.pricing.prompt": "ADD",
        "description": "DELETE",
    }
    poe.requests.clear()
    state = plugin.update(id_, state, inputs)
    assert state["apiBotSettings"]["contextSize"] == 8192
    (body,) = (request.body for request in poe.requests if request.method != "GET")
    assert "base_url" not in str(body)


def test_a_preview_of_an_update_returns_the_inputs_and_sends_nothing(plugin: Plugin, poe: Emulator) -> None:
    id_, state = plugin.up(BOT)
    poe.requests.clear()
    shown = plugin.update(id_, state, {**BOT, "description": NOT_KNOWN}, preview=True)
    assert shown["description"] == NOT_KNOWN
    assert sent(poe) == []


def test_another_handle_is_another_bot(plugin: Plugin) -> None:
    id_, state = plugin.up(BOT)
    difference = plugin.diff(id_, state, {**BOT, "handle": "Other-Bot"})
    assert list(difference.replaces) == ["handle"]
    assert kinds(difference) == {"handle": "UPDATE_REPLACE"}
    assert not difference.deleteBeforeReplace
    assert "is replaced by a new bot 'Other-Bot'" in plugin.engine.shown[-1][1]


def test_the_same_handle_in_another_spelling_is_the_same_bot(plugin: Plugin) -> None:
    id_, state = plugin.up(BOT)
    assert kinds(plugin.diff(id_, state, {**BOT, "handle": "acme_bot"})) == {}
    difference = plugin.diff(id_, state, {**BOT, "handle": "acme_bot", "description": "new"})
    assert kinds(difference) == {"description": "UPDATE"}
    assert not difference.replaces


def test_an_unknown_handle_plans_no_replacement(plugin: Plugin) -> None:
    id_, state = plugin.up(BOT)
    assert not plugin.diff(id_, state, {**BOT, "handle": NOT_KNOWN}).replaces


def test_a_state_of_the_dynamic_shell_is_understood_and_written_anew(plugin: Plugin, poe: Emulator) -> None:
    id_, state = plugin.up(BOT)
    of_dynamic = {
        "handle": "Acme-Bot",
        "description": "ours",
        "api_bot_settings": {
            "model_name": "m", "base_url": "https://llm.example.com/v1", "api_key": "ENDPOINT-CANARY",
            "context_size": 4096.0,
        },
        "__fingerprint": state["__fingerprint"],
        "__provider": "pickled",
    }  # fmt: skip
    assert plugin.check(BOT, {name: value for name, value in of_dynamic.items() if name != "__fingerprint"})[1] == []
    difference = plugin.diff(id_, of_dynamic, BOT)
    assert kinds(difference) == {}
    assert difference.changes == provider_pb2.DiffResponse.DIFF_SOME
    poe.requests.clear()
    assert plugin.update(id_, of_dynamic, BOT) == state
    assert sent(poe) == []


def test_a_read_keeps_the_words_of_the_dynamic_shell_so_that_the_engine_finds_its_secrets(plugin: Plugin) -> None:
    id_, state = plugin.up({**BOT, "extra": {"newField": 1}})
    settings = {"model_name": "m", "base_url": "https://llm.example.com/v1", "api_key": "ENDPOINT-CANARY"}
    of_dynamic = {
        "handle": "Acme-Bot",
        "api_bot_settings": settings,
        "extra": {"newField": 1},
        "__fingerprint": state["__fingerprint"],
        "__provider": "pickled",
    }
    _, read, inputs = plugin.read(id_, of_dynamic)
    assert inputs == {
        "handle": "Acme-Bot",
        "api_bot_settings": {**settings, "api_key": KEY},
        "extra": {"newField": 1},
        "__provider": "pickled",
    }
    assert read == {**inputs, "__fingerprint": state["__fingerprint"], "__resource": URN}


# --- read and delete ------------------------------------------------------------------------------------


def test_drift_is_read_into_state_and_inputs(plugin: Plugin, poe: Emulator) -> None:
    id_, state = plugin.up(BOT)
    by_hand.edit(poe, description="by hand")
    plugin.begin(engine=ANOTHER_RUN)
    found, properties, inputs = plugin.read(id_, state)
    assert (found, properties["description"], inputs["description"]) == (id_, "by hand", "by hand")
    assert not [name for name in inputs if name.startswith("_")]
    assert properties["apiBotSettings"]["apiKey"] == inputs["apiBotSettings"]["apiKey"] == KEY


def test_a_bot_that_is_gone_has_no_id(plugin: Plugin, poe: Emulator) -> None:
    id_, state = plugin.up(BOT)
    by_hand.delete(poe, "Acme-Bot")
    plugin.begin(engine=ANOTHER_RUN)
    assert plugin.read(id_, state) == ("", {}, {})


def test_a_bot_is_deleted_for_good(plugin: Plugin, poe: Emulator) -> None:
    id_, state = plugin.up(BOT)
    plugin.begin(engine=ANOTHER_RUN)
    plugin.delete(id_, state)
    assert poe.bots() == []


def test_a_bot_that_goes_to_another_resource_in_one_run_is_kept(plugin: Plugin, poe: Emulator) -> None:
    id_, state = plugin.up(BOT)
    plugin.begin(engine=ANOTHER_RUN)
    plugin.up({**BOT, "adopt": True}, urn=f"{URN}-renamed")
    plugin.delete(id_, state)
    assert [bot["handle"] for bot in poe.bots()] == ["Acme-Bot"]


def test_an_import_has_all_that_a_program_can_declare(plugin: Plugin, poe: Emulator) -> None:
    poe.seed(POE_KEY, {
        "handle": "Acme-Bot", "description": "d", "is_private": False,
        "api_bot_settings": {"model_name": "m", "base_url": "https://llm.example.com/v1", "api_key": "NEVER-SHOWN"},
    })  # fmt: skip
    id_, state, inputs = plugin.read("acme_bot")
    assert id_ == "acme_bot"
    assert inputs == {
        "handle": "Acme-Bot", "description": "d", "isPrivate": False,
        "apiBotSettings": {"modelName": "m", "baseUrl": "https://llm.example.com/v1"},
    }  # fmt: skip
    assert state["__fingerprint"]
    assert "NEVER-SHOWN" not in str(state)
    checked, mistakes = plugin.check(inputs, inputs)
    assert mistakes == []
    assert kinds(plugin.diff(id_, state, checked)) == {}


def test_after_an_import_the_endpoints_key_is_one_leaf_and_one_patch(plugin: Plugin, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-Bot", "api_bot_settings": {"model_name": "m", "base_url": "https://a.example"}})
    id_, state, inputs = plugin.read("Acme-Bot")
    news = {**inputs, "apiBotSettings": {**inputs["apiBotSettings"], "apiKey": "new"}}
    assert kinds(plugin.diff(id_, state, news)) == {"apiBotSettings.apiKey": "ADD"}
    poe.requests.clear()
    plugin.update(id_, state, news)
    assert [(one.method, one.body) for one in poe.requests if one.method != "GET"] == [
        ("PATCH", {"api_bot_settings": {"api_key": "new"}})
    ]


def test_an_import_of_a_bot_that_is_not_there_has_no_id(plugin: Plugin, poe: Emulator) -> None:
    assert plugin.read("Nothing-Here")[0] == ""
    assert plugin.read("--")[0] == ""
    assert {request.path for request in poe.requests} == {"/bots", "/bots/Nothing-Here"}


def test_an_import_of_another_kind_of_bot_is_refused(plugin: Plugin, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Prompt-Bot"})
    with pytest.raises(grpc.RpcError) as raised:
        plugin.read("Prompt-Bot")
    assert refusal(raised) == (
        "import bot 'Prompt-Bot': this account's bot of this handle is no API bot (it has no apiBotSettings). Nothing "
        "was imported."
    )


def test_an_import_says_what_it_leaves_out(plugin: Plugin, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-Bot", "new_field": 1, "api_bot_settings": {"base_url": "http://a.example"}})
    assert plugin.read("Acme-Bot")[2] == {"handle": "Acme-Bot", "description": "", "isPrivate": True}
    assert plugin.engine.shown[-1][1] == (
        "bot 'Acme-Bot': not imported is what a program can't declare: new_field, apiBotSettings.baseUrl."
    )


# --- functions ------------------------------------------------------------------------------------------


def test_a_bot_is_looked_up_in_any_spelling(plugin: Plugin, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-Bot", "description": "d", "api_bot_settings": {"context_size": 10}})
    assert plugin.invoke("getBot", handle="acme_bot", preview=True) == {
        "handle": "Acme-Bot", "description": "d", "isPrivate": True, "apiBotSettings": {"contextSize": 10.0},
        "url": "https://poe.com/Acme-Bot",
    }  # fmt: skip


def test_a_bot_that_is_looked_up_has_all_that_the_schema_says(plugin: Plugin, poe: Emulator) -> None:
    controls = {"api_version": "2", "sections": []}
    poe.seed(POE_KEY, {"handle": "Acme-Bot", "api_bot_settings": {}, "parameter_controls": controls})
    found = json.loads(SCHEMA.read_text("utf-8"))["types"]["poe:index:FoundBot"]
    assert plugin.invoke("getBot", handle="acme-bot").keys() == found["properties"].keys()


def test_bots_are_listed_with_one_request(plugin: Plugin, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-One", "is_private": False, "api_bot_settings": {}})
    poe.seed(POE_KEY, {"handle": "Other", "api_bot_settings": {}})
    assert plugin.invoke("getBots")["handles"] == ["Acme-One", "Other"]
    assert plugin.invoke("getBots", private=False)["handles"] == ["Acme-One"]
    assert [bot["handle"] for bot in plugin.invoke("getBots", prefix="oth")["bots"]] == ["Other"]
    assert sent(poe) == ["GET"]


@pytest.mark.skipif(not hasattr(provider_pb2, "ListRequest"), reason="the lowest SDK has no such message")
def test_api_bots_are_listed_for_an_engine_that_looks_for_them(plugin: Plugin, poe: Emulator) -> None:
    poe.seed(POE_KEY, {"handle": "Acme-One", "is_private": False, "api_bot_settings": {}})
    poe.seed(POE_KEY, {"handle": "Acme-Two", "api_bot_settings": {}})
    poe.seed(POE_KEY, {"handle": "Acme-Prompt"})
    assert plugin.list() == ["Acme-One", "Acme-Two"]
    assert plugin.list(limit=1) == ["Acme-One"]
    assert plugin.list(private=True, prefix="acme") == ["Acme-Two"]
    assert sent(poe) == ["GET"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("getBot", "getBot 'Nothing': the account of this key has no such bot."),
        ("getModels", "there is no function 'poe:index:getModels'. Use getBot or getBots."),
    ],
)
def test_what_a_function_can_not_find_is_one_line(plugin: Plugin, name: str, message: str) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        plugin.invoke(name, handle="Nothing")
    assert refusal(raised).startswith(message)


# --- settings -------------------------------------------------------------------------------------------


def test_the_key_is_a_secret_and_nothing_is_added(plugin: Plugin) -> None:
    answer = plugin.stub.CheckConfig(provider_pb2.CheckRequest(news=struct({"apiKey": "CANARY", "attempts": "3"})))
    assert bag(answer.inputs) == {"apiKey": {**SECRET, "value": "CANARY"}, "attempts": "3"}
    marked = {"apiUrl": {**SECRET, "value": "u"}, "apiKey": {**SECRET, "value": NOT_KNOWN}}
    for settings in ({}, marked):
        assert bag(plugin.stub.CheckConfig(provider_pb2.CheckRequest(news=struct(settings))).inputs) == settings


def test_a_setting_that_is_not_known_in_all_of_its_parts_is_not_looked_at(plugin: Plugin) -> None:
    settings = struct({"adopt": ["Acme-Bot", NOT_KNOWN], "attempts": "3"})
    urn = "urn:pulumi:dev::project::pulumi:providers:poe::partner"
    assert not plugin.stub.CheckConfig(provider_pb2.CheckRequest(urn=urn, news=settings)).failures


def test_changed_settings_replace_nothing(plugin: Plugin) -> None:
    olds, news = struct({"apiKey": {**SECRET, "value": "a"}, "version": "1"}), struct({"apiKey": "b", "version": "1"})
    difference = plugin.stub.DiffConfig(provider_pb2.DiffRequest(olds=olds, news=news))
    assert kinds(difference) == {"apiKey": "UPDATE"}
    assert not difference.replaces


def test_settings_of_a_provider_go_before_the_environment(fresh: Plugin, poe: Emulator) -> None:
    fresh.begin("other", apiKey={**SECRET, "value": OTHER_POE_KEY}, apiUrl=poe.url, requestTimeout=5)
    _, state = fresh.up(BOT)
    assert state["__provider_name"] == "other"
    assert [bot["handle"] for bot in poe.bots(OTHER_POE_KEY)] == ["Acme-Bot"]


def test_a_provider_without_a_key_has_none_of_the_stack_and_says_so(fresh: Plugin) -> None:
    fresh.begin("other")
    with pytest.raises(grpc.RpcError) as raised:
        fresh.create(BOT)
    assert refusal(raised) == (
        "create bot 'Acme-Bot': no Poe API key is set (neither poe:apiKey in the Provider 'other' nor POE_API_KEY in "
        "the environment). It gets nothing from the stack config. Give it the key of its account, or set POE_API_KEY "
        "in the environment."
    )


def test_settings_of_the_stack_name_no_provider(fresh: Plugin, poe: Emulator) -> None:
    fresh.begin("default_0_1_0", apiKey=POE_KEY, apiUrl=poe.url, adopt='["Acme-Bot"]')
    assert "__provider_name" not in fresh.up(BOT)[1]


@pytest.mark.parametrize("name", ["default_0_1_0", "default_1_2_3-alpha_1", "default_0_1_0_https_/example.com/x"])
def test_a_provider_that_the_engine_makes_is_the_stacks(fresh: Plugin, poe: Emulator, name: str) -> None:
    fresh.begin(name, apiKey=POE_KEY, apiUrl=poe.url)
    assert "__provider_name" not in fresh.up(BOT)[1]


@pytest.mark.parametrize("name", ["default_partner", "default_2", "defaults"])
def test_the_key_of_the_environment_is_not_sent_to_the_address_of_a_provider_of_any_name(
    fresh: Plugin, poe: Emulator, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("POE_API_KEY", POE_KEY)
    fresh.begin(name, apiUrl=poe.url)
    _, (mistake,) = fresh.check(BOT)
    assert mistake.startswith(f"provider '{name}': apiUrl is given without apiKey")
    assert sent(poe) == []


def test_a_key_of_a_providers_own_is_not_sent_to_the_address_of_the_environment(
    plugin: Plugin, played_engine: PlayedEngine, poe: Emulator
) -> None:
    played_engine.close()
    plugin.begin("other", engine=ANOTHER_RUN, apiKey="own")
    _, (mistake,) = plugin.check(BOT)
    assert mistake.startswith("provider 'other': its apiKey is not sent to POE_API_URL")
    assert sent(poe) == []


def test_what_is_wrong_with_the_settings_is_said_by_the_first_call(fresh: Plugin) -> None:
    fresh.begin(attempts="none")
    assert fresh.check(BOT)[1] == ["poe:attempts is not a whole number above 0. Use one such as 10."]


def test_without_a_key_a_preview_works_and_a_create_asks_for_it(fresh: Plugin) -> None:
    fresh.begin()
    assert fresh.check(BOT)[1] == []
    with pytest.raises(grpc.RpcError) as raised:
        fresh.create(BOT)
    assert refusal(raised).startswith("create bot 'Acme-Bot': no Poe API key is set")


# --- the plugin -----------------------------------------------------------------------------------------


def test_another_account_in_the_same_run_is_one_line(plugin: Plugin) -> None:
    plugin.begin()
    with pytest.raises(grpc.RpcError) as raised:
        plugin.begin(attempts="3")
    assert refusal(raised).startswith("this plugin is configured already, and serves one account in a run.")


def test_the_next_run_may_have_another_account(plugin: Plugin, played_engine: PlayedEngine) -> None:
    played_engine.close()
    plugin.begin(attempts="3", engine=ANOTHER_RUN)
    plugin.stub.Attach(_address(played_engine.address))
    plugin.begin()


def test_another_account_has_to_wait_for_the_end_of_the_run_that_is_there(plugin: Plugin) -> None:
    plugin.begin()
    with pytest.raises(grpc.RpcError) as raised:
        plugin.begin(attempts="3", engine=ANOTHER_RUN)
    assert refusal(raised).startswith("this plugin serves another command of Pulumi, which has not ended yet.")
    assert plugin.up(BOT)[0] == "Acme-Bot"


def test_another_run_has_to_wait_for_what_is_on_its_way(plugin: Plugin, poe: Emulator) -> None:
    fault = poe.faults.add(Fault("POST", "/bots", moment="after", hold=True))
    ids: list[str] = []
    creating = threading.Thread(target=lambda: ids.append(plugin.up(BOT)[0]))
    creating.start()
    fault.wait_until_met(10)
    with pytest.raises(grpc.RpcError) as raised:
        plugin.begin(engine=ANOTHER_RUN)
    fault.release()
    creating.join(10)
    assert refusal(raised).startswith("this plugin serves another command of Pulumi, which has not ended yet.")
    assert ids == ["Acme-Bot"]


def _address(address: str) -> Any:
    from pulumi.runtime.proto import plugin_pb2

    return plugin_pb2.PluginAttach(address=address)


def test_an_engine_that_does_not_greet_is_too_old(fresh: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        fresh.configure()
    assert refusal(raised) == "this Pulumi CLI is too old for the native plugin. Use 3.200 or newer."


def test_a_call_before_the_settings_is_one_line(fresh: Plugin) -> None:
    assert fresh.check(BOT)[1] == ["the plugin is not configured. The engine does that first."]


def test_another_type_of_resource_is_one_line(plugin: Plugin) -> None:
    other = URN.replace("index:Bot", "index:Bott")
    assert plugin.check(BOT, urn=other)[1] == [
        "there is no resource 'poe:index:Bott'. Use poe:index:Bot or poe:index:Endpoint."
    ]


def test_a_fault_of_our_own_shows_no_value(plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise KeyError("CANARY")

    monkeypatch.setattr("pulumi_poe.core.lifecycle.operations.Operations.create", fail)
    with pytest.raises(grpc.RpcError) as raised:
        plugin.create(BOT)
    assert refusal(raised).startswith("a fault of pulumi-poe itself: KeyError")
    assert "CANARY" not in refusal(raised)


def test_the_version_and_the_schema_are_those_of_the_package(plugin: Plugin) -> None:
    assert plugin.stub.GetPluginInfo(Empty()).version == "0.1.0"
    assert '"poe:index:Bot"' in plugin.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema


def test_a_cancel_ends_a_wait_and_what_has_not_begun(plugin: Plugin, poe: Emulator) -> None:
    poe.faults.add(Fault("GET", status=503, times=None))
    ended: list[str] = []

    def create() -> None:
        with pytest.raises(grpc.RpcError) as raised:
            plugin.create(BOT)
        ended.append(refusal(raised))

    thread = threading.Thread(target=create)
    thread.start()
    while not poe.requests:
        time.sleep(0.01)
    began = time.monotonic()
    plugin.stub.Cancel(Empty())
    plugin.stub.Cancel(Empty())
    thread.join(20)
    assert time.monotonic() - began < 5
    assert "Poe answered 503" in ended[0] or "the run was ended" in ended[0]
    with pytest.raises(grpc.RpcError) as raised:
        plugin.create(BOT)
    assert refusal(raised) == "create bot 'Acme-Bot': the run was ended before this began. Nothing was sent."


def test_the_program_may_give_an_operation_more_or_less_time(plugin: Plugin, poe: Emulator) -> None:
    poe.faults.add(Fault("POST", hold=True, times=None))
    with pytest.raises(grpc.RpcError) as raised:
        plugin.create(BOT, timeout=1.0)
    assert "did not answer within " in refusal(raised)
    assert "30 s" not in refusal(raised)


def test_many_bots_are_created_at_once(plugin: Plugin, poe: Emulator) -> None:
    threads = [
        threading.Thread(target=lambda n=number: plugin.up({**BOT, "handle": f"Acme-{n}"}, urn=f"{URN}{n}"))
        for number in range(64)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(poe.bots()) == 64
