"""Whom the questions go to: a local Poe in `make test`, and with --live the Poe of the person who runs it.

With --live nothing is sent unless POE_ACC is 1 and there are a key and an endpoint: it is told what would be asked.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

import pytest
from contract import questions  # noqa: F401 -- registers them
from contract.asking import Asker, without_keys
from contract.environment import VARIABLES, Live, UnusableError, missing
from contract.guard import CapError
from contract.handles import Ledger
from contract.report import report, what_would_be_asked
from contract.run import asker_of

from pulumi_poe.emulator import API_KEY_1, API_KEY_2, Emulator, Options

ROOT = Path(__file__).parents[2]
LEDGER = ROOT / ".live" / "handles"
"""What a run that was killed has left behind. POE_ACC_LEDGER names another file, for the tests of this suite."""

LOCAL_LIMIT = 800
"""More than all questions but that for the limit need, so that this one does not have to ask for long."""


_RUN = pytest.StashKey[Asker]()
_LEFT = pytest.StashKey[Iterable[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--live", action="store_true", default=False, help="ask the Poe of POE_API_URL and POE_API_KEY")


def is_live(config: pytest.Config) -> bool:
    return bool(config.getoption("--live", default=False))


def pytest_configure(config: pytest.Config) -> None:
    if is_live(config) and config.getoption("numprocesses", None):
        raise pytest.UsageError("with --live one process asks, so that one cap counts: leave out -n")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Without what a run needs, say what it would ask, and run no test."""
    if not is_live(session.config) or session.config.option.collectonly:
        return None
    lacking = missing(os.environ)
    try:
        Live.load(os.environ)
    except UnusableError as error:
        raise pytest.UsageError(str(error)) from None
    if not lacking:
        return None
    lines = ["", "Nothing was sent. This would be asked of Poe, on bots made for it and deleted at the end:", ""]
    lines += [*what_would_be_asked(), "", f"It needs {', '.join(lacking)}. The variables:", ""]
    lines += [f"  {name:<22} {meaning}" for name, meaning in VARIABLES.items()]
    print("\n".join(lines))
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """No key is in what a test that fails shows."""
    made = yield
    if is_live(item.config):
        keys = [os.environ.get(name) for name in VARIABLES if name.endswith("_KEY")]
        if made.longrepr is not None and not isinstance(made.longrepr, tuple):
            made.longrepr = without_keys(str(made.longrepr), keys)
        elif made.longrepr is not None:
            made.longrepr = (*made.longrepr[:2], without_keys(made.longrepr[2], keys))
        made.sections = [(title, without_keys(text, keys)) for title, text in made.sections]
    return made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if is_live(config) and _RUN in config.stash:
        terminalreporter.section("what Poe does")
        for line in report(config.stash[_RUN], config.stash.get(_LEFT, [])):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def run(request: pytest.FixtureRequest) -> Iterator[Asker]:
    """What questions are asked with. At its end, after Ctrl-C too, it deletes all bots that there may be."""
    if is_live(request.config):
        live = Live.load(os.environ)
        assert live is not None
        asker = request.config.stash[_RUN] = asker_of(
            live.url,
            live.key,
            live.other_key,
            endpoint=live.endpoint,
            ledger=Ledger(Path(os.environ.get("POE_ACC_LEDGER") or LEDGER)),
            requests=live.requests,
            may=live.may,
            patience=live.patience,
            pace=live.pace,
        )
        asker.remove_all()  # what a run that was killed has left behind
        yield asker
        request.config.stash[_LEFT] = asker.end()
    else:
        with Emulator(options=Options(requests_per_minute=LOCAL_LIMIT)) as poe:
            poe.seed(API_KEY_1, {"handle": "Prompt-Bot"})
            asker = asker_of(poe.url, API_KEY_1, API_KEY_2, sleep=lambda seconds: _forget_the_limit(poe, seconds))
            yield asker
            asker.end()
            assert [bot["handle"] for bot in poe.bots()] == ["Prompt-Bot"]


def _forget_the_limit(poe: Emulator, seconds: float) -> None:
    """In place of the minute that a 429 asks for."""
    if seconds >= 1:
        poe.options.requests_per_minute = None


@pytest.fixture
def ask(run: Asker) -> Iterator[Asker]:
    """The same for a test of what Poe documents, which needs an account that is enabled."""
    if "is_the_account_enabled" not in run.answers:
        run.ask("is_the_account_enabled")
    if run.closed:
        pytest.skip(run.closed)
    try:
        yield run
    except CapError as error:
        pytest.skip(str(error))
    finally:
        run.remove_all()
