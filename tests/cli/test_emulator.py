"""`pulumi-poe emulator`, as a real process."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import httpx
import pytest
from ports import free_port

from pulumi_poe.cli.emulator import emulator_command
from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator, Options

Run = Callable[..., tuple[int, str, str]]
Start = Callable[..., "subprocess.Popen[str]"]

HEADERS = {"Authorization": f"Bearer {API_KEY_1}"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")


def python(program: str) -> list[str]:
    """A COMMAND that runs a Python program."""
    return [sys.executable, "-c", program]


def first_lines(process: subprocess.Popen[str]) -> str:
    """What the serving command says, up to its last line."""
    assert process.stdout is not None
    text = ""
    while "Ctrl-C" not in text:
        line = process.stdout.readline()
        assert line, text
        text += line
    return text


def url_in(text: str) -> str:
    return text.partition("export POE_API_URL=")[2].partition(" ")[0]


# Serving.


def test_its_help_names_the_control_api(call: Run) -> None:
    assert "/local-poe/" in call("emulator", "--help")[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(start: Start, number: int) -> None:
    process = start("emulator", "--port", "0")
    url = url_in(first_lines(process))
    assert httpx.get(f"{url}/bots", headers=HEADERS, trust_env=False).json() == {"bots": []}
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/bots", trust_env=False)


def test_it_says_where_it_is_and_how_to_use_it(start: Start) -> None:
    text = first_lines(start("emulator", "--port", "0"))
    assert f"export POE_API_URL={url_in(text)} POE_API_KEY={API_KEY_1}" in text
    assert API_KEY_2 in text
    assert "--database FILE keeps them" in text
    assert f"{url_in(text)}/local-poe/" in text
    assert f"{url_in(text)}/v1" in text


def test_it_says_the_address_of_its_page(start: Start) -> None:
    text = first_lines(start("emulator", "--port", "0"))
    (address,) = [line.strip() for line in text.splitlines() if "#token=" in line]
    url, _, token = address.partition("/#token=")
    assert url == url_in(text)
    headers = {"Local-Poe-Token": token}
    assert httpx.get(f"{url}/local-poe/page/bots", headers=headers, trust_env=False).json() == {"bots": []}


def test_it_says_when_its_bots_cannot_be_talked_to(start: Start) -> None:
    text = first_lines(start("emulator", "--port", "0", "--host", "0.0.0.0"))  # noqa: S104 -- this is what is tested
    assert "cannot be talked to, and it has no page" in text
    assert "#token" not in text
    assert "/v1" not in text


def test_a_database_keeps_the_bots(start: Start, tmp_path: Path) -> None:
    database = tmp_path / "poe.db"
    lists = []
    for _ in range(2):
        process = start("emulator", "--port", "0", "--database", str(database))
        text = first_lines(process)
        assert f"Bots are kept in {database}" in text
        with httpx.Client(base_url=url_in(text), headers=HEADERS, trust_env=False) as client:
            lists.append(client.get("/bots").json()["bots"])
            client.post("/bots", json={"handle": "Acme"})
        process.terminate()
        process.communicate(timeout=10)
    assert [[bot["handle"] for bot in each] for each in lists] == [[], ["Acme"]]


def test_a_port_in_use_is_one_clear_line(call: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert call("emulator", "--port", str(port)) == (
            1,
            "",
            f"Error: cannot use 127.0.0.1:{port}: Address already in use\n",
        )


def test_a_file_that_is_no_database_is_one_clear_line(call: Run, tmp_path: Path) -> None:
    (tmp_path / "poe.db").write_text("something else " * 100)
    code, output, errors = call("emulator", "--port", "0", "--database", str(tmp_path / "poe.db"))
    assert (code, output) == (1, "")
    assert errors == f"Error: cannot use the database {tmp_path / 'poe.db'}: file is not a database\n"


def test_missing_packages_are_one_clear_line(run: Run) -> None:
    program = "import sys; sys.modules['uvicorn'] = None; from pulumi_poe.cli import main; main()"
    assert run("emulator", program=python(program)) == (
        1,
        "",
        "Error: the local Poe needs further packages: pip install 'pulumi-poe[emulator]'\n",
    )


def test_the_help_needs_no_further_packages(run: Run) -> None:
    program = "import sys; sys.modules['uvicorn'] = None; from pulumi_poe.cli import main; main()"
    code, output, _ = run("emulator", "--help", program=python(program))
    assert code == 0
    assert "--database" in output


# Options.


def test_every_option_of_the_emulator_is_a_flag() -> None:
    parameters = emulator_command.get_params(click.Context(emulator_command))
    flags = {parameter.name for parameter in parameters if isinstance(parameter, click.Option)}
    assert {field.name for field in dataclasses.fields(Options)} <= flags


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], Options()),
        (["--latency", "0.25"], Options(latency=0.25)),
        (["--patch-merge", "shallow"], Options(patch_merge="shallow")),
        (["--foreign-put-status", "403"], Options(foreign_put_status=403)),
        (["--materialise-defaults"], Options(materialise_defaults=True)),
        (["--normalise-prices"], Options(normalise_prices=True)),
        (["--foreign-post-status", "403"], Options(foreign_post_status=403)),
        (["--foreign-edit-status", "404"], Options(foreign_edit_status=404)),
        (["--reserve-deleted-handles", "1.5"], Options(reserve_deleted_handles=1.5)),
        (["--reserve-deleted-handles", "inf"], Options(reserve_deleted_handles=math.inf)),
        (["--dropped-field", "a.b", "--dropped-field", "c"], Options(dropped_fields=("a.b", "c"))),
        (["--requests-per-minute", "500"], Options(requests_per_minute=500)),
        (["--retry-after", "date"], Options(retry_after="date")),
        (["--clock-speed", "60"], Options(clock_speed=60.0)),
        (["--not-enabled-status", "404"], Options(not_enabled_status=404)),
        (["--refuse-unknown-fields"], Options(refuse_unknown_fields=True)),
        (["--keep-unknown-fields", "hidden"], Options(keep_unknown_fields="hidden")),
        (["--strict-chat"], Options(strict_chat=True)),
    ],
)
def test_a_flag_sets_its_option(monkeypatch: pytest.MonkeyPatch, flags: list[str], expected: Options) -> None:
    seen: list[Options] = []

    def run(_: object, poe: Emulator) -> int:
        seen.append(poe.options)
        return 0

    monkeypatch.setattr("pulumi_poe.cli.emulator._run", run)
    emulator_command.main([*flags, "--", "command"], standalone_mode=False)
    assert seen == [expected]


def test_names_can_be_allowed_and_conversations_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    statuses: list[int] = []

    def run(_: object, poe: Emulator) -> int:
        for host in ("poe.test", "other.test:1", "other.test:2"):
            answer = httpx.get(f"{poe.url}/bots", headers={**HEADERS, "Host": host}, trust_env=False)
            statuses.append(answer.status_code)
        return 0

    monkeypatch.setattr("pulumi_poe.cli.emulator._run", run)
    flags = ["--allow-host", "poe.test", "--allow-host", "other.test:1", "--keep-chats", str(tmp_path / "chats")]
    emulator_command.main([*flags, "--", "command"], standalone_mode=False)
    assert statuses == [200, 200, 421]
    assert (tmp_path / "chats").is_dir()


def test_a_folder_that_cannot_be_is_one_clear_line(call: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, _, errors = call("emulator", "--port", "0", "--keep-chats", str(tmp_path / "file" / "chats"))
    assert code == 1
    assert errors.startswith(f"Error: cannot use {tmp_path / 'file'}")


@pytest.mark.parametrize(
    "flags",
    [
        ["--patch-merge", "sideways"],
        ["--reserve-deleted-handles"],
        ["--requests-per-minute", "0"],
        ["--clock-speed", "0"],
    ],
)
def test_a_wrong_flag_is_wrong_usage(call: Run, flags: list[str]) -> None:
    assert call("emulator", *flags)[0] == 2


# Running a command.

ASK = """
import json, os, urllib.request
request = urllib.request.Request(
    os.environ["POE_API_URL"] + "/bots", headers={"Authorization": "Bearer " + os.environ["POE_API_KEY"]}
)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(request) as response:
    print(json.dumps([os.environ["POE_API_URL"], json.load(response)]))
