"""`pulumi-poe import`: existing bots as a program and as what `pulumi import` takes."""

from __future__ import annotations

import ast
import json
import shlex
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.values.text import counted, printable
from .common import (
    CONTEXT,
    account,
    json_option,
    print_json,
    recorded_bots,
    telling,
)

if TYPE_CHECKING:
    from ..core.bot.declaring import Existing
    from ..core.poe.account import Account
    from ..importing import ImportedBot, Program

PROGRAM = "bots.py"
IMPORT = "import.json"
IMPORT_PROTECTED = "import-protected.json"
NATIVE_PROGRAM = "bots.yaml"
"""What the CLI is told to write. A host of another language takes any name too."""


@dataclass
class _Chosen:
    bots: list[Existing] = field(default_factory=list)
    no_api_bots: list[str] = field(default_factory=list)
    in_the_stack: list[str] = field(default_factory=list)


@click.command("import", context_settings=CONTEXT)
@click.argument("handles", metavar="[HANDLE]...", nargs=-1)
@click.option("--all", "take_all", is_flag=True, help="All API bots of the account.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder to write to, such as the project's. Created where missing.",
)
@click.option(
    "--stack",
    metavar="NAME",
    help="Leave out the bots that this stack of the project in the current folder has. Runs `pulumi stack export`.",
)
@click.option(
    "--native",
    is_flag=True,
    help="For the native plugin: write import.json alone, from which `pulumi import` makes the program, in YAML too.",
)
@click.option("--force", is_flag=True, help="Overwrite files of an earlier import.")
@json_option
def import_command(
    handles: tuple[str, ...], take_all: bool, out: Path, stack: str | None, native: bool, force: bool, as_json: bool
) -> None:
    """Bring existing bots under Pulumi as they are, without touching them.

    Nothing is written to Poe. In the folder of --out it writes bots.py, the program that declares the bots, and
    import.json, which `pulumi import --file` takes into the state. It then says what to run. After that, `pulumi
    preview` shows no change. Endpoints' keys are not imported, since Poe never gives them back: each stays as it is
    on Poe until the program sets one.

    Bots that are no API bots are left out by --all. A HANDLE, in any spelling, that names one is imported protected.
    What pulumi-poe does not know or would refuse is not declared, and so stays on Poe as it is; warnings say what.

    With --native the bots are those of the native plugin, which takes API bots only and itself warns of what it leaves.

    \b
    Examples:
      pulumi-poe import Acme-Reasoner --out .
      pulumi-poe import --all --out imported
      pulumi-poe import --all --out more --stack prod
      pulumi-poe import --all --out . --native

    \b
    Exit codes:
      0  written, also with warnings
      1  no such bot, with --native no API bot, a file exists, no key, or Poe refused or could not be reached; nothing
         was written
      2  wrong usage
    """
    from ..core.errors import doing

    if bool(handles) == take_all:
        raise click.UsageError("Name the bots to import, or use --all.")
    if not force:
        _refuse_files_that_exist(out, (IMPORT,) if native else (PROGRAM, IMPORT, IMPORT_PROTECTED))
    with telling("Asking Poe for the list of bots") as tell, doing("import bots"):
        poe = account()
        listed = poe.bots()
        tell("Reading the stack's state")
        recorded = recorded_bots(stack) if stack else []
        tell("Writing the program")
        chosen = _chosen(poe, listed, handles, recorded)
        taken = {bot["__name"] for bot in recorded}
        if native:
            _write_for_native(chosen, taken, out, stack, as_json)
        else:
            _write_and_report(poe, chosen, taken, out, stack, as_json)


def _refuse_files_that_exist(out: Path, names: Iterable[str]) -> None:
    there = [name for name in names if (out / name).exists()]
    if there:
        raise click.ClickException(
            f"{_named(out)} already has {' and '.join(there)}. Use another folder for --out, or --force to overwrite."
        )


def _chosen(
    poe: Account, listed: list[dict[str, Any]], handles: tuple[str, ...], recorded: list[dict[str, Any]]
) -> _Chosen:
    from ..core.bot.declaring import existing
    from ..core.bot.handles import canonical_handle
    from ..core.errors import doing
    from ..core.lifecycle.record import held_in

    chosen = _Chosen()
    found = listed
    if handles:
        found = []
        for handle in {canonical_handle(handle): handle for handle in handles}.values():
            with doing(f"import bot {handle!r}"):
                found.append(poe.bot(handle))
    for bot in map(existing, found):
        if held_in(recorded, bot.handle) is not None:
            chosen.in_the_stack.append(bot.handle)
        elif not bot.is_api_bot and not handles:
            chosen.no_api_bots.append(bot.handle)
        else:
            chosen.bots.append(bot)
    return chosen


