"""An endpoint that is declared: asked before its bot is written, and never in a preview."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from canaries import ENDPOINT_KEY, NEXT_ENDPOINT_KEY, assert_no_key_was_seen
from endpoints import Endpoint
from ports import free_port
from processes import interrupt, under_way
from shells import Dynamic, Native
from stacks import Stack

from pulumi_poe.emulator import Emulator
from tools.engine import install

pytestmark = pytest.mark.both_shells

ALL_ASKED = ["/models", "/chat/completions", "/chat/completions"]


def program(url: str, *, key: str = ENDPOINT_KEY, more: str = "", bot: str = "") -> str:
    """An endpoint, and a bot that it serves."""
    return f"""
endpoint = pulumi_poe.Endpoint("serving", base_url={url!r}, model_name="m", api_key={key!r}{more})
Bot("live", handle="Live-Bot", api_bot_settings={{
    "base_url": endpoint.base_url, "model_name": endpoint.model_name, "api_key": endpoint.api_key}}{bot})
"""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(key=ENDPOINT_KEY) as running:
        yield running


@contextmanager
def later(seconds: float, port: int, **how: object) -> Iterator[Endpoint]:
    """An endpoint that comes up after a while."""
    made = Endpoint(port=port, **how)  # type: ignore[arg-type]  # whatever it takes
    is_over = threading.Event()

    def serve() -> None:
        if not is_over.wait(seconds):
            with made:
                is_over.wait()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield made
    finally:
        is_over.set()
        thread.join()


@pytest.mark.long
def test_a_bot_is_written_once_its_endpoint_answers_and_the_wait_is_told(stack: Stack, poe: Emulator) -> None:
    port = free_port()
    with later(13, port, key=ENDPOINT_KEY) as endpoint:
        stack.program(program(f"http://127.0.0.1:{port}/v1"))
        begun = time.monotonic()
        run = stack.up().succeeded()
        assert time.monotonic() - begun > 12
        assert endpoint.asked == ALL_ASKED
    told = f"endpoint http://127.0.0.1:{port}/v1, model 'm': waiting, 10 of 300 s: /models can't be reached"
    assert told in run.output
    (bot,) = poe.bots()
    assert bot["api_bot_settings"]["base_url"] == f"http://127.0.0.1:{port}/v1"
    assert_no_key_was_seen(stack)


@pytest.mark.long
def test_nothing_is_asked_but_where_something_is_to_be_proven(stack: Stack, poe: Emulator, endpoint: Endpoint) -> None:
    def requests() -> list[str]:
        asked = endpoint.asked
        endpoint.requests.clear()
        return asked

    stack.program(program(endpoint.url) + "pulumi.export('address', endpoint.base_url)\n")
    assert re.search(rf'address *: "{endpoint.url}"', stack.preview().succeeded().output)
    assert requests() == []
    stack.up("--skip-preview=false").succeeded()
    assert requests() == ALL_ASKED
    poe.requests.clear()
    for command in (stack.up, stack.preview):
        command("--expect-no-changes").succeeded()
    stack.refresh().succeeded()
    stack.preview("--refresh", "--expect-no-changes").succeeded()
    assert requests() == []

    stack.program(program(endpoint.url, more=", triggers=['v2']"))
    preview = stack.preview("--diff").succeeded()
    assert "Live-Bot" not in preview.output
    assert requests() == []
    up = stack.up().succeeded()
    assert requests() == ALL_ASKED
    assert "1 updated" in up.output

    stack.program(program(endpoint.url, more=", triggers=['v2'], wait=7, checks=['reachable']"))
    assert "1 updated" in stack.up().succeeded().output
    assert requests() == []
    stack.up("--expect-no-changes").succeeded()
    assert {request.method for request in poe.requests} <= {"GET"}

    stack.destroy().succeeded()
    assert requests() == []
    assert poe.bots() == []
    assert_no_key_was_seen(stack)


def test_a_failed_update_leaves_the_bot_and_the_record_as_they_were(
    stack: Stack, poe: Emulator, endpoint: Endpoint
) -> None:
    stack.program(program(endpoint.url)).up().succeeded()
    bots, before = poe.bots(), stack.endpoints()["serving"]
    poe.requests.clear()

    with Endpoint(status=503) as broken:
        stack.program(program(broken.url, key=NEXT_ENDPOINT_KEY, more=", wait=1"))
        run = stack.up().failed()
        (error,) = run.errors
        assert f"update endpoint {broken.url}: /chat/completions answers 503: " in error
        assert "Poe was sent nothing, and the state is as it was." in error
        assert run.tracebacks == []

    after = stack.endpoints()["serving"]
    assert {name: after["outputs"][name] for name in after["outputs"]}.keys() == before["outputs"].keys()
    assert after["outputs"]["base_url"] == endpoint.url
    assert poe.bots() == bots
    assert {request.method for request in poe.requests} <= {"GET"}
    stack.program(program(endpoint.url)).up("--expect-no-changes", "--skip-preview").succeeded()
    assert_no_key_was_seen(stack)


def test_ctrl_c_ends_the_wait(stack: Stack, poe: Emulator) -> None:
    with Endpoint(status=503) as broken:
        stack.program(program(broken.url))
        begun = time.monotonic()
        with under_way(stack, "up", "--yes", "--skip-preview") as running:
            while not broken.requests:
                assert time.monotonic() - begun < 60
                time.sleep(0.05)
            running.end(interrupt)
        assert time.monotonic() - begun < 30
    assert "the run was ended while this was waited for" in stack.runs[-1].output
    assert stack.endpoints() == {}
    assert poe.bots() == []


@pytest.mark.long
def test_five_endpoints_that_are_waited_for_keep_no_other_bot_waiting(stack: Stack, poe: Emulator) -> None:
    with Endpoint(status=503) as broken:
        waiting = "".join(
            f"pulumi_poe.Endpoint('e{number}', base_url={broken.url!r}, model_name='m', wait=300)\n"
            for number in range(5)
        )
        stack.program(f"{waiting}Bot('other', handle='Other-Bot')\n")
        begun = time.monotonic()
        with under_way(stack, "up", "--yes", "--skip-preview") as running:
            while not poe.bots():
                assert time.monotonic() - begun < 60
                time.sleep(0.05)
            running.end(interrupt)
        assert time.monotonic() - begun < 60
    assert stack.runs[-1].output.count("the run was ended while this was waited for") >= 5


def test_what_is_not_known_in_a_preview_is_asked_in_the_run(stack: Stack, poe: Emulator, endpoint: Endpoint) -> None:
    stack.program(f"""
