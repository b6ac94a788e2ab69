"""What tests share: the engine, a local Poe, stacks of a test's own, and an endpoint that can be talked to."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from kept import Kept
from shells import Dynamic, Native, Shell
from stacks import OTHER_POE_KEY, POE_KEY, Stack, StackFactory
from talking_endpoint import TalkingEndpoint

from pulumi_poe.emulator import Emulator
from tools.engine import install


def pytest_addoption(parser: pytest.Parser) -> None:
    # A plugin would also seed everybody's random numbers anew, and each worker would take an order of its own.
    parser.addoption("--shuffle", metavar="SEED", help="run the tests in a random order, the same for a seed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long ones go first, so that no worker has one left when the others are done; or none before another.

    What is marked ``dynamic_only`` is there for that shell alone.
    """
    items[:] = [item for item in items if not (_is_native(item) and item.get_closest_marker("dynamic_only"))]
    seed = config.getoption("--shuffle")
    if seed is None:
        items.sort(key=lambda item: item.get_closest_marker("long") is None)
    else:
        random.Random(seed).shuffle(items)


@pytest.fixture(scope="session")
def engine() -> Path:
    """The folder of the real Pulumi CLI. Without it the tests fail; none is skipped."""
    return install.find_or_install()


@pytest.fixture(scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pulumi-home")


@pytest.fixture(scope="session")
def what_is_kept(engine: Path, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """In pytest's own cache, so that a second run finds it."""
    cache = getattr(pytestconfig, "cache", None)
    folder = cache.mkdir("pulumi") if cache else tmp_path_factory.mktemp("kept")
    return Kept(folder, engine, commands=tmp_path_factory.mktemp("commands"))


@pytest.fixture
def poe(tmp_path: Path) -> Iterator[Emulator]:
    accounts = {"ours": POE_KEY, "theirs": OTHER_POE_KEY}
    with Emulator(tmp_path / "poe.sqlite", accounts=accounts) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def the_endpoint() -> Iterator[TalkingEndpoint]:
    with TalkingEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(the_endpoint: TalkingEndpoint) -> TalkingEndpoint:
    """A small real one, as new."""
    the_endpoint.reset()
    return the_endpoint


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of a module that is marked ``both_shells`` runs in both, but where it is marked ``dynamic_only``."""
    if metafunc.definition.get_closest_marker("both_shells") and "shell" in metafunc.fixturenames:
        metafunc.parametrize("shell", ["dynamic", "native"], indirect=True)


def _is_native(item: pytest.Item) -> bool:
    return (
        isinstance(item, pytest.Function)
        and getattr(item, "callspec", None) is not None
        and (item.callspec.params.get("shell") == "native")
    )


@pytest.fixture
def shell(request: pytest.FixtureRequest) -> Shell:
    """In which a test's stacks live."""
    if getattr(request, "param", "dynamic") == "dynamic":
        return Dynamic()
    return Native(install.find_or_build_yaml_host(request.getfixturevalue("engine")))


@pytest.fixture
def new_stack(tmp_path: Path, engine: Path, pulumi_home: Path, what_is_kept: Kept, shell: Shell) -> StackFactory:
    """Makes stacks that know no Poe and no key. Each has a project folder; all share one state."""

    def make(name: str = "dev", folder: Path | None = None, poe: Emulator | None = None, **environment: str) -> Stack:
        project = folder or tmp_path / "project"
        project.mkdir(exist_ok=True)
        return Stack(
            project,
            engine_path=[str(engine)],
            pulumi_home=pulumi_home,
            state=tmp_path / "state",
            environment=environment,
            name=name,
            kept=what_is_kept,
            poe=poe,
            shell=shell,
        )

    return make


@pytest.fixture
def stack(new_stack: StackFactory, poe: Emulator) -> Stack:
    """A new stack on the local Poe."""
    return new_stack(poe=poe, POE_API_URL=poe.url, POE_API_KEY=POE_KEY).program("").init()
