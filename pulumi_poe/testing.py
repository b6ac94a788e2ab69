"""A program's bots in unit tests: checked as a preview checks them, without an engine, a key or a network.

Example::

    def test_the_bots_have_no_mistakes():
        mocks = pulumi_poe.testing.run(lambda: runpy.run_path("__main__.py"), config={"endpointKey": "sk-test"})
        assert mocks.declared["reasoner"]["is_private"] is True
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from inspect import isawaitable
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret
from pulumi.runtime.settings import set_root_resource

from .core.bot.handles import same_handle
from .core.errors import NotFoundError
from .core.lifecycle.operations import Operations
from .core.lifecycle.session import Session, logger
from .core.poe.account import chosen
from .core.poe.settings import Settings
from .endpoint_provider import EndpointProvider
from .program.mocked import GET_BOT, GET_BOTS
from .provider import BotProvider
from .tokens import BOT_TYPE, ENDPOINT_TYPE

__all__ = ["Mocks", "run"]


def run(
    program: Callable[[], object],
    mocks: Mocks | None = None,
    *,
    config: Mapping[str, str] | None = None,
    project: str = "project",
    stack: str = "stack",
    preview: bool = False,
) -> Mocks:
    """Run a program with mocks in place of the engine, until all that it declares is there.

    :param program: declares the resources. If it returns an Output or awaitable, as an async function does, that is
        waited for too.
    :param mocks: a new :class:`Mocks` if left out. They are returned.
    :param config: the stack's config. A name without a colon is one of the project.
    :param project: what ``pulumi.get_project()`` gives.
    :param stack: what ``pulumi.get_stack()`` gives.
    :param preview: the program runs as in a preview. Outputs may be unknown then.
    :raises pulumi.RunError: bots have mistakes: all mistakes of all bots, one a line.
    """
    mocks = Mocks() if mocks is None else mocks

    def declare() -> object:
        returned = program()
        return returned if isinstance(returned, pulumi.Output) or isawaitable(returned) else None

    named = {name if ":" in name else f"{project}:{name}": value for name, value in (config or {}).items()}
    asyncio.set_event_loop(_loop())
    # A root of an earlier run, or of the test's own mocks, may belong to another loop.
    set_root_resource(None)  # type: ignore[arg-type]  # which is what it is at first
    pulumi.runtime.set_mocks(mocks, project=project, stack=stack, preview=preview)
    pulumi.runtime.set_all_config(named)
    pulumi.runtime.test(declare)()
    if mocks.mistakes:
        raise pulumi.RunError("\n".join(mocks.mistakes))
    return mocks


class Mocks(pulumi.runtime.Mocks):
    """Pulumi's mocks, by which every :class:`pulumi_poe.Bot` is checked as a preview checks a new one.

    A :class:`pulumi_poe.Endpoint` is checked in the same way, and there at once: it is asked nothing.

    A bot's id is its handle, and its outputs are what it declares; so ``bot.url`` is known. All other resources get
    what they declare as outputs, too. For other outputs of theirs, and for other functions, override
    :meth:`new_resource` and :meth:`call`, and leave what concerns Poe to those of this class.

    :func:`run` sets them. A test that calls ``pulumi.runtime.set_mocks`` itself has to look at :attr:`mistakes`.

    What a preview asks Poe is not found out: whether the account has such a bot already.

    One object is one run of a program: make a new one for each test.

    :param bots: the bots that the account has, with Poe's own keys, for ``get_bot`` and ``get_bots``. What a bot
        leaves out is what Poe documents as the default.

    Example::

        mocks = pulumi_poe.testing.Mocks(bots=[{"handle": "Acme-Base", "is_private": False}])
    """

    def __init__(self, bots: Iterable[Mapping[str, Any]] = ()) -> None:
        self.bots: list[Mapping[str, Any]] = list(bots)
        self.declared: dict[str, dict[str, Any]] = {}
        """What the program declares of each bot, by the name of its resource. Secrets are in it as they are."""
        self.mistakes: list[str] = []
        """What a preview would refuse, of all bots, each with the name of the resource."""
        self.warnings: list[str] = []
        """What a preview would only warn of, each with the bot's handle."""
        self._provider = _OfflineProvider()
        # Resources are registered in threads, and a warning does not say which resource it is of.
        self._checking = threading.Lock()

    @property
    def faults(self) -> list[str]:
        """:attr:`mistakes`, as 0.1.0 called them."""
        return self.mistakes

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Check it if it is a bot or an endpoint."""
        if args.typ not in (BOT_TYPE, ENDPOINT_TYPE):
            return f"{args.name}-id", args.inputs
        is_bot = args.typ == BOT_TYPE
        with self._checking, _warnings_into(self.warnings):
            provider = self._provider if is_bot else EndpointProvider()
            result = provider.check({}, {name: _revealed(value) for name, value in args.inputs.items()})
        # Not raised: Pulumi goes on after it, and would say it once for each output that nobody waits for.
        kind = "Bot" if is_bot else "Endpoint"
        self.mistakes += [f"{kind} {args.name!r}: {failure.reason}" for failure in result.failures]
        if not is_bot:
            return f"{args.name}-id", args.inputs
        declared = _revealed(result.inputs)
        self.declared[args.name] = {name: value for name, value in declared.items() if not name.startswith("__")}
        # As they came: the outputs of secrets are secrets.
        handle = result.inputs.get("handle")
        return handle if isinstance(handle, str) else None, {name: args.inputs[name] for name in result.inputs}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """What ``get_bot`` and ``get_bots`` find among :attr:`bots`. Any other function answers nothing."""
        if args.token == GET_BOT:
            handle = args.args["handle"]
            found = next((bot for bot in self.bots if same_handle(bot["handle"], handle)), None)
            if found is None:
                raise NotFoundError("the account has no such bot", "In a test it has those of Mocks(bots=[...]).")
            return dict(found), None
        if args.token == GET_BOTS:
            return {"bots": chosen(self.bots, **args.args)}, None
        return {}, None


class _OfflineProvider(BotProvider):
    """The provider of a stack that has no key: so it asks nobody."""

    def __init__(self) -> None:
        self._configured = Operations(Session(Settings()))


def _revealed(value: Any) -> Any:
    """What is secret as it is, as a provider gets it."""
    if is_rpc_secret(value):
        return _revealed(unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {name: _revealed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_revealed(inner) for inner in value]
    return value


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    """One for all runs, which says nothing of the outputs that nobody asked for once the program has failed.

    Never closed, as Pulumi never closes its own: that would end its threads, whose loops nobody has closed.
    """

    def tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not str(context.get("message")).endswith("exception was never retrieved"):
            loop.default_exception_handler(context)

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(tell)
    loop.set_default_executor(_InContext())
    return loop


class _InContext(ThreadPoolExecutor):
    """Threads that know whether this is a preview, as those of newer SDKs do. Else what is unknown would be missing."""

    def submit(self, task: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """In the context of whoever asks."""
        return super().submit(contextvars.copy_context().run, task, *args, **named)


@contextmanager
def _warnings_into(told: list[str]) -> Iterator[None]:
    class Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())

    teller = Teller(logging.WARNING)
    logger.addHandler(teller)
    try:
        yield
    finally:
        logger.removeHandler(teller)
