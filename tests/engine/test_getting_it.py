"""The ways to get the native plugin, as docs/native.md has them, each to a bot on the local Poe."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import git_over_https
import pytest
from command import COMMAND
from native import ROOT, NativeStack, bot
from stacks import POE_KEY, Stack
from todays_host import todays_host

from pulumi_poe.emulator import Emulator
from tools import archives, home
from tools.engine import install

BOT = {"reasoner": bot(handle="Acme-Reasoner", description="Thinks first.")}
AMBIENT = "pulumi-resource-poe from $PATH"


@pytest.fixture
def native(tmp_path: Path, engine: Path, poe: Emulator) -> NativeStack:
    """A new stack on the local Poe, for a CLI that has no plugin and may look for one."""
    path = [str(engine), str(install.find_or_build_yaml_host(engine))]
    environment = {
        "POE_API_URL": poe.url,
        "POE_API_KEY": POE_KEY,
        "PYTHONPATH": str(ROOT),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "false",
    }

    def stack(folder: Path) -> Stack:
        return Stack(
            folder,
            engine_path=path,
            pulumi_home=tmp_path / "home",
            state=tmp_path / "state",
            environment=environment,
        )

    return NativeStack(stack, tmp_path / "project")


@pytest.fixture
def nothing_is_downloaded(native: NativeStack) -> Iterator[None]:
    """Whatever the CLI would fetch, it would fetch through a proxy, which refuses it and is not to be asked."""
    asked: list[str] = []

    class Refuses(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            asked.append(self.path)
            self.send_error(403)

        def do_GET(self) -> None:
            self.do_CONNECT()

        def log_message(self, *_: object) -> None:
            """Standard error is the tests'."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refuses) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{proxy.server_port}"
        native.stack.environment |= {"HTTPS_PROXY": address, "HTTP_PROXY": address, "NO_PROXY": "127.0.0.1,localhost"}
        yield
        proxy.shutdown()
    assert asked == []


def install_plugin(native: NativeStack, *arguments: str, command: list[str] = COMMAND) -> str:
    done = subprocess.run(
        [*command, "install-plugin", *arguments],
        cwd=native.stack.folder,
        env=native.stack.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def plugins(native: NativeStack) -> list[str]:
    """What the CLI says that it has."""
    return re.findall(r"^(poe +resource +\S+)", native.run("plugin", "ls").succeeded().output, flags=re.MULTILINE)


# --- by the command -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_is_downloaded")
def test_the_command_installs_what_a_program_then_finds_without_a_word(native: NativeStack, poe: Emulator) -> None:
    assert install_plugin(native) == f"Installed the plugin poe 0.1.0, which runs {sys.executable}.\n"
    native.program(BOT)
    shown, done = native.preview().succeeded(), native.up().succeeded()
    assert AMBIENT not in shown.output + done.output
    assert [one["handle"] for one in poe.bots()] == ["Acme-Reasoner"]
    assert "plugins:" not in (native.stack.folder / "Pulumi.yaml").read_text()


def test_a_program_in_python_is_not_warned_of_it(native: NativeStack, poe: Emulator) -> None:
    install_plugin(native)
    (native.stack.folder / "Pulumi.yaml").write_text("name: tested\nruntime: python\n")
    native.stack.environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    native.stack.program('Bot("reasoner", handle="Acme-Reasoner", api_bot_settings={})')
    assert "pulumi-resource-poe" not in native.up().succeeded().output
    assert list(native.stack.bots()) == ["reasoner"]
    assert len(poe.bots()) == 1


def test_to_install_again_replaces_what_is_there(native: NativeStack) -> None:
    install_plugin(native)
    (installed,) = native.stack.folder.parent.glob("home/plugins/*/pulumi-resource-poe")
    installed.write_text("broken")
    install_plugin(native)
    assert "pulumi_poe.native" in installed.read_text()
    assert plugins(native) == ["poe   resource  0.1.0"]


@pytest.mark.usefixtures("nothing_is_downloaded")
def test_a_program_may_pin_the_version_that_is_installed(native: NativeStack, poe: Emulator) -> None:
    install_plugin(native)
    native.program({"reasoner": bot(handle="Acme-Reasoner", options={"version": "0.1.0"})})
    native.up().succeeded()
    assert len(poe.bots()) == 1


def test_another_version_than_the_installed_one_is_not_taken(native: NativeStack, poe: Emulator) -> None:
    install_plugin(native)
    native.stack.environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    native.program({"reasoner": bot(handle="Acme-Reasoner", options={"version": "9.9.9"})})
    assert "9.9.9" in native.up().failed().output
    assert poe.bots() == []


def test_a_python_that_is_gone_is_said_when_the_plugin_starts(native: NativeStack, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    # A link lacks the environment's packages, but to write the script this one needs only click and the package.
    native.stack.environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *(one for one in sys.path if "site-" in one)])
    install_plugin(native, command=[str(python), *COMMAND[3:]])
    python.unlink()
    run = native.program(BOT).preview().failed()
    assert "the Python of the plugin poe is gone. Run `pulumi-poe install-plugin` again" in run.output
    assert run.tracebacks == []


