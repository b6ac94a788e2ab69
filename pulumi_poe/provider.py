"""The dynamic shell: the engine's words in the core's words, and back. No rule is kept here.

The module path and the class name of :class:`BotProvider` are part of every user's state: the engine
loads the provider by them on refresh and destroy. Renaming either needs a shim under the old name.
"""

from __future__ import annotations

import functools
import logging
import os
from typing import TYPE_CHECKING, Any, Final

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from .dynamic.errors import with_one_line_errors
from .dynamic.process import run, show_log
from .dynamic.values import of_the_sdk, of_the_state, to_core, to_engine

if TYPE_CHECKING:
    from .core.errors import PoeError
    from .core.lifecycle.operations import Operations
    from .core.lifecycle.registry import Resource

# Inputs of the shell's own begin with one underscore: SDKs before 3.235 hide from a provider what begins with two.
DECLARED_BY: Final = "_declared_by"
"""The input in which a program's Bot says which of the program's bots it is: its name, and which one in order. It ends
in ``check``, in no state."""

DELETED_FIRST: Final = "_delete_before_replace"
RETAINED: Final = "_retain_on_delete"
"""The inputs in which a program's Bot says that it has these options, which the engine does not tell."""

BOTS: Final = "_bots"
"""The input in which a bot that may be deleted before it is replaced names all bots of the program."""

NOT_KNOWN: Final = "not known"
"""Said where a transform may set :data:`DELETED_FIRST`, which a program's Bot does not see."""

_ONLY_FOR_CHECK: Final = frozenset({DECLARED_BY, DELETED_FIRST, RETAINED, BOTS})


class BotProvider(ResourceProvider):
    """Creates, reads, updates and deletes Poe API bots.

    Made once for each way in which it was pickled, and used by up to four threads; all share one session for each
    account. In a program it has no attributes at all: so it is pickled as its module and name, 60 characters.
    """

    # By reference there is nothing in it to hide, and the state stays readable.
    serialize_as_secret_always = False

    _configured: Operations | PoeError

    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's config. Whatever is wrong with it is said by the first call that needs it."""
        from .core.errors import PoeError
        from .core.lifecycle.operations import Operations
        from .core.lifecycle.session import session_of
        from .core.poe.settings import Settings

        try:
            settings = Settings.load(req.config.get, os.environ)
            show_log(settings.log_level)
            _warn_of_an_old_sdk()
            self._configured = Operations(session_of(settings, run()))
        except PoeError as error:
            self._configured = error

    def _bots(self) -> Operations:
        if isinstance(self._configured, Exception):
            raise self._configured
        return self._configured

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Every mistake that a preview can show. The property stays empty: the engine would print its value."""
        from .core.errors import as_poe_error

        declared = {name: value for name, value in news.items() if name not in _ONLY_FOR_CHECK}
        try:
            checked = self._bots().check(
                to_core(declared),
                before=of_the_state(olds),
                resource=_resource(news.get(DECLARED_BY) or {}),
                deleted_first=None if news.get(DELETED_FIRST) == NOT_KNOWN else news.get(DELETED_FIRST) is True,
                retained=news.get(RETAINED) is True,
                others=[(one["handle"], _resource(one), one.get("adopts") is True) for one in news.get(BOTS) or []],
            )
        except Exception as raised:
            return CheckResult(
                {**declared, **to_engine(to_core(declared))}, [CheckFailure("", str(as_poe_error(raised)))]
            )
        inputs = {**of_the_sdk(news), **to_engine(checked.inputs)}
        return CheckResult(inputs, [CheckFailure("", mistake) for mistake in checked.mistakes])

    @with_one_line_errors
    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """``None`` for a change lets the engine show just the properties that changed."""
        difference = self._bots().diff(id_, of_the_state(olds), to_core(news))
        return DiffResult(
            changes=None if difference.changed else False,
            replaces=["handle"] if difference.replaces else [],
        )

    @with_one_line_errors
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the bot, or adopt it."""
        created = self._bots().create(to_core(props))
        return CreateResult(created.id, to_engine(created.record))

    @with_one_line_errors
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What Poe has. The inputs follow, so that the next preview shows the way back."""
        from .core.lifecycle.record import properties

        record = self._bots().read(id_, of_the_state(props))
        if record is None:
            return ReadResult(None, {})
        return ReadResult(id_, to_engine(record), to_engine(properties(record)))

    @with_one_line_errors
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Bring the bot to what is declared."""
        return UpdateResult(to_engine(self._bots().update(id_, of_the_state(olds), to_core(news))))

    @with_one_line_errors
    def delete(self, id_: str, props: dict[str, Any]) -> None:
        """Delete the bot for good."""
        self._bots().delete(id_, of_the_state(props))


def _resource(said: dict[str, Any]) -> Resource:
    from .core.lifecycle.registry import Resource

    return Resource(str(said.get("name")), int(said.get("number", 0)), str(said.get("provider") or ""))


@functools.cache
def _warn_of_an_old_sdk() -> None:
    """Before 3.235 the SDK hides from a provider what it has recorded under names with two underscores."""
    from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped]  # a part of the SDK
    from pulumi.runtime.rpc import deserialize_properties

    recorded = Struct()
    recorded.update({"__fingerprint": "recorded"})
    if "__fingerprint" not in deserialize_properties(recorded):
        logging.getLogger("pulumi_poe").warning(
            "the Pulumi SDK for Python in use hides from pulumi-poe what the state records of each bot, so it can't "
            "tell a bot of another address from one of this. Run `pip install --upgrade 'pulumi>=3.235'`."
        )
