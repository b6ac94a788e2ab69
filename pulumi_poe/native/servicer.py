"""Pulumi's provider protocol in the core's words, and back. No rule is kept here.

Messages have only the fields of the lowest SDK that pyproject.toml allows.
"""

from __future__ import annotations

import functools
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from typing import Any, Final, TypeVar

import grpc  # type: ignore[import-untyped]  # a part of the SDK
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # a part of the SDK
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from ..core import machine
from ..core.bot.fields import is_api_bot
from ..core.bot.handles import page_of
from ..core.errors import InvalidBotError, PoeError, SettingsError, as_poe_error, doing
from ..core.lifecycle.operations import Operations
from ..core.lifecycle.record import properties
from ..core.lifecycle.registry import Resource
from ..core.lifecycle.session import forget_sessions, session_of
from ..core.poe.account import Account
from ..core.poe.connection import within
from ..core.poe.settings import CONFIG_KEYS, PROVIDER, Settings, of_provider, require_text
from ..core.values.trees import Path, at
from ..core.values.unknown import UNKNOWN
from ..spelling import SCHEMA, in_poes_spelling, known_in_extra, to_pulumi
from ..tokens import NATIVE_BOT_TYPE, NATIVE_ENDPOINT_TYPE, is_made_by_the_engine
from . import endpoints, log
from .names import in_words, path_of
from .values import as_in_the_state, of_the_state, plain, secret, struct_of, to_core, to_engine

AT_ONCE: Final = 16
"""Operations at a time. The engine asks for as many as it likes, up to 64 and more."""

_Kind = provider_pb2.PropertyDiff
_Method = TypeVar("_Method", bound=Callable[..., Any])