@pytest.mark.usefixtures("nothing_is_downloaded")
def test_a_folder_of_the_project_has_its_own_plugin(native: NativeStack, poe: Emulator) -> None:
    said = install_plugin(native, "--folder", "plugin")
    (line,) = re.findall(r"^  plugins: (.*)$", said, flags=re.MULTILINE)
    assert line == "{providers: [{name: poe, path: plugin}]}"
    native.program(BOT, plugins={"providers": [{"name": "poe", "path": "plugin"}]})
    assert AMBIENT not in native.up().succeeded().output
    assert len(poe.bots()) == 1
    assert plugins(native) == []


# --- what the address of the project's home does --------------------------------------------------------

HOME = home.download_url({"urls": {"Repository": "https://git.acme.test/acme/pulumi-poe"}})


@pytest.fixture
def with_a_home(native: NativeStack, tmp_path: Path) -> NativeStack:
    """The plugin as it is released: its schema says where it can be had."""
    package = tmp_path / "released" / "pulumi_poe"
    shutil.copytree(ROOT / "pulumi_poe", package, ignore=shutil.ignore_patterns("__pycache__"))
    schema = package / "native/schema.json"
    schema.write_text(json.dumps({**json.loads(schema.read_text()), "pluginDownloadURL": HOME}))
    native.stack.environment["PYTHONPATH"] = str(package.parent)
    install_plugin(native)
    return native


def default_provider(native: NativeStack) -> str:
    """The name of the provider that the bot has."""
    name: str = native.bots()["reasoner"]["provider"].split("::")[3]
    return name


@pytest.mark.usefixtures("nothing_is_downloaded")
def test_a_home_in_the_schema_changes_nothing_for_a_program_in_yaml(with_a_home: NativeStack) -> None:
    with_a_home.program(BOT).up().succeeded()
    assert HOME in with_a_home.run("package", "get-schema", "poe").succeeded().stdout
    assert default_provider(with_a_home) == "default"


@pytest.mark.usefixtures("nothing_is_downloaded")
def test_another_home_is_another_default_provider_and_no_bot_changes(native: NativeStack, poe: Emulator) -> None:
    """A generated SDK passes the address that it was made with, as these options do."""
    install_plugin(native)
    for address, name in (
        (HOME, "default_0_1_0_https_/git.acme.test/acme/pulumi-poe/releases/download/v__VERSION_"),
        ("https://elsewhere.acme.test", "default_0_1_0_https_/elsewhere.acme.test"),
    ):
        options = {"pluginDownloadURL": address.replace("$", "$$"), "version": "0.1.0"}
        native.program({"reasoner": bot(handle="Acme-Reasoner", options=options)}).up().succeeded()
        assert default_provider(native) == name
    assert [request.method for request in poe.requests if request.method != "GET"] == ["POST"]


# --- as the page says -----------------------------------------------------------------------------------

PAGE = (ROOT / "docs/native.md").read_text()


def run_as_the_page_says(native: NativeStack, section: str, typed: str = "") -> None:
    """All commands of a section, in the project's folder."""
    commands = re.findall(r"^\$ (.*)$", re.split(r"\n##", PAGE.partition(f"# {section}\n")[2])[0], flags=re.MULTILINE)
    assert commands
    for command in commands:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=native.stack.folder,
            env={**native.stack.environment, "PULUMI_SKIP_CONFIRMATIONS": "true"},
            input=typed,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"


