"""The hosts of all languages, the generated packages, and projects on the local Poe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from canaries import ENDPOINT_KEY
from languages import Language, Prepared, Project, environment, prepare
from native import shim
from stacks import POE_KEY, Stack

from pulumi_poe.emulator import Emulator
from tools.engine import install

HANDLE = "Acme-Reasoner"


@pytest.fixture(scope="session")
def hosts(engine: Path) -> list[Path]:
    """The folders of the CLI and of all language hosts."""
    return [engine, install.find_or_build_yaml_host(engine), install.find_or_build_other_hosts(engine)]


@pytest.fixture(scope="session")
def go(hosts: list[Path]) -> install.Go:
    """The Go toolchain: the machine's, else one that stays in the cache. After all builds, which would remove it."""
    assert hosts
    install.find_or_build_generator()
    with install.locked(install.cache_dir() / "engine.lock"), install.go_toolchain(keep=True) as found:
        return found


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, go: install.Go) -> Prepared:
    """Once for all workers."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if base.name.startswith("popen-") else base) / "languages"
    with install.locked(root.with_suffix(".lock")):
        if not root.exists():
            with install.finished_as(root) as unfinished:
                prepare(unfinished, go)
    return Prepared(root)


@pytest.fixture
def new_project(
    tmp_path: Path, hosts: list[Path], pulumi_home: Path, prepared: Prepared, go: install.Go, poe: Emulator
) -> Callable[[Language], Project]:
    """Makes a project in a language, whose stack knows the handle and the endpoint's key."""
    tools = [install.find_node(), Path(go.command).parent]
    path = [str(folder) for folder in dict.fromkeys([shim(tmp_path / "plugin"), *hosts, *tools])]

    def make(language: Language) -> Project:
        def stack(folder: Path) -> Stack:
            return Stack(
                folder,
                engine_path=path,
                pulumi_home=pulumi_home,
                state=tmp_path / "state",
                environment={**environment(prepared, go), "POE_API_URL": poe.url, "POE_API_KEY": POE_KEY},
            )

        project = Project(language, prepared, tmp_path / "checkout", stack)
        project.stack.config("handle", HANDLE).config("endpointKey", ENDPOINT_KEY, secret=True)
        return project

    return make