def _in_one_line(method: _Method) -> _Method:
    """Whatever is raised becomes the message that the engine shows after ``error:``."""

    @functools.wraps(method)
    def answered(servicer: Servicer, request: Any, context: Any) -> Any:
        try:
            return method(servicer, request, context)
        except Exception as raised:
            message = in_words(str(as_poe_error(raised)))
        return context.abort(grpc.StatusCode.UNKNOWN, message)

    return answered  # type: ignore[return-value]  # the same signature, which a decorator can't say


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One provider of the engine's: one account. Calls come in threads, as the core takes them.

    The engine says its address before it configures, and by that one run is told from another. Whatever reads the
    schema, as a language host, says an address too, and configures nothing.
    """

    def __init__(self) -> None:
        self._greeting = ""
        self._engine: str | None = None
        self._has_greeted = False
        self._settings: Settings | PoeError | None = None
        self._account: Account | None = None
        self._bots: Operations | None = None
        self._lock = threading.Lock()
        self._under_way = 0
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    # --- the plugin -------------------------------------------------------------------------------------

    @_in_one_line
    def Handshake(self, request: Any, context: Any) -> Any:
        """Secrets are to come in plain: the engine keeps the marks of the program's own."""
        self._greeting = request.engine_address
        self._has_greeted = request.configure_with_urn
        return provider_pb2.ProviderHandshakeResponse()

    @_in_one_line
    def Attach(self, request: Any, context: Any) -> Any:
        """An engine uses this process, which it did not start."""
        self._greeting = request.address
        return Empty()

    @_in_one_line
    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """The version of the package."""
        return plugin_pb2.PluginInfo(version=metadata.version("pulumi-poe"))

    @_in_one_line
    def GetSchema(self, request: Any, context: Any) -> Any:
        """What the plugin has."""
        return provider_pb2.GetSchemaResponse(schema=SCHEMA.read_text("utf-8"))

    @_in_one_line
    def Cancel(self, request: Any, context: Any) -> Any:
        """The user wants the run to end. What is on its way to Poe is settled, and nothing is waited for."""
        machine.end_waits()
        return Empty()

    # --- settings ---------------------------------------------------------------------------------------

    @_in_one_line
    def CheckConfig(self, request: Any, context: Any) -> Any:
        """The same settings, if they are right. The key is a secret, however it is passed; nothing is added."""
        given, failures = plain(request.news), []
        if given.get("apiKey") is not None:
            request.news.MergeFrom(struct_of({"apiKey": secret(given["apiKey"])}))
        if not any(map(_is_unknown, given.values())):
            try:
                _settings(request.urn.rpartition("::")[2], given)
            except PoeError as error:
                failures = [provider_pb2.CheckFailure(property="", reason=in_words(str(error)))]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @_in_one_line
    def DiffConfig(self, request: Any, context: Any) -> Any:
        """Settings that changed. No bot is replaced for them: whether it may move, its own operations decide."""
        olds, news = plain(request.old_inputs) or plain(request.olds), plain(request.news)
        names = [(name,) for name in {**olds, **news} if olds.get(name) != news.get(name)]
        return _difference(names, olds, news, replaces=False)

    @_in_one_line
    def Configure(self, request: Any, context: Any) -> Any:
        """Take the settings. Whatever is wrong with them is said by the first call that needs them."""
        if not self._has_greeted:
            raise SettingsError("this Pulumi CLI is too old for the native plugin", "Use 3.200 or newer.")
        try:
            settings: Settings | PoeError = _settings(request.name, plain(request.args))
            if isinstance(settings, Settings):
                log.show(settings.log_level)
        except PoeError as error:
            settings = error
        with self._lock:
            if self._greeting != self._engine:
                self._require_that_the_last_run_is_over(settings)
                self._begin_a_run()
            elif self._settings not in (None, settings):
                raise SettingsError(
                    "this plugin is configured already, and serves one account in a run",
                    "With PULUMI_DEBUG_PROVIDERS a program can't have several providers of poe.",
                )
            self._settings, self._bots, self._account = settings, None, None
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    # --- a bot's life -----------------------------------------------------------------------------------

    def Check(self, request: Any, context: Any) -> Any:
        """Every mistake that a preview can show. The property stays empty: the engine would print its value."""
        if endpoints.is_endpoint(request.urn):
            with self._noted(request):
                return endpoints.check(request)
        try:
            _require_a_bot(request.type)
            resource = Resource(request.urn, provider=self._known_settings().provider or "")
            with self._turn(request):
                checked = self._operations().check(
                    to_core(request.news), before=of_the_state(request.olds), resource=resource
                )
            inputs, mistakes = to_engine(checked.inputs), checked.mistakes
        except Exception as raised:
            inputs, mistakes = request.news, [str(as_poe_error(raised))]
        # Under another name the engine would not find its marks of secrets.
        news = plain(request.news)
        misspelt = [f"{path}: is spelt {name!r} here" for path, name in sorted(in_poes_spelling(news))]
        misspelt += [
            f"extra.{name}: is a property of its own; declare it outside of extra" for name in known_in_extra(news)
        ]
        failures = [
            provider_pb2.CheckFailure(property="", reason=reason) for reason in [*misspelt, *map(in_words, mistakes)]
        ]
        return provider_pb2.CheckResponse(inputs=request.news if misspelt else inputs, failures=failures)

    @_in_one_line
    def Diff(self, request: Any, context: Any) -> Any:
        """What the program changes, leaf by leaf."""
        if endpoints.is_endpoint(request.urn):
            paths, before, declared, moves = endpoints.diff(request)
            return _difference(paths, before, declared, replaces=False, moves=moves, type_=NATIVE_ENDPOINT_TYPE)
        olds, news = of_the_state(request.olds), to_core(request.news)
        with self._turn(request):
            difference = self._operations().diff(request.id, olds, news)
        return _difference(difference.paths, olds, news, replaces=difference.replaces, moves=difference.moves)

    @_in_one_line
    def Create(self, request: Any, context: Any) -> Any:
        """Create the bot, or adopt it. In a preview nothing is sent."""
        if endpoints.is_endpoint(request.urn):
            with self._noted(request):
                return endpoints.create(request)
        declared = to_core(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_engine(declared))
        with self._turn(request):
            created = self._operations().create(declared)
        return provider_pb2.CreateResponse(id=created.id, properties=to_engine(created.record))

    @_in_one_line
    def Read(self, request: Any, context: Any) -> Any:
        """What Poe has: of what the state has, or all for an import. No id says that the bot is gone."""
        if endpoints.is_endpoint(request.urn):
            return endpoints.read(request)
        _require_a_bot(request.type)
        before = of_the_state(request.properties)
        with self._turn(request):
            record = self._operations().read(request.id, before) if before else self._operations().find(request.id)
        if record is None:
            return provider_pb2.ReadResponse()
        spelt = functools.partial(as_in_the_state, before=request.properties)
        return provider_pb2.ReadResponse(id=request.id, properties=spelt(record), inputs=spelt(properties(record)))

    @_in_one_line
    def Update(self, request: Any, context: Any) -> Any:
        """Bring the bot to what is declared. In a preview nothing is sent."""
        if endpoints.is_endpoint(request.urn):
            with self._noted(request):
                return endpoints.update(request)
        declared = to_core(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=to_engine(declared))
        with self._turn(request):
            record = self._operations().update(request.id, of_the_state(request.olds), declared)
        return provider_pb2.UpdateResponse(properties=to_engine(record))

    @_in_one_line
    def Delete(self, request: Any, context: Any) -> Any:
        """Delete the bot for good."""
        if endpoints.is_endpoint(request.urn):
            return endpoints.delete()
        with self._turn(request):
            self._operations().delete(request.id, of_the_state(request.properties))
        return Empty()

    # --- what the account has ---------------------------------------------------------------------------

    @_in_one_line
    def List(self, request: Any, context: Any) -> Any:
        """The account's API bots, all at once: Poe's list has no pages. Only newer SDKs have these messages."""
        _require_a_bot(request.token)
        query = plain(request.query)
        with self._turn(request), doing("list bots"):
            found = self._looked_at(in_preview=False).bots(prefix=query.get("prefix"), private=query.get("private"))
        handles = [bot["handle"] for bot in found if is_api_bot(bot)]
        result = provider_pb2.ListResponse.Result
        listed = handles[: request.limit] if request.limit > 0 else handles
        return iter([provider_pb2.ListResponse(result=result(id=handle, name=handle)) for handle in listed])

    @_in_one_line
    def Invoke(self, request: Any, context: Any) -> Any:
        """Look at the account's bots."""
        arguments = plain(request.args)
        with self._turn(request):
            account = self._looked_at(in_preview=request.preview)
            if request.tok == "poe:index:getBot":
                handle = str(arguments.get("handle"))
                with doing(f"getBot {handle!r}"):
                    result = _seen(account.bot(handle))
            elif request.tok == "poe:index:getBots":
                with doing(" ".join(["getBots", *([repr(arguments["prefix"])] if arguments.get("prefix") else [])])):
                    found = account.bots(prefix=arguments.get("prefix"), private=arguments.get("private"))
                result = {"bots": list(map(_seen, found)), "handles": [bot["handle"] for bot in found]}
            else:
                raise SettingsError(f"there is no function {request.tok!r}", "Use getBot or getBots.")
        return provider_pb2.InvokeResponse(**{"return": struct_of(result)})

    # --- what they share --------------------------------------------------------------------------------

    @contextmanager
    def _turn(self, request: Any) -> Iterator[None]:
        """One of :data:`AT_ONCE` operations, within the time that the program allows it."""
        with self._turns, within(getattr(request, "timeout", 0.0)), self._noted(request):
            yield

    @contextmanager
    def _noted(self, request: Any) -> Iterator[None]:
        """An operation is under way. For one that waits and asks Poe nothing that is all: it takes nobody's turn."""
        with log.about(getattr(request, "urn", "")):
            with self._lock:
                self._under_way += 1
            try:
                yield
            finally:
                with self._lock:
                    self._under_way -= 1

    def _require_that_the_last_run_is_over(self, settings: Settings | PoeError) -> None:
        """An `up` greets twice, from two addresses, for its preview and for itself. Another command may do so, too."""
        is_another_account = self._settings not in (None, settings)
        if self._under_way or (is_another_account and self._engine is not None and _answers(self._engine)):
            raise SettingsError(
                "this plugin serves another command of Pulumi, which has not ended yet",
                "Wait for its end, or start a plugin at another port for this one.",
            )

    def _begin_a_run(self) -> None:
        forget_sessions()
        if self._account is not None:
            self._account.close()
        log.HANDLER.connect(self._greeting)
        machine.begin_anew()
        self._engine = self._greeting

    def _known_settings(self) -> Settings:
        if self._settings is None:
            raise SettingsError("the plugin is not configured", "The engine does that first.")
        if isinstance(self._settings, PoeError):
            raise self._settings
        return self._settings

    def _operations(self) -> Operations:
        settings = self._known_settings()
        with self._lock:
            if self._bots is None:
                self._bots = Operations(session_of(settings, self._engine))
            return self._bots

    def _looked_at(self, *, in_preview: bool) -> Account:
        settings = self._known_settings()
        with self._lock:
            if self._account is None:
                self._account = Account(settings, in_preview=in_preview)
            return self._account


