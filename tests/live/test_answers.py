"""The answers are the options of a local Poe that does the same: asked of one with other options, these come out."""

from __future__ import annotations

import math
import shlex
import time
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from canaries import ENDPOINT_KEY, forms
from contract.asking import LONGEST, QUESTIONS, Asker, Endpoint, NotAskedError, UnclearError
from contract.report import NEVER_ASKED, Decided, report
from contract.run import asker_of
from stacks import OTHER_POE_KEY, POE_KEY

from pulumi_poe.cli.emulator import emulator_command
from pulumi_poe.emulator import Emulator, Fault, Options, routes
from pulumi_poe.emulator import store as models

ACCOUNTS = {"ours": POE_KEY, "theirs": OTHER_POE_KEY}
MODEL = Endpoint("https://llm.example.com/v1", ENDPOINT_KEY, "acme/model")
AS_QUICK_AS_IT_IS = 0.0

POES = {
    "the defaults": Options(),
    "all the other ways": Options(
        patch_merge="shallow",
        foreign_post_status=403,
        foreign_put_status=403,
        foreign_edit_status=404,
        materialise_defaults=True,
        normalise_prices=True,
        dropped_fields=(
            "api_bot_settings.param_definitions.default_value",
            "api_bot_settings.pricing.input_cache_reads",
        ),
        reserve_deleted_handles=math.inf,
        keep_unknown_fields="echoed",
        requests_per_minute=600,
        retry_after="date",
    ),
    "further ways": Options(
        foreign_put_status=403,
        dropped_fields=("parameter_controls",),
        reserve_deleted_handles=2.0,
        refuse_unknown_fields=True,
        requests_per_minute=700,
        retry_after="none",
    ),
    "limited in seconds": Options(requests_per_minute=650, retry_after="seconds"),
}


class Clock:
    """Time that passes when somebody waits, and not while a request is under way."""

    def __init__(self, poe: Emulator) -> None:
        self._poe = poe
        self.now = time.time()

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if seconds >= 1 and self._poe.requests[-1].status == 429:
            self._poe.options.requests_per_minute = None  # as after a minute


def asked(poe: Emulator, monkeypatch: pytest.MonkeyPatch) -> Asker:
    """Everything that can be asked of this Poe."""
    clock = Clock(poe)
    for module in (models, routes):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: clock.now, monotonic=time.monotonic))
    ask = asker_of(poe.url, POE_KEY, OTHER_POE_KEY, endpoint=MODEL, patience=8.0, sleep=clock.sleep, requests=900)
    for name in QUESTIONS:
        try:
            ask.ask(name)
        except (NotAskedError, UnclearError):
            continue
    assert ask.end() == []
    assert poe.bots() == []
    return ask


def decided(ask: Asker) -> Decided:
    return Decided.by({name: answer.options for name, answer in ask.answers.items()})


