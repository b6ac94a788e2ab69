"""The dynamic shell of an endpoint: the engine's words in the core's words, and back. No rule is kept here.

The module path and the class name of :class:`EndpointProvider` are part of every user's state, as those of
:class:`~pulumi_poe.provider.BotProvider` are. Renaming either needs a shim under the old name.
"""

from __future__ import annotations

import functools
import os
import uuid
from typing import Any, Final

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
from .dynamic.process import show_log
from .dynamic.values import of_the_sdk, of_the_state, to_core, to_engine
from .tokens import NATIVE_ENDPOINT_TYPE

_of_the_state: Final = functools.partial(of_the_state, type_=NATIVE_ENDPOINT_TYPE)


class EndpointProvider(ResourceProvider):
    """Waits for endpoints. Needs no Poe and no key.

    In a program it has no attributes: so it is pickled as its module and name.
    """

    # By reference there is nothing in it to hide, and the state stays readable.
    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Take from the stack's config what is to be shown. Whatever is wrong with the rest, bots say."""
        from .core.errors import SettingsError
        from .core.poe.settings import Settings

        try:
            level = Settings.load(req.config.get, os.environ).log_level
        except SettingsError:
            level = Settings().log_level
        show_log(level)

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Every mistake that a preview can show. The property stays empty: the engine would print its value."""
        from .core.endpoint import operations
        from .core.errors import as_poe_error

        declared = to_core(news)
        try:
            mistakes = operations.check(declared, _of_the_state(olds)).mistakes
        except Exception as raised:
            mistakes = [str(as_poe_error(raised))]
        inputs = {**of_the_sdk(news), **_to_engine(declared)}
        return CheckResult(inputs, [CheckFailure("", mistake) for mistake in mistakes])

    @with_one_line_errors
    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """``None`` for a change lets the engine show just the properties that changed."""
        from .core.endpoint import operations
        from .core.lifecycle.record import MOVES

        before = _of_the_state(olds)
        changed = operations.differing(to_core(news), before) or before.get(MOVES)
        return DiffResult(changes=None if changed else False, replaces=[])

    @with_one_line_errors
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Wait for the endpoint. Its id says nothing: an address may be a secret, or another one later."""
        from .core.endpoint import operations
        from .dynamic.lending import a_thread

        with a_thread():
            return CreateResult(uuid.uuid4().hex, _to_engine(operations.create(to_core(props))))

    @with_one_line_errors
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What the state has."""
        from .core.endpoint import operations

        return ReadResult(id_, _to_engine(operations.read(_of_the_state(props))))

    @with_one_line_errors
    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Wait for what the endpoint is now."""
        from .core.endpoint import operations
        from .dynamic.lending import a_thread

        with a_thread():
            return UpdateResult(_to_engine(operations.update(_of_the_state(olds), to_core(news))))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """There is nothing to delete."""


def _to_engine(bag: dict[str, Any]) -> dict[str, Any]:
    from .core.endpoint.declared import SECRETS

    return to_engine(bag, SECRETS)
