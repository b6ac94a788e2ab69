"""A dynamic provider that does nothing, and loads nothing: what the engine and the SDK cost by themselves."""

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class IdleProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["handle"], props)


class IdleBot(Resource):
    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(IdleProvider(), name, props, opts)
