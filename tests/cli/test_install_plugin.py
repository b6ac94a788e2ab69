"""`pulumi-poe install-plugin`. tests/engine/test_getting_it.py has what it installs under the real CLI."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_poe.cli.install_plugin import shim

Run = Callable[..., tuple[int, str, str]]

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="runs a script for sh")


def written(folder: Path, python: str) -> Path:
    name, text = shim(python, on_windows=False)
    file = folder / name
    file.write_text(text)
    file.chmod(0o755)
    return file


def test_without_pulumi_on_path_it_is_one_line(call: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert call("install-plugin") == (
        1,
        "",
        "Error: pulumi can't be run (No such file or directory). Is it on PATH?\n",
    )


def test_what_pulumi_refuses_is_one_line(call: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pulumi").write_text("#!/bin/sh\necho 'error: the disk is full\nreally' >&2\nexit 255\n")
    (tmp_path / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert call("install-plugin") == (1, "", "Error: `pulumi plugin install` failed: the disk is full really\n")


def test_a_folder_gets_the_plugin_and_the_program_is_told_how_to_find_it(call: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "plugin"
    code, output, errors = call("install-plugin", "--folder", str(folder))
    assert (code, errors) == (0, "")
    (file,) = folder.iterdir()
    assert output == (
        f"Wrote {file}. A program in Pulumi.yaml finds it with:\n"
        f"  plugins: {{providers: [{{name: poe, path: {folder}}}]}}\n"
    )


def test_a_folder_that_can_not_be_written_is_one_line(call: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, _, errors = call("install-plugin", "--folder", str(tmp_path / "file" / "below"))
    assert code == 1
    assert errors == f"Error: can't write {tmp_path}/file/below/pulumi-resource-poe: Not a directory\n"


@on_posix
def test_the_script_runs_the_plugin_with_its_arguments(tmp_path: Path) -> None:
    done = subprocess.run([written(tmp_path, sys.executable), "--help"], capture_output=True, text=True)
    assert "pulumi-poe's plugin for Pulumi's engine" in done.stdout + done.stderr


@on_posix
@pytest.mark.skipif(sys.version_info < (3, 11), reason="an older Python can't be told to leave the folder out")
def test_modules_of_the_project_are_not_taken_for_the_plugins(tmp_path: Path) -> None:
    script = written(tmp_path, sys.executable)
    project = tmp_path / "project"
    project.mkdir()
    (project / "pulumi_poe.py").write_text("raise SystemExit('the one of the project')")
    done = subprocess.run([script, "--help"], cwd=project, capture_output=True, text=True)
    assert "the one of the project" not in done.stderr


@on_posix
def test_a_python_that_is_gone_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run([written(tmp_path, "/nowhere/it's/python")], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == (
        "the Python of the plugin poe is gone. Run `pulumi-poe install-plugin` again, from the environment that has "
        "pulumi-poe now.\n"
    )


@on_posix
def test_the_path_of_the_python_may_hold_anything(tmp_path: Path) -> None:
    python = tmp_path / 'it\'s $HOME "quoted" `x` ü' / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    done = subprocess.run([written(tmp_path, str(python))], capture_output=True, text=True)
    # It was started, be it without the environment's packages.
    assert re.search("No module named 'pulumi_poe'|pulumi-poe's plugin for Pulumi's engine", done.stderr), done.stderr


def test_on_windows_it_is_a_batch_file() -> None:
    """As far as can be told without one: its lines, and that a percent sign stays one."""
    name, text = shim(r"C:\100% mine\python.exe", on_windows=True)
    assert name == "pulumi-resource-poe.cmd"
    lines = text.split("\r\n")
    assert lines[:2] == ["@echo off", 'if not exist "C:\\100%% mine\\python.exe" (']
    assert lines[-2].startswith('"C:\\100%% mine\\python.exe" ')
    assert lines[-2].endswith("-m pulumi_poe.native %*")