"""


def test_a_command_runs_against_it(run: Run) -> None:
    code, output, errors = run("emulator", "--", *python(ASK))
    assert (code, errors) == (0, "")
    url, answer = json.loads(output)
    assert answer == {"bots": []}
    # And it has stopped with the command.
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_a_command_may_have_a_port_of_ones_choice(run: Run) -> None:
    port = free_port()
    _, output, _ = run("emulator", "--port", str(port), "--", *python(ASK))
    assert json.loads(output)[0] == f"http://127.0.0.1:{port}"


def test_a_command_keeps_its_own_options_and_input(run: Run) -> None:
    program = "import sys; print(sys.argv[1:], sys.stdin.read())"
    code, output, _ = run("emulator", *python(program), "--latency", "x", "--", "--help", stdin=subprocess.DEVNULL)
    assert (code, output) == (0, "['--latency', 'x', '--', '--help'] \n")


def test_it_exits_with_the_code_of_the_command(call: Run) -> None:
    assert call("emulator", "--", *python("raise SystemExit(3)"))[0] == 3


def test_a_command_ended_by_signal_n_is_128_and_n(call: Run) -> None:
    assert call("emulator", "--", *python("import os; os.kill(os.getpid(), 9)"))[0] == 128 + 9


def test_a_command_that_is_not_found_is_127(call: Run) -> None:
    assert call("emulator", "--", "no-such-command-here") == (
        127,
        "",
        "Error: no-such-command-here: command not found\n",
    )


def test_a_command_that_cannot_be_executed_is_126(call: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no program")
    assert call("emulator", "--", str(tmp_path / "notes.txt")) == (
        126,
        "",
        f"Error: {tmp_path / 'notes.txt'}: cannot be executed: Permission denied\n",
    )


# Signals, while a command runs.

CATCH = """
import os, signal, sys, time
caught = []
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, frame: caught.append(number))
print(os.environ["POE_API_URL"], flush=True)
end = time.monotonic() + 30
while not caught and time.monotonic() < end:
    time.sleep(0.01)