def test_the_program_of_the_page_is_used_as_it_says(native: NativeStack, poe: Emulator) -> None:
    install_plugin(native)
    for name in ("POE_API_URL", "POE_API_KEY"):
        del native.stack.environment[name]
    (program,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    (native.stack.folder / "Pulumi.yaml").write_text(program.replace("name: my-bots", "name: tested"))
    native.stack.config("poe:apiUrl", poe.url)
    run_as_the_page_says(native, "Use it", typed=f"{POE_KEY}\n")
    assert [one["handle"] for one in poe.bots()] == ["Acme-Reasoner"]


@pytest.fixture
def checkout(native: NativeStack, engine: Path) -> Path:
    """A copy of this checkout in the project, and nothing of it elsewhere. The CLI has today's Python host."""
    folder = native.stack.folder / "pulumi-poe"
    for name in ("plugin", "pulumi_poe"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("venv", "__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    _, *path = native.stack.environment["PATH"].split(os.pathsep)  # without the environment of the tests
    native.stack.environment["PATH"] = os.pathsep.join([str(todays_host(engine)), *path])
    del native.stack.environment["PYTHONPATH"]
    return folder


@pytest.mark.long
@pytest.mark.usefixtures("checkout")
def test_the_package_is_installed_and_the_command_run(native: NativeStack, poe: Emulator) -> None:
    native.program(BOT)
    run_as_the_page_says(native, "By the command")
    assert AMBIENT not in native.up().succeeded().output
    assert len(poe.bots()) == 1

    run_as_the_page_says(native, "In a folder of the project")
    native.run("plugin", "rm", "resource", "poe", "--yes").succeeded()
    (line,) = re.findall(r"`plugins: (\{.*?\})`", PAGE)
    project = native.stack.folder / "Pulumi.yaml"
    project.write_text(f"name: tested\nruntime: yaml\nplugins: {line}\nresources: {json.dumps(BOT)}\n")
    assert AMBIENT not in native.up("--expect-no-changes", "--skip-preview").succeeded().output


@pytest.mark.long
def test_a_checkout_is_added_to_the_program_and_used_as_it_is(
    native: NativeStack, checkout: Path, poe: Emulator
) -> None:
    native.program(BOT)
    run_as_the_page_says(native, "As source")
    assert "poe: ./pulumi-poe/plugin" in (native.stack.folder / "Pulumi.yaml").read_text()
    assert AMBIENT not in native.up().succeeded().output
    assert [one["handle"] for one in poe.bots()] == ["Acme-Reasoner"]

    # What is changed in the checkout is changed in the plugin.
    schema = checkout / "pulumi_poe/native/schema.json"
    schema.write_text(schema.read_text().replace("Poe API bots", "What somebody changed", 1))
    assert "What somebody changed" in native.run("package", "get-schema", "./pulumi-poe/plugin").succeeded().stdout

    shutil.rmtree(checkout / "plugin/venv")  # as where somebody else checks the project out
    native.run("install").succeeded()
    native.preview("--expect-no-changes").succeeded()


@pytest.mark.long
def test_a_release_is_downloaded_by_the_engine(
    native: NativeStack, checkout: Path, poe: Emulator, tmp_path: Path
) -> None:
    """As it is for a program with a generated SDK, which passes the address and the version."""
    wheels, releases = tmp_path / "wheels", tmp_path / "releases"
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), str(checkout)]
    subprocess.run(build, check=True)
    archives.write(releases / "v0.1.0", "0.1.0")
    shutil.rmtree(checkout)
    found = f"{os.environ.get('PIP_FIND_LINKS', '')} {wheels}".strip()
    native.stack.environment["PIP_FIND_LINKS"] = found  # in the place of an index that has the release
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(releases))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/v$${{VERSION}}"
        options = {"pluginDownloadURL": address, "version": "0.1.0"}
        native.program({"reasoner": bot(handle="Acme-Reasoner", options=options)}).up().succeeded()
        server.shutdown()
    assert len(poe.bots()) == 1
    assert plugins(native) == ["poe   resource  0.1.0"]


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Go takes certificates from the system alone")
def test_the_address_of_a_repository_is_added_to_the_program(
    native: NativeStack, checkout: Path, poe: Emulator, tmp_path: Path
) -> None:
    repositories = tmp_path / "repositories"
    git_over_https.publish(checkout, repositories, "acme/pulumi-poe.git", tag="v0.1.0")
    (address,) = re.findall(r"`(https://HOST/OWNER/\S+)`", PAGE)
    address = address.replace("HOST", git_over_https.HOST).replace("OWNER", "acme")
    native.program(BOT)
    with git_over_https.serving(repositories, tmp_path) as environment:
        native.stack.environment |= environment
        native.run("package", "add", f"{address}@0.1.0").succeeded()
        assert AMBIENT not in native.up().succeeded().output
    assert [one["handle"] for one in poe.bots()] == ["Acme-Reasoner"]
    # docs/state.md has this name.
    assert default_provider(native) == "default_0_1_0_git_/git.acme.test/acme/pulumi-poe.git/plugin"
