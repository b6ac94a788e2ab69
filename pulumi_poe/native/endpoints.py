"""The native shell of an endpoint: what each call of the engine's is for one. No rule is kept here."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # a part of the SDK
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped]  # a part of the SDK
from pulumi.runtime.proto import provider_pb2

from ..core.bot.fields import with_secrets
from ..core.endpoint import operations
from ..core.endpoint.declared import SECRETS
from ..core.endpoint.model import Endpoint
from ..core.errors import as_poe_error
from ..core.lifecycle.record import MOVES
from ..core.values.trees import Path
from ..spelling import in_poes_spelling, read_record, to_poe, to_pulumi
from ..tokens import NATIVE_ENDPOINT_TYPE, PICKLED
from .names import in_words
from .values import plain, secret, struct_of

_NAMES: Final = tuple(Endpoint.__annotations__)


def is_endpoint(urn: str) -> bool:
    """Whether a resource is an endpoint.

    >>> is_endpoint("urn:pulumi:dev::project::acme:index:Team$poe:index:Endpoint::reasoner")
    True
    """
    return urn.split("::")[2:3] == [NATIVE_ENDPOINT_TYPE] or f"${NATIVE_ENDPOINT_TYPE}::" in urn


def check(request: Any) -> Any:
    """Every mistake that a preview can show. The property stays empty: the engine would print its value."""
    news = plain(request.news)
    declared = _to_core(request.news)
    misspelt = [
        f"{path}: is spelt {name!r} here" for path, name in sorted(in_poes_spelling(news, NATIVE_ENDPOINT_TYPE))
    ]
    try:
        mistakes = operations.check(declared, _of_the_state(request.olds)).mistakes
    except Exception as raised:
        mistakes = [str(as_poe_error(raised))]
    failures = [provider_pb2.CheckFailure(property="", reason=one) for one in [*misspelt, *map(in_words, mistakes)]]
    # Under another name the engine would not find its marks of secrets.
    return provider_pb2.CheckResponse(inputs=request.news if misspelt else _to_engine(declared), failures=failures)


def diff(request: Any) -> tuple[list[Path], Mapping[str, Any], Mapping[str, Any], bool]:
    """What the program changes, what there was, what there is to be, and whether the state is to be written anew."""
    olds, news = _of_the_state(request.olds), _to_core(request.news)
    return operations.differing(news, olds), olds, news, bool(olds.get(MOVES))


def create(request: Any) -> Any:
    """Wait for the endpoint. In a preview nothing is asked."""
    declared = _to_core(request.properties)
    if request.preview:
        return provider_pb2.CreateResponse(properties=_outputs(declared))
    record = operations.create(declared, timeout=request.timeout)
    # It says nothing: an address may be a secret, or another one later.
    return provider_pb2.CreateResponse(id=uuid.uuid4().hex, properties=_outputs(record))


def read(request: Any) -> Any:
    """What the state has."""
    record = operations.read(_of_the_state(request.properties))
    found = plain(request.properties)
    if PICKLED in found:
        # The dynamic shell wrote it, and its words stay: the engine finds its marks of secrets by them.
        theirs = struct_of({**with_secrets(record, secret, SECRETS), PICKLED: found[PICKLED]})
        return provider_pb2.ReadResponse(id=request.id, properties=theirs, inputs=theirs)
    return provider_pb2.ReadResponse(id=request.id, properties=_outputs(record), inputs=_to_engine(record))


def update(request: Any) -> Any:
    """Wait for what the endpoint is now. In a preview nothing is asked."""
    declared = _to_core(request.news)
    if request.preview:
        return provider_pb2.UpdateResponse(properties=_outputs(declared))
    record = operations.update(_of_the_state(request.olds), declared, timeout=request.timeout)
    return provider_pb2.UpdateResponse(properties=_outputs(record))


def delete() -> Any:
    """There is nothing to delete."""
    return Empty()


def _to_core(struct: Struct) -> dict[str, Any]:
    return to_poe(plain(struct), NATIVE_ENDPOINT_TYPE)


def _of_the_state(struct: Struct) -> dict[str, Any]:
    found, moves = read_record(plain(struct), native=True, type_=NATIVE_ENDPOINT_TYPE)
    return {**found, MOVES: True} if moves else found


def _outputs(record: Mapping[str, Any]) -> Struct:
    """What is not declared is null: what is missing, Pulumi's YAML host takes for not known yet in a preview."""
    return _to_engine({**dict.fromkeys(_NAMES), **record})


def _to_engine(bag: Mapping[str, Any]) -> Struct:
    return struct_of(to_pulumi(with_secrets(bag, secret, SECRETS), NATIVE_ENDPOINT_TYPE))