first = Bot("first", handle="First-Bot")
serving = pulumi_poe.Endpoint("serving", base_url=pulumi.Output.concat({endpoint.url!r}, "/", first.id),
    model_name="m", api_key={ENDPOINT_KEY!r}, checks=["completion", "streaming", "usage"])
Bot("live", handle="Live-Bot", api_bot_settings={{"base_url": serving.base_url, "api_key": serving.api_key}})
""")
    stack.preview().succeeded()
    assert endpoint.requests == []
    stack.up().succeeded()
    assert endpoint.asked == ["/First-Bot/chat/completions"] * 2
    assert poe.bots()[-1]["api_bot_settings"]["base_url"] == f"{endpoint.url}/First-Bot"
    stack.up("--expect-no-changes", "--skip-preview").succeeded()
    assert_no_key_was_seen(stack)


def test_a_trigger_that_is_not_known_in_a_preview_makes_no_change_of_the_bot(
    stack: Stack, poe: Emulator, endpoint: Endpoint
) -> None:
    stack.program(program(endpoint.url, more=", triggers=['v1']")).up().succeeded()
    first = 'first = Bot("first", handle="First-Bot")'
    stack.program(first + program(endpoint.url, more=", triggers=[first.id]"))
    endpoint.requests.clear()
    preview = stack.preview("--diff").succeeded()
    assert "Live-Bot" not in preview.output
    assert "1 to update" in preview.output
    assert endpoint.requests == []
    poe.requests.clear()
    stack.up().succeeded()
    assert endpoint.asked == ALL_ASKED
    assert [(one.method, one.path) for one in poe.requests if one.method != "GET"] == [("POST", "/bots")]


def test_what_is_not_declared_is_known_in_a_preview_and_makes_no_change_of_the_bot(
    stack: Stack, poe: Emulator, endpoint: Endpoint
) -> None:
    def all_of_it(release: str) -> str:
        names = ("base_url", "model_name", "api_key", "api_type", "supported_features", "input_modalities")
        settings = ", ".join(f'"{name}": endpoint.{name}' for name in names)
        return f"""
endpoint = pulumi_poe.Endpoint("serving", base_url={endpoint.url!r}, model_name="m", api_key={ENDPOINT_KEY!r},
    supported_features=["tools"], triggers=[{release!r}])
Bot("live", handle="Live-Bot", api_bot_settings={{{settings}}})
"""

    stack.program(all_of_it("v1"))
    assert "[unknown]" not in stack.preview("--diff").succeeded().output
    stack.up().succeeded()
    (bot,) = poe.bots()
    assert bot["api_bot_settings"].keys() == {"base_url", "model_name", "api_key", "supported_features"}
    assert "unchanged" in stack.preview("--diff", "--expect-no-changes").succeeded().output
    stack.program(all_of_it("v2"))
    preview = stack.preview("--diff").succeeded()
    assert "Live-Bot" not in preview.output
    assert "1 to update" in preview.output
    stack.refresh().succeeded()
    stack.program(all_of_it("v1")).up("--expect-no-changes", "--skip-preview").succeeded()


@pytest.mark.dynamic_only("the program says what YAML can't")
def test_what_a_transform_sets_may_be_unknown_in_a_preview(stack: Stack, endpoint: Endpoint) -> None:
    stack.program(f"""
first = Bot("first", handle="First-Bot")
def put_in(args):
    return pulumi.ResourceTransformResult({{**args.props, "api_key": first.id}}, args.opts)
serving = pulumi_poe.Endpoint(
    "serving", pulumi.ResourceOptions(transforms=[put_in]), base_url={endpoint.url!r}, model_name="m")
