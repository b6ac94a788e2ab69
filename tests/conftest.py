"""What tests on the real engine share: the engine, a local Poe, and stacks of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stacks import OTHER_POE_KEY, POE_KEY, Stack, StackFactory

from pulumi_poe.emulator import Emulator
from tools.engine import install


@pytest.fixture(scope="session")
def engine() -> Path:
    """The folder of the real Pulumi CLI. Without it the tests fail; none is skipped."""
    return install.find_or_install()


@pytest.fixture(scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pulumi-home")


@pytest.fixture
def poe(tmp_path: Path) -> Iterator[Emulator]:
    accounts = {"ours": POE_KEY, "theirs": OTHER_POE_KEY}
    with Emulator(tmp_path / "poe.sqlite", accounts=accounts) as emulator:
        yield emulator


@pytest.fixture
def new_stack(tmp_path: Path, engine: Path, pulumi_home: Path) -> StackFactory:
    """Makes stacks that know no Poe and no key. Each has a project folder; all share one state."""

    def make(name: str = "dev", folder: Path | None = None, **environment: str) -> Stack:
        project = folder or tmp_path / "project"
        project.mkdir(exist_ok=True)
        return Stack(
            project,
            engine_path=[str(engine)],
            pulumi_home=pulumi_home,
            state=tmp_path / "state",
            environment=environment,
            name=name,
        )

    return make


@pytest.fixture
def stack(new_stack: StackFactory, poe: Emulator) -> Stack:
    """A new stack on the local Poe."""
    return new_stack(POE_API_URL=poe.url, POE_API_KEY=POE_KEY).program("").init()
