"""What a release has for the Pulumi CLI. tests/engine/test_getting_it.py lets it take one."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

from tools import archives, home


def test_there_is_one_for_each_platform_by_the_name_that_the_cli_asks_for(tmp_path: Path) -> None:
    written = archives.write(tmp_path / "dist", "1.2.3")
    assert sorted(file.name for file in written) == sorted(file.name for file in (tmp_path / "dist").iterdir())
    assert "pulumi-resource-poe-v1.2.3-linux-amd64.tar.gz" in [file.name for file in written]
    assert len(written) == 6


def test_it_requires_the_package_of_the_release(tmp_path: Path) -> None:
    with tarfile.open(archives.write(tmp_path, "1.2.3")[0]) as archive:
        assert archive.getnames() == ["PulumiPlugin.yaml", "__main__.py", "requirements.txt"]
        requirements = archive.extractfile("requirements.txt")
        assert requirements is not None
        assert requirements.read() == b"pulumi-poe==1.2.3\n"


def test_none_is_written_while_no_release_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project: dict[str, Any] = {**home.project(), "urls": {"Repository": "https://git.example/acme/pulumi-poe"}}
    monkeypatch.setattr(home, "project", lambda: project)
    why = archives.main([str(tmp_path / "dist")])
    assert why is not None
    assert why.startswith("not to be released: Repository, in pyproject.toml, is the placeholder")
    assert not (tmp_path / "dist").exists()


def test_it_is_told_where_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {"Repository": "https://git.acme.test/acme/pulumi-poe"}
    project: dict[str, Any] = {**home.project(), "urls": urls, "classifiers": []}
    monkeypatch.setattr(home, "project", lambda: project)
    assert archives.main([]) == "usage: python -m tools.archives FOLDER"
    assert archives.main([str(tmp_path / "dist")]) is None
    assert len(list((tmp_path / "dist").iterdir())) == 6
