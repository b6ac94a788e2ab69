"""`pulumi-poe doctor`: what keeps bots from working."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ..core.values.text import counted, one_line, printable
from .common import (
    CONTEXT,
    account,
    console,
    json_option,
    print_json,
    telling,
)
from .exit_codes import without_holding_up_the_end

if TYPE_CHECKING:
    from ..core.poe.account import Account
    from ..doctor.endpoints import Finding

_COLOURS = {"ok": "green", "warning": "yellow", "failed": "red", "skipped": "dim"}


@click.command("doctor", context_settings={**CONTEXT, "show_default": True})
@click.argument("handles", metavar="[HANDLE]...", nargs=-1)
@click.option(
    "--endpoint-key-env", metavar="NAME", help="Environment variable that holds the key of the bots' endpoint."
)
@click.option("--completion", is_flag=True, help="Also ask each bot's model for a tiny completion. It may cost.")
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), default=30.0, metavar="SECONDS", help="For one request."
)
@json_option
@click.pass_context
def doctor_command(
    ctx: click.Context,
    /,
    handles: tuple[str, ...],
    endpoint_key_env: str | None,
    completion: bool,
    timeout: float,
    as_json: bool,
) -> None:
    """Check the key, the account, and the endpoints of all API bots, or of each HANDLE. Changes nothing.

    Of an endpoint it checks DNS, TLS and GET {base_url}/models; with --completion also a completion of at most 16
    tokens, whole and streamed, and that each reports its usage, since Poe charges users by that. It asks as Poe does,
    but from this machine.

    Poe never gives back an endpoint's key. Give it with --endpoint-key-env; it is sent to the host of the bots'
    base_url only, so name the bots of one host.

    \b
    Examples:
      pulumi-poe doctor
      pulumi-poe doctor Acme-Reasoner --endpoint-key-env ACME_KEY --completion
      pulumi-poe doctor --json

    \b
    Exit codes:
      0  nothing failed; there may be warnings
      1  something failed, or there is no key
      2  wrong usage
    """
    key = _endpoint_key(endpoint_key_env)
    with telling("Asking Poe for the list of bots") as tell:
        poe = account()
        findings, bots = _account_findings(poe, handles)
        from ..doctor.endpoints import examine, hosts_of

        hosts = hosts_of(bots)
        if key is not None and len(hosts) > 1:
            raise click.UsageError(
                f"The key would be sent to {len(hosts)} hosts ({printable(', '.join(hosts[:5]))}). "
                "Name the bots of one of them."
            )
        findings += without_holding_up_the_end(
            lambda: examine(
                bots,
                key=key,
                completion=completion,
                timeout=timeout,
                poe_is_here=poe.settings.poe_is_here,
                tell=lambda address: tell(f"Asking {address}"),
            )
        )
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        _print(findings)
    ctx.exit(1 if any(finding.outcome == "failed" for finding in findings) else 0)


def _endpoint_key(name: str | None) -> str | None:
    if name is None:
        return None
    key = os.environ.get(name, "").strip()
    if not (key and key.isascii() and key.isprintable()):
        raise click.UsageError(f"The environment has no key in {printable(name)}.")
    return key


def _account_findings(poe: Account, handles: tuple[str, ...]) -> tuple[list[Finding], list[Mapping[str, Any]]]:
    """What the list of bots tells of key and account, and the bots to check."""
    from ..core.bot.fields import is_api_bot
    from ..core.errors import NotFoundError, PoeError
    from ..doctor.endpoints import Finding

    try:
        listed = poe.bots()
    except PoeError as error:
        return [Finding("Poe", "key and account", "failed", error.problem, error.advice)], []
    api_bots: list[Mapping[str, Any]] = [bot for bot in listed if is_api_bot(bot)]
    said = f"{counted(len(api_bots), 'API bot')} and {counted(len(listed) - len(api_bots), 'other bot')}"
    findings = [Finding("Poe", "key and account", "ok", said)]
    if not handles:
        return findings, api_bots
    chosen: list[Mapping[str, Any]] = []
    for handle in handles:
        try:
            bot = poe.bot(handle)
        except NotFoundError as error:
            findings.append(Finding(f"bot {handle!r}", "exists", "failed", error.problem, error.advice))
            continue
        if is_api_bot(bot):
            chosen.append(bot)
        else:
            findings.append(
                Finding(
                    f"bot {handle!r}",
                    "API bot",
                    "failed",
                    "it is none: it has no api_bot_settings",
                    "Only an API bot has an endpoint to check.",
                )
            )
    return findings, chosen


def _print(findings: list[Finding]) -> None:
    from rich.text import Text

    target = console()
    about = None
    for finding in findings:
        if finding.about != about:
            about = finding.about
            target.print(Text(one_line(about)), soft_wrap=True)
        line = Text("  ")
        line.append(f"{finding.outcome:<8}", _COLOURS[finding.outcome])
        line.append(one_line(finding.check + (f": {finding.said}" if finding.said else "")))
        target.print(line, soft_wrap=True)
        if finding.advice:
            target.print(Text(f"          {one_line(finding.advice)}"), soft_wrap=True)