@pytest.mark.parametrize("name", POES)
def test_the_answers_are_the_options(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = POES[name]
    with Emulator(accounts=ACCOUNTS, options=replace(options)) as poe:
        found = decided(asked(poe, monkeypatch))
    assert replace(found.options, latency=AS_QUICK_AS_IT_IS) == options
    assert found.contradictions == []
    is_limited = options.requests_per_minute is not None
    assert found.open == [] if is_limited else ["retry_after"]


@pytest.mark.parametrize("name", POES)
def test_each_form_of_the_options_can_be_pasted(name: str) -> None:
    options = POES[name]
    found = Decided.by({"all": {field.name: getattr(options, field.name) for field in fields(Options)}})
    assert eval(found.python, {"Options": Options, "math": math}) == options  # noqa: S307 -- what a person would paste
    command = shlex.split(found.flags)
    assert command[:2] == ["pulumi-poe", "emulator"]
    with emulator_command.make_context("emulator", command[2:]) as context:
        given = {name: value for name, value in context.params.items() if hasattr(options, name)}
    assert Options(**given) == options
    with Emulator(accounts=ACCOUNTS) as poe, httpx.Client(base_url=poe.url) as client:
        headers = {"Content-Type": "application/json"}
        assert client.patch("/local-poe/options", content=found.json, headers=headers).status_code == 200
        assert poe.options == options


@pytest.mark.parametrize("status", [401, 404])
def test_of_an_account_that_is_not_enabled_nothing_further_is_asked(
    status: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Emulator(accounts=ACCOUNTS, options=Options(not_enabled_status=status)) as poe:
        ask = asked(poe, monkeypatch)
        assert [record.path for record in poe.requests] == ["/bots"]
    assert decided(ask).values == {"not_enabled_status": status}


def test_the_delay_of_the_fastest_answer_is_the_latency() -> None:
    with Emulator(accounts=ACCOUNTS, options=Options(latency=0.02)) as poe:
        ask = asker_of(poe.url, POE_KEY, None)
        for name in ("is_the_account_enabled", "which_headers_answers_have", "how_fast_poe_is"):
            ask.ask(name)
        ask.end()
    assert decided(ask).values["latency"] >= 0.02
    assert min(ask.mine.cap.seconds) < decided(ask).values["latency"] + 0.01


def test_what_is_kept_and_never_shown_seems_to_be_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(accounts=ACCOUNTS, options=Options(keep_unknown_fields="hidden")) as poe:
        found = decided(asked(poe, monkeypatch))
    assert found.values["keep_unknown_fields"] is None


def test_every_option_is_decided_by_a_question_or_said_to_be_none_of_poes() -> None:
    by_questions = {name for asked in QUESTIONS.values() for name in asked.decides}
    assert by_questions | set(NEVER_ASKED) == {field.name for field in fields(Options)}
    assert not by_questions & set(NEVER_ASKED)


def test_an_answer_decides_what_its_question_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(accounts=ACCOUNTS, options=Options(requests_per_minute=700)) as poe:
        ask = asked(poe, monkeypatch)
    for name, answer in ask.answers.items():
        assert set(answer.options) <= set(QUESTIONS[name].decides), name


def test_two_answers_that_contradict_each_other_are_told() -> None:
    found = Decided.by({"patch": {"patch_merge": "deep"}, "post": {"patch_merge": "shallow"}})
    assert found.values == {"patch_merge": "deep"}
    assert found.contradictions == ["patch_merge is 'deep' by patch, and 'shallow' by post"]


def test_a_list_that_lags_and_a_bot_that_lags_are_told_in_seconds() -> None:
    with Emulator(accounts=ACCOUNTS) as poe:
        ask = asker_of(poe.url, POE_KEY, None, patience=8.0, sleep=lambda _: None)
        poe.faults.add(Fault("GET", "/bots", status=200, body={"bots": []}, times=3))
        assert ask.ask("how_soon_the_list_shows_a_write").text.startswith("a create within 1 s, a PATCH at once")
        poe.faults.add(Fault("GET", status=404, body={"error": {"message": "not yet"}}, times=2))
        assert ask.ask("how_soon_a_write_is_seen").text == "a create within 0.5 s, a PATCH at once"
        assert ask.settle == 0.5
        poe.faults.add(Fault("GET", "/bots", status=200, body={"bots": []}, times=7))
        slow = ask.ask("how_soon_the_list_shows_a_write").text
        assert slow.startswith("a create not within the time that was waited")
        ask.end()


@pytest.mark.parametrize(("status", "told"), [(200, "no, the bot still answers"), (401, "yes, a chat is answered 401")])
def test_only_a_chat_tells_whether_the_endpoints_key_is_kept(status: int, told: str) -> None:
    with Emulator(accounts=ACCOUNTS) as poe:
        ask = asker_of(poe.url, POE_KEY, None)
        poe.faults.add(Fault("POST", "/v1/chat/completions", status=200, body={"choices": []}))
        poe.faults.add(Fault("POST", "/v1/chat/completions", status=status, body={"error": {"message": "key"}}))
        assert ask.ask("does_a_put_without_the_key_drop_it").text.startswith(told)
        ask.end()


KEYS = (POE_KEY, OTHER_POE_KEY, ENDPOINT_KEY)
REPEATED = [form for key in KEYS for form in sorted({*forms(key), repr(key)[1:-1]})]
"""Every key in every form, as a careless Poe may repeat it."""


def told_by(ask: Asker, name: str) -> str:
    """All that is told of one question, whatever becomes of it."""
    try:
        ask.ask(name)
        error = ""
    except (NotAskedError, UnclearError) as reason:
        error = str(reason)
    return "\n".join([error, *report(ask)])


@pytest.mark.parametrize("method", ["PATCH", "PUT", "POST"])
def test_no_answer_holds_a_key_whatever_poe_says(method: str) -> None:
    said = " ".join(f"Bearer {form}" for form in REPEATED)
    with Emulator(accounts=ACCOUNTS) as poe:
        for name in QUESTIONS:
            # Its first bot is made, so that the question gets so far as to be told something.
            skip = 1 if method == "POST" and "post" in name else 0
            poe.faults.add(Fault(method, skip=skip, times=None, status=400, body={"error": {"message": said}}))
            ask = asker_of(poe.url, POE_KEY, OTHER_POE_KEY, endpoint=MODEL, sleep=lambda _: None, requests=300)
            text = told_by(ask, name)
            assert not [form for form in REPEATED if form in text], name
            poe.faults.clear()
            ask.end()


def test_what_a_bot_is_shown_with_is_told_without_a_key() -> None:
    with Emulator(accounts=ACCOUNTS) as poe:
        ask = asker_of(poe.url, POE_KEY, None, endpoint=MODEL, sleep=lambda _: None)
        for key in KEYS[::2]:
            bot = {"handle": "any", "description": key, "api_bot_settings": {"context_size": key}}
            fault = poe.faults.add(Fault("GET", status=200, body=bot, times=None))
            for name in ("does_a_patch_of_one_setting_keep_the_others", "what_a_post_that_updates_leaves"):
                assert "[secret]" in (text := told_by(ask, name))
                assert not [form for form in REPEATED if form in text]
            assert fault.met > 0
            poe.faults.clear()
        ask.end()


@pytest.mark.parametrize("before", range(LONGEST - len(POE_KEY) - 40, LONGEST, 7))
def test_a_long_answer_is_cut_after_its_keys_are_taken_out(before: int) -> None:
    ask = asker_of("http://127.0.0.1:9", POE_KEY, None)
    shown = ask.shown("x" * before + POE_KEY + "y" * 100)
    assert POE_KEY[:8] not in shown
    ask.mine.close()