pulumi.export("key", serving.api_key)
pulumi.export("type", serving.api_type)
""")
    shown = stack.preview().succeeded().output
    assert re.findall(r"(\w+) *: \[unknown\]", shown) == ["key"]


def test_a_bot_goes_to_another_endpoint_once_that_answers(stack: Stack, poe: Emulator, endpoint: Endpoint) -> None:
    stack.program(program(endpoint.url)).up().succeeded()
    with Endpoint(key=NEXT_ENDPOINT_KEY) as other:
        stack.program(program(other.url, key=NEXT_ENDPOINT_KEY))
        shown = stack.preview("--diff").succeeded().output
        assert len(re.findall(rf'~ base_url *: "{endpoint.url}" => "{other.url}"', shown)) == 2
        assert other.requests == []
        stack.up().succeeded()
        assert other.asked == ALL_ASKED
    (bot,) = poe.bots()
    assert bot["api_bot_settings"]["base_url"] == other.url
    assert bot["api_bot_settings"]["api_key"] == NEXT_ENDPOINT_KEY
    assert_no_key_was_seen(stack)


def test_all_mistakes_are_shown_by_a_preview_which_asks_nothing(stack: Stack, endpoint: Endpoint) -> None:
    stack.program(program(endpoint.url, more=", wait=-1, checks=['usge']").replace("http://", "http://example.com/"))
    run = stack.preview().failed()
    assert "base_url: must be https, such as https://llm.example.com/v1" in run.output
    assert "wait: must be a number of seconds, 0 or more" in run.output
    assert "checks[0]: must be 'reachable', " in run.output
    assert "did you mean 'usage'?" in run.output
    assert endpoint.requests == []


def test_the_key_is_encrypted_and_the_rest_is_not(stack: Stack, endpoint: Endpoint) -> None:
    stack.program(program(endpoint.url, more=", triggers=['v1']"))
    stack.up("--skip-preview=false", "--diff").succeeded()
    stack.program(program(endpoint.url, more=", triggers=['v2']")).up("--skip-preview=false", "--diff").succeeded()
    stack.refresh("--diff").succeeded()
    state = stack.endpoints()["serving"]
    for bag in (state["inputs"], state["outputs"]):
        assert "ciphertext" in bag["api_key"]
        assert bag["base_url"] == endpoint.url
        assert bag["triggers"] == ["v2"]
    assert_no_key_was_seen(stack)


@pytest.mark.dynamic_only("the program says what YAML can't")
def test_a_key_that_a_transform_sets_is_encrypted(stack: Stack, endpoint: Endpoint) -> None:
    stack.program(f"""
def put_in(args):
    return pulumi.ResourceTransformResult({{**args.props, "api_key": {ENDPOINT_KEY!r}}}, args.opts)
pulumi_poe.Endpoint(
    "serving", pulumi.ResourceOptions(transforms=[put_in]), base_url={endpoint.url!r}, model_name="m")
""")
    stack.up("--skip-preview=false", "--diff").succeeded()
    state = stack.endpoints()["serving"]
    assert all("ciphertext" in state[bag]["api_key"] for bag in ("inputs", "outputs"))
    assert_no_key_was_seen(stack)


def test_an_endpoint_that_is_replaced_is_asked_and_its_bot_shows_no_change(
    stack: Stack, poe: Emulator, endpoint: Endpoint
) -> None:
    stack.program(program(endpoint.url)).up().succeeded()
    endpoint.requests.clear()
    poe.requests.clear()
    run = stack.up("--skip-preview", "--replace", stack.endpoints()["serving"]["urn"]).succeeded()
    assert endpoint.asked == ALL_ASKED
    assert "1 replaced" in run.output
    assert {request.method for request in poe.requests} <= {"GET"}


def test_an_endpoint_moves_over_to_the_other_shell_and_is_asked_nothing(
    stack: Stack, poe: Emulator, endpoint: Endpoint, engine: Path
) -> None:
    text = program(endpoint.url, more=", triggers=['v1'], wait=20")
    stack.program(text).up().succeeded()
    endpoint.requests.clear()
    poe.requests.clear()

    if stack.shell.name == "dynamic":
        stack.shell = Native(install.find_or_build_yaml_host(engine))
        stack.environment["PATH"] = os.pathsep.join([*stack.shell.path(), stack.environment["PATH"]])
        (stack.folder / "__main__.py").unlink()
    else:
        stack.shell = Dynamic()
        (stack.folder / "Pulumi.yaml").write_text("name: tested\nruntime: python\n")
    stack.program(text).up().succeeded()
    stack.refresh().succeeded()
    stack.up("--expect-no-changes", "--skip-preview").succeeded()

    assert endpoint.requests == []
    assert {request.method for request in poe.requests} <= {"GET"}
    state = stack.endpoints()["serving"]
    assert {"base_url", "api_key", "triggers", "wait"} <= state["outputs"].keys()
    assert ("baseUrl" in str(stack.export())) is (stack.shell.name == "native")
    assert_no_key_was_seen(stack)
