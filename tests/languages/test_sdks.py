"""The generated packages: their names, which can't be changed later, and what must not be in them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from languages import GO, LANGUAGES, PYTHON, TYPESCRIPT, Language, Prepared
from native import ROOT

from tools import home, schema, sdks
from tools.engine import install

SCHEMA: dict[str, Any] = json.loads(schema.SCHEMA.read_text("utf-8"))


@pytest.fixture(scope="session")
def npm_package(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The npm package, unpacked."""
    folder = tmp_path_factory.mktemp("npm")
    with tarfile.open(prepared.sdk / "nodejs" / sdks.NPM_PACKAGE) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def sources(prepared: Prepared, npm_package: Path) -> dict[str, str]:
    """All code of each package."""
    folders = {npm_package: "*.js", prepared.sdk / "go": "*.go", prepared.sdk / "python": "*.py"}
    return {
        str(folder): "\n".join(file.read_text() for file in sorted(folder.rglob(pattern)))
        for folder, pattern in folders.items()
    }


def test_no_package_has_the_engine_replace_what_the_plugin_would_update(prepared: Prepared, npm_package: Path) -> None:
    for folder, text in sources(prepared, npm_package).items():
        assert "poe:index:Bot" in text, folder
        assert re.findall(r"replace_?on_?changes", text, flags=re.IGNORECASE) == [], folder


def test_no_package_reads_a_setting_from_the_environment(prepared: Prepared, npm_package: Path) -> None:
    """It would write the key into the state."""
    for folder, text in sources(prepared, npm_package).items():
        assert "POE_" not in text, folder


def test_every_package_has_the_name_and_the_version_of_the_schema(prepared: Prepared, npm_package: Path) -> None:
    of_npm = json.loads((npm_package / "package.json").read_text())
    assert (of_npm["name"], of_npm["version"]) == ("pulumi-poe-native", SCHEMA["version"])
    assert of_npm["pulumi"] == {"resource": True, "name": "poe", "version": SCHEMA["version"]}
    assert (npm_package / "index.js").exists()
    assert (npm_package / "index.d.ts").exists()

    of_go = (prepared.sdk / "go/go.mod").read_text()
    assert of_go.startswith(f"module {home.go_path(home.project())}/sdk/go\n")
    assert (prepared.sdk / "go/poe/bot.go").exists()

    of_python = (prepared.sdk / "python/pyproject.toml").read_text()
    assert 'name = "pulumi_poe_native"' in of_python
    assert f'version = "{SCHEMA["version"]}"' in of_python
    plugin = json.loads((prepared.sdk / "python/pulumi_poe_native/pulumi-plugin.json").read_text())
    assert plugin == {"resource": True, "name": "poe", "version": SCHEMA["version"]}


def test_the_path_of_the_go_package_is_the_same_everywhere() -> None:
    path = SCHEMA["language"]["go"]["importBasePath"]
    module = path.removesuffix("/poe")
    assert f'"{path}"' in (GO.example / "main.go").read_text()
    assert f"replace {module} => ../../sdk/go" in (GO.example / "go.mod").read_text()
    assert path in (ROOT / "docs/languages.md").read_text()


def test_the_sdk_of_the_go_example_is_that_of_the_package(prepared: Prepared) -> None:
    required = rf"{re.escape(install.SDK_MODULE)} (v\S+)"
    files = [GO.example / "go.mod", prepared.sdk / "go/go.mod", install.GENERATOR_MODULE / "go.mod"]
    assert len({re.findall(required, file.read_text())[0] for file in files}) == 1


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_the_documentation_of_a_bot_shows_the_example_in_each_language(language: Language) -> None:
    (shown,) = re.findall(
        rf"```{language}\n(.*?)\n```", SCHEMA["resources"]["poe:index:Bot"]["description"], flags=re.DOTALL
    )
    assert shown == (language.example / language.program).read_text().strip()


def test_a_package_documents_a_bot_in_its_own_language(prepared: Prepared, npm_package: Path) -> None:
    of_typescript = (npm_package / "bot.d.ts").read_text()
    assert "```typescript" in of_typescript
    assert "new poe.Bot(" in of_typescript
    assert "poe.NewBot(" not in of_typescript
    assert "poe.NewBot(" in (prepared.sdk / "go/poe/bot.go").read_text()
    assert 'poe.Bot("reasoner"' in re.sub(r"\(\s+", "(", (prepared.sdk / "python/pulumi_poe_native/bot.py").read_text())


def tsc(project: Path) -> subprocess.CompletedProcess[str]:
    node = install.find_node()
    env = {**os.environ, "PATH": os.pathsep.join([str(node), os.environ["PATH"]])}
    command = ["node", "node_modules/typescript/bin/tsc", "-p", "."]
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=300)


def test_the_compiler_takes_the_example_in_typescript_and_no_misspelt_property(
    prepared: Prepared, tmp_path: Path
) -> None:
    example = prepared.example(TYPESCRIPT)
    (tmp_path / "node_modules").symlink_to(example / "node_modules")
    (tmp_path / "tsconfig.json").write_text((example / "tsconfig.json").read_text())
    text = (example / "index.ts").read_text()
    (tmp_path / "index.ts").write_text(text)
    done = tsc(tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    (tmp_path / "index.ts").write_text(text.replace("modelName:", "modelNam:"))
    done = tsc(tmp_path)
    assert done.returncode != 0
    assert "'modelNam' does not exist" in done.stdout


def test_the_type_checker_takes_the_example_in_python_and_no_misspelt_property(
    prepared: Prepared, tmp_path: Path
) -> None:
    text = (PYTHON.example / "__main__.py").read_text()

    def mypy(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "program.py").write_text(text)
        return subprocess.run(
            [sys.executable, "-m", "mypy", "--config-file=", "--follow-imports=silent", "program.py"],
            cwd=tmp_path,
            env={**os.environ, "MYPYPATH": str(prepared.sdk / "python")},
            capture_output=True,
            text=True,
            timeout=300,
        )

    done = mypy(text)
    assert done.returncode == 0, done.stdout
    done = mypy(text.replace("is_private=", "is_privat="))
    assert done.returncode != 0
    assert '"is_privat"' in done.stdout