def _write_and_report(
    poe: Account, chosen: _Chosen, taken: Collection[str], out: Path, stack: str | None, as_json: bool
) -> None:
    from ..core.lifecycle.record import recorded_as_seen
    from ..importing import import_file, program_of

    program = program_of(chosen.bots, taken=taken)
    files: dict[str, str] = {}
    for name, bots in _by_file(program.bots).items():
        files[name] = json.dumps(import_file(bots, partial(recorded_as_seen, poe.settings)), indent=1) + "\n"
    if files:
        files[PROGRAM] = program.text
        _refuse_to_lose_bots(out / PROGRAM, program)
        _write(out, files, stale=(IMPORT, IMPORT_PROTECTED))
    of_stack = _of(stack)
    commands = [_import_command(out, name, of_stack) for name in files if name != PROGRAM]
    if as_json:
        print_json(
            {
                "files": [str(out / name) for name in files],
                "imported": [
                    {"handle": bot.declared["handle"], "name": bot.name, "protect": bot.protect} for bot in program.bots
                ],
                "in_the_stack": chosen.in_the_stack,
                "no_api_bots": chosen.no_api_bots,
                "warnings": list(_warnings(chosen.bots)),
                "commands": commands,
                "config_keys": program.config_keys,
            }
        )
        return
    for warning in _warnings(chosen.bots):
        click.echo(f"Warning: {printable(warning)}", err=True)
    for line in _report(chosen, program, out, commands, of_stack):
        click.echo(printable(line))


def _write_for_native(chosen: _Chosen, taken: Collection[str], out: Path, stack: str | None, as_json: bool) -> None:
    """The file for `pulumi import`, which makes the program itself."""
    from ..importing import native_import_file

    for bot in chosen.bots:
        if not bot.is_api_bot:
            raise click.ClickException(
                f"bot {bot.handle!r} is no API bot, and the native plugin has no others. Import it without --native."
            )
    file = native_import_file([bot.handle for bot in chosen.bots], taken=taken)
    files = {IMPORT: json.dumps(file, indent=1) + "\n"} if chosen.bots else {}
    if files:
        _write(out, files, stale=())
    program = shlex.quote(str(out / NATIVE_PROGRAM))
    command = f"pulumi import --file {shlex.quote(str(out / IMPORT))} --out {program} --yes --protect=false{_of(stack)}"
    if as_json:
        print_json(
            {
                "files": [str(out / name) for name in files],
                "imported": [{"handle": one["id"], "name": one["name"], "protect": False} for one in file["resources"]],
                "in_the_stack": chosen.in_the_stack,
                "no_api_bots": chosen.no_api_bots,
                "warnings": [],
                "commands": [command] if files else [],
                "config_keys": {},
            }
        )
        return
    for line in _native_report(chosen, out, command, _of(stack)):
        click.echo(printable(line))


def _by_file(bots: Iterable[ImportedBot]) -> dict[str, list[ImportedBot]]:
    """`pulumi import` protects all of a file or nothing, so what is to be protected has a file of its own."""
    files: dict[str, list[ImportedBot]] = {}
    for bot in bots:
        files.setdefault(IMPORT_PROTECTED if bot.protect else IMPORT, []).append(bot)
    return files


def _import_command(out: Path, name: str, of_stack: str) -> str:
    protect = "true" if name == IMPORT_PROTECTED else "false"
    file = shlex.quote(str(out / name))
    return f"pulumi import --file {file} --yes --generate-code=false --protect={protect}{of_stack}"


def _of(stack: str | None) -> str:
    return f" --stack {shlex.quote(stack)}" if stack else ""


def _write(out: Path, files: dict[str, str], *, stale: Iterable[str]) -> None:
    """Write files, each whole or not at all.

    :param stale: files of an earlier import, which are removed.
    """
    import os

    target = out
    try:
        out.mkdir(parents=True, exist_ok=True)
        for target in (out / name for name in stale):
            target.unlink(missing_ok=True)
        for target, text in ((out / name, text) for name, text in files.items()):
            written = target.with_name(f".{target.name}.new")
            try:
                written.write_text(text, encoding="utf-8")
                os.replace(written, target)  # noqa: PTH105 -- whole or not at all
            finally:
                written.unlink(missing_ok=True)
    except OSError as error:
        raise click.ClickException(f"can't write {target}: {error.strerror}") from None


