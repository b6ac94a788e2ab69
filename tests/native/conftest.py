"""The plugin under an engine that the tests play: a client of its server, and a server for what it says."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc  # type: ignore[import-untyped]  # a part of the SDK
import pytest
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # a part of the SDK
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]  # a part of the SDK
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped]  # a part of the SDK
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc
from stacks import POE_KEY

from pulumi_poe.core import machine
from pulumi_poe.core.lifecycle.session import forget_sessions
from pulumi_poe.core.poe.client import PoeClient
from pulumi_poe.emulator import Emulator
from pulumi_poe.native import log
from pulumi_poe.native.serve import server
from pulumi_poe.native.servicer import Servicer

URN = "urn:pulumi:dev::project::poe:index:Bot::reasoner"
NOT_KNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
MARK = "4dabf18193072939515e22adb298388d"
SECRET = {MARK: "1b47061264138c4ac30d75fd1eb44270"}

Bag = dict[str, Any]


class PlayedEngine(engine_pb2_grpc.EngineServicer):
    """What an engine shows of a plugin's words."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []
        self._server = grpc.server(ThreadPoolExecutor(2))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def Log(self, request: Any, context: Any) -> Any:
        self.shown.append((request.urn, request.message))
        return Empty()

    def close(self) -> None:
        self._server.stop(None).wait()


class Plugin:
    """A plugin with a connection to it, and the engine's words for it."""

    def __init__(self, engine: PlayedEngine) -> None:
        self.engine = engine
        self.server, port = server(Servicer())
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def begin(self, name: str = "default", *, engine: str | None = None, **settings: Any) -> Plugin:
        self.greet(engine)
        self.configure(name, **settings)
        return self

    def greet(self, engine: str | None = None) -> None:
        self.stub.Handshake(
            provider_pb2.ProviderHandshakeRequest(engine_address=engine or self.engine.address, configure_with_urn=True)
        )

    def configure(self, name: str = "default", **settings: Any) -> Any:
        urn = f"urn:pulumi:dev::project::pulumi:providers:poe::{name}"
        return self.stub.Configure(provider_pb2.ConfigureRequest(args=struct(settings), name=name, urn=urn))

    def check(self, news: Bag, olds: Bag | None = None, urn: str = URN) -> tuple[Bag, list[str]]:
        request = provider_pb2.CheckRequest(urn=urn, type=type_of(urn), olds=struct(olds or {}), news=struct(news))
        answer = self.stub.Check(request)
        assert {failure.property for failure in answer.failures} <= {""}
        return bag(answer.inputs), [failure.reason for failure in answer.failures]

    def diff(self, id_: str, olds: Bag, news: Bag, urn: str = URN) -> Any:
        return self.stub.Diff(
            provider_pb2.DiffRequest(id=id_, urn=urn, type=type_of(urn), olds=struct(olds), news=struct(news))
        )

    def create(self, inputs: Bag, *, preview: bool = False, urn: str = URN, timeout: float = 0.0) -> tuple[str, Bag]:
        answer = self.stub.Create(
            provider_pb2.CreateRequest(
                urn=urn, type=type_of(urn), properties=struct(inputs), preview=preview, timeout=timeout
            )
        )
        return answer.id, bag(answer.properties)

    def update(self, id_: str, olds: Bag, news: Bag, *, preview: bool = False, urn: str = URN) -> Bag:
        answer = self.stub.Update(
            provider_pb2.UpdateRequest(
                id=id_, urn=urn, type=type_of(urn), olds=struct(olds), news=struct(news), preview=preview
            )
        )
        return bag(answer.properties)

    def read(self, id_: str, state: Bag | None = None, urn: str = URN) -> tuple[str, Bag, Bag]:
        answer = self.stub.Read(
            provider_pb2.ReadRequest(id=id_, urn=urn, type=type_of(urn), properties=struct(state or {}))
        )
        return answer.id, bag(answer.properties), bag(answer.inputs)

    def delete(self, id_: str, state: Bag, urn: str = URN) -> None:
        self.stub.Delete(provider_pb2.DeleteRequest(id=id_, urn=urn, type=type_of(urn), properties=struct(state)))

    def invoke(self, name: str, *, preview: bool = False, **arguments: Any) -> Bag:
        request = provider_pb2.InvokeRequest(tok=f"poe:index:{name}", args=struct(arguments), preview=preview)
        return bag(getattr(self.stub.Invoke(request), "return"))

    def list(self, limit: int = 0, **query: Any) -> list[str]:
        token = "poe:index:Bot"
        request = provider_pb2.ListRequest(token=token, query=struct(query), limit=limit)
        return [answer.result.id for answer in self.stub.List(request)]

    def up(self, program: Bag, urn: str = URN) -> tuple[str, Bag]:
        """Check and create."""
        inputs, mistakes = self.check(program, urn=urn)
        assert mistakes == []
        return self.create(inputs, urn=urn)

    def close(self) -> None:
        self._channel.close()
        self.server.stop(None).wait()


def type_of(urn: str) -> str:
    return urn.split("::")[2]


def struct(values: Bag) -> Struct:
    made = Struct()
    made.update(values)
    return made


def bag(values: Struct) -> Bag:
    return dict(MessageToDict(values))


def refusal(raised: pytest.ExceptionInfo[grpc.RpcError]) -> str:
    """The one line that the engine shows."""
    assert raised.value.code() == grpc.StatusCode.UNKNOWN
    line = raised.value.details()
    assert "\n" not in line
    return str(line)


@pytest.fixture
def played_engine() -> Iterator[PlayedEngine]:
    engine = PlayedEngine()
    yield engine
    log.HANDLER.close()
    engine.close()


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of the shell, of another test, or for the next one."""
    for name in [name for name in os.environ if name.startswith("POE_")]:
        monkeypatch.delenv(name)
    made: list[PoeClient] = []
    make = PoeClient.__init__

    def make_and_note(client: PoeClient, *arguments: Any, **named: Any) -> None:
        make(client, *arguments, **named)
        made.append(client)

    monkeypatch.setattr(PoeClient, "__init__", make_and_note)
    forget_sessions()
    yield
    for client in made:
        client.close()
    machine.begin_anew()
    logger = logging.getLogger("pulumi_poe")
    logger.removeHandler(log.HANDLER)
    logger.propagate = True
    logger.setLevel(logging.NOTSET)


@pytest.fixture
def fresh(played_engine: PlayedEngine) -> Iterator[Plugin]:
    """A plugin that no engine has greeted yet."""
    plugin = Plugin(played_engine)
    yield plugin
    plugin.close()


@pytest.fixture
def plugin(fresh: Plugin, poe: Emulator, monkeypatch: pytest.MonkeyPatch) -> Plugin:
    """A plugin that is configured for the local Poe."""
    monkeypatch.setenv("POE_API_URL", poe.url)
    monkeypatch.setenv("POE_API_KEY", POE_KEY)
    return fresh.begin()
