"""`pulumi-poe install-plugin`: the native plugin, for the Pulumi CLI to start."""

from __future__ import annotations

import io
import shlex
import sys
from importlib import metadata
from pathlib import Path
from typing import Final

import click

from ..core.values.text import printable
from .common import CONTEXT, pulumi

NAME: Final = "pulumi-resource-poe"
"""By this name the engine looks for the plugin."""

_MODULE: Final = "pulumi_poe.native"
_GONE: Final = (
    "the Python of the plugin poe is gone. Run `pulumi-poe install-plugin` again, from the environment that has "
    "pulumi-poe now."
)


@click.command("install-plugin", context_settings=CONTEXT)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the plugin into this folder, for `plugins:` in Pulumi.yaml. The CLI's own are left alone.",
)
def install_plugin_command(folder: Path | None) -> None:
    """Install the native plugin for the Pulumi CLI, so that programs in YAML, TypeScript and Go find it.

    What is installed is a script of a few lines. It starts the Python that runs this command, so pulumi-poe has to stay
    where it is: run this again after an upgrade, or when the environment has moved. What an earlier run installed of
    this version is replaced.

    \b
    Examples:
      pulumi-poe install-plugin
      pulumi-poe install-plugin --folder plugin

    \b
    Exit codes:
      0  installed
      1  pulumi is not on PATH, or it or the file system refused
      2  wrong usage
    """
    name, script = shim(sys.executable, on_windows=sys.platform == "win32")
    if folder is not None:
        _write(folder, name, script)
        click.echo(printable(f"Wrote {folder / name}. A program in Pulumi.yaml finds it with:"))
        click.echo(printable(f"  plugins: {{providers: [{{name: poe, path: {folder}}}]}}"))
        return
    version = metadata.version("pulumi-poe")
    _hand_over(version, _archive(name, script))
    click.echo(printable(f"Installed the plugin poe {version}, which runs {sys.executable}."))


def shim(python: str, *, on_windows: bool) -> tuple[str, str]:
    """The plugin as a script: its name, and its text.

    A virtual environment itself can't be installed: the CLI refuses archives with links.

    :param python: the path of a Python that has this package.
    :param on_windows: a batch file, and no script for sh.
    """
    # The engine starts it in the project's folder, whose modules are not to be taken for the plugin's.
    safely = "-P " if sys.version_info >= (3, 11) else ""
    if on_windows:
        quoted = f'"{python.replace("%", "%%")}"'
        lines = ["@echo off", f"if not exist {quoted} (", f"  echo {_GONE} 1>&2", "  exit /b 1", ")"]
        return f"{NAME}.cmd", "\r\n".join([*lines, f"{quoted} {safely}-m {_MODULE} %*", ""])
    quoted = shlex.quote(python)
    return NAME, (
        "#!/bin/sh\n"
        "# Made by `pulumi-poe install-plugin`.\n"
        f"if [ ! -x {quoted} ]; then\n"
        f"  echo {shlex.quote(_GONE)} >&2\n"
        "  exit 1\n"
        "fi\n"
        f'exec {quoted} {safely}-m {_MODULE} "$@"\n'
    )


def _write(folder: Path, name: str, script: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / name
        file.write_bytes(_bytes(script))
        file.chmod(0o755)
    except OSError as error:
        raise click.ClickException(f"can't write {folder / name}: {error.strerror}") from None


def _archive(name: str, script: str) -> bytes:
    import tarfile

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        content = _bytes(script)
        member.size, member.mode = len(content), 0o755
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _hand_over(version: str, archive: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{NAME}-v{version}.tar.gz"
        file.write_bytes(archive)
        done = pulumi("plugin", "install", "resource", "poe", version, "--file", str(file), "--reinstall")
    if done.returncode != 0:
        raise click.ClickException(f"`pulumi plugin install` failed: {done.stderr.strip().removeprefix('error: ')}")


def _bytes(script: str) -> bytes:
    return script.encode("utf-8", "surrogateescape")  # a path may be of any bytes