def _refuse_to_lose_bots(path: Path, program: Program) -> None:
    """A program that no longer declares a bot of the stack deletes it, so --force never writes one."""
    from ..core.bot.handles import canonical_handle

    if not path.exists():
        return
    try:
        source = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        raise click.ClickException(f"{path} can't be read as a program. Use another folder for --out.") from None
    new = {canonical_handle(bot.declared["handle"]) for bot in program.bots}
    old = [
        node.value.value
        for node in ast.walk(source)
        if isinstance(node, ast.keyword) and node.arg == "handle" and isinstance(node.value, ast.Constant)
    ]
    lost = [handle for handle in old if isinstance(handle, str) and canonical_handle(handle) not in new]
    if lost:
        raise click.ClickException(
            f"{path} declares {_listed(lost)}, which the new one would not, and the next `pulumi up` would delete what "
            "no program declares. Use another folder for --out."
        )


# --- what is said -----------------------------------------------------------------------------------


def _warnings(bots: Iterable[Existing]) -> Iterable[str]:
    for bot in bots:
        if bot.unknown:
            names = ", ".join(".".join(path) for path in bot.unknown)
            yield f"bot {bot.handle!r} has {names}, which pulumi-poe does not know: it stays as it is, undeclared"
        for path, why in bot.refused:
            yield f"bot {bot.handle!r}: {'.'.join(path)} stays as it is, undeclared, because {why}"
        for why in bot.handle_mistakes:
            yield f"bot {bot.handle!r} is imported, but pulumi-poe will refuse to change it: its handle {why}"


def _native_report(chosen: _Chosen, out: Path, command: str, of_stack: str) -> Iterable[str]:
    yield from _left_out(chosen, way_out="")
    if not chosen.bots:
        yield "There is nothing to import; no file was written."
        return
    yield f"Wrote {counted(len(chosen.bots), 'bot')} to {_named(out)}. Nothing was changed on Poe."
    yield "Next, in the project's folder:"
    yield f"  {command}"
    yield f"Then put the resources of {NATIVE_PROGRAM} into the program, and run:"
    yield f"  pulumi preview{of_stack}"
    yield "It shows no change. Without both steps the next `pulumi up` would refuse or delete what was imported."
    yield "Each endpoint's key stays on Poe as it is. To manage it too, add apiKey to the bot's apiBotSettings."


def _left_out(chosen: _Chosen, *, way_out: str) -> Iterable[str]:
    if chosen.in_the_stack:
        yield f"Left out, because already in the stack: {_listed(chosen.in_the_stack)}."
    if chosen.no_api_bots:
        yield f"Left out, because --all takes API bots only: {_listed(chosen.no_api_bots)}.{way_out}"


def _report(chosen: _Chosen, program: Program, out: Path, commands: list[str], of_stack: str) -> Iterable[str]:
    yield from _left_out(chosen, way_out=" To import one, name it.")
    if not program.bots:
        yield "There is nothing to import; no file was written."
        return
    yield f"Wrote {counted(len(program.bots), 'bot')} to {_named(out)}. Nothing was changed on Poe."
    yield "Next, in the project's folder:"
    for command in commands:
        yield f"  {command}"
    if (out / "__main__.py").exists():
        yield "Then add `import bots` to __main__.py, and run:"
    else:
        yield f"Then put {PROGRAM} beside __main__.py, add `import bots` to that, and run:"
    yield f"  pulumi preview{of_stack}"
    yield "It shows no change. Without both steps the next `pulumi up` would refuse or delete what was imported."
    if program.config_keys:
        yield "Each endpoint's key stays on Poe as it is. To manage it too, which the preview shows as the only change:"
        for key, base_url in program.config_keys.items():
            about = f"  # {base_url}" if base_url else ""
            yield f"  pulumi config set --secret {key}{of_stack}{about}"


def _named(folder: Path) -> str:
    """A folder in a sentence, in which dots would not be seen."""
    if folder.resolve() == Path.cwd():
        return "the current folder"
    return str(folder.resolve() if folder.name in ("", "..") else folder)


def _listed(handles: list[str]) -> str:
    """Up to ten, since an account may have hundreds."""
    shown = ", ".join(map(repr, handles[:10]))
    return shown if len(handles) <= 10 else f"{shown} and {len(handles) - 10} more"