time.sleep(0.3)  # a second one would come by now
while not os.path.exists(sys.argv[1]) and time.monotonic() < end:
    time.sleep(0.01)
print([int(number) for number in caught])
sys.exit(5)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_it_alone_is_handed_on_and_its_end_awaited(start: Start, tmp_path: Path, number: int) -> None:
    may_end = tmp_path / "may end"
    process = start("emulator", "--", *python(CATCH), str(may_end), start_new_session=True)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    process.send_signal(number)
    time.sleep(0.1)
    # The command is still cleaning up, so the local Poe must still be there for it.
    assert httpx.get(f"{url}/bots", headers=HEADERS, trust_env=False).status_code == 200
    may_end.touch()
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (5, f"[{int(number)}]\n", "")
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_a_command_ended_by_a_signal_that_was_handed_on_is_128_and_n(start: Start) -> None:
    process = start("emulator", "--", *python("print('up', flush=True); import time; time.sleep(20)"))
    assert process.stdout is not None
    process.stdout.readline()
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 128 + signal.SIGTERM


def test_ctrl_c_in_a_terminal_reaches_the_command_once(start: Start) -> None:
    """In a terminal, the command gets Ctrl-C from the terminal: a second one would make `pulumi up` give up."""
    import pty

    main, terminal = pty.openpty()
    program = "\n".join(
        [
            "import fcntl, os, sys, termios",
            "os.setsid()",
            "fcntl.ioctl(int(sys.argv[1]), termios.TIOCSCTTY, 0)",
            "os.execv(sys.argv[2], sys.argv[2:])",
        ]
    )
    command = [
        sys.executable,
        "-c",
        "from pulumi_poe.cli import main; main()",
        "emulator",
        "--",
        *python(CATCH),
        os.devnull,
    ]
    process = start(
        str(terminal), *command, program=[sys.executable, "-c", program], stdin=terminal, pass_fds=[terminal]
    )
    os.close(terminal)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        os.write(main, b"\x03")
        output, errors = process.communicate(timeout=10)
    finally:
        os.close(main)
    assert (process.returncode, output, errors) == (5, f"[{int(signal.SIGINT)}]\n", "")


def test_an_ignored_signal_stays_ignored_for_the_command(run: Run) -> None:
    program = "import signal; print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"
    ignoring = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    )
    wrapper = [sys.executable, "-c", "from pulumi_poe.cli import main; main()", "emulator", "--", *python(program)]
    assert run(*wrapper, program=python(ignoring))[:2] == (0, "True\n")