def _settings(name: str, given: Mapping[str, Any]) -> Settings:
    """Those of the stack, or of a provider that the program makes, which the engine tells apart by their names."""
    texts = {key: _text(value) for key, value in given.items() if key in CONFIG_KEYS and value is not None}
    if not is_made_by_the_engine(name):
        with doing(f"provider {name!r}"):
            own = {key: require_text(key, text, "the environment") for key, text in texts.items()}
            texts = of_provider(own, {}, os.environ)
        texts[PROVIDER] = name
    return Settings.load(lambda key: texts.get(key.removeprefix("poe:")), os.environ)


def _is_unknown(value: Any) -> bool:
    return value is UNKNOWN or (isinstance(value, list) and any(map(_is_unknown, value)))


def _answers(engine: str) -> bool:
    """Whether the engine at this address is there: it ends with its command."""
    host, _, port = engine.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1.0).close()
    except (OSError, ValueError):
        return False
    return True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _difference(
    paths: Sequence[Path],
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    *,
    replaces: bool,
    moves: bool = False,
    type_: str = NATIVE_BOT_TYPE,
) -> Any:
    """Each leaf that differs, by Pulumi's names."""

    def kind(path: Path) -> Any:
        if replaces and path == ("handle",):
            return _Kind.UPDATE_REPLACE
        if at(olds, path) is None:
            return _Kind.ADD
        return _Kind.DELETE if at(news, path) is None else _Kind.UPDATE

    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if paths or moves else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=["handle"] if replaces else [],
        diffs=sorted({path_of(path[:1], type_) for path in paths}),
        detailedDiff={path_of(path, type_): _Kind(kind=kind(path), inputDiff=True) for path in paths},
        hasDetailedDiff=True,
    )


def _require_a_bot(type_: str) -> None:
    if type_ != NATIVE_BOT_TYPE:
        raise InvalidBotError(f"there is no resource {type_!r}", f"Use {NATIVE_BOT_TYPE} or {NATIVE_ENDPOINT_TYPE}.")


def _seen(bot: Mapping[str, Any]) -> dict[str, Any]:
    """A bot as a function returns it."""
    names = ("handle", "description", "is_private", "api_bot_settings", "parameter_controls")
    known = {name: bot[name] for name in names if bot.get(name) is not None}
    return {**to_pulumi(known), "url": page_of(bot["handle"])}
