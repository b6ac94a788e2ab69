"""A dynamic provider for Poe bots as a tutorial on Pulumi writes it: what ours is compared with.

It is meant to be a fair opponent: one request an operation, nothing wasted, and the SDK's defaults wherever
they do. What it lacks is what a tutorial leaves out: it does not look whether a bot exists before it writes,
checks no input, never reads a bot back, and retries nothing.

A module of its own, so that the SDK pickles the provider by reference. The same class in ``__main__.py`` goes by
value: 4 kB a bot in inputs and again in outputs, and 9 ms a bot in the program. That would be an easier opponent.
"""

import os
from typing import Any

import pulumi
import requests
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult

TIMEOUT = 30


def url(*path: str) -> str:
    return "/".join([os.environ["POE_API_URL"], "bots", *path])


def headers() -> dict[str, str]:
    return {"Authorization": f"Bearer {os.environ['POE_API_KEY']}"}


def body(props: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in props.items() if name != "__provider"}


class PoeBotProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        response = requests.post(url(), json=body(props), headers=headers(), timeout=TIMEOUT)
        response.raise_for_status()
        return CreateResult(props["handle"], props)

    def update(self, id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        response = requests.patch(url(id), json=body(news), headers=headers(), timeout=TIMEOUT)
        response.raise_for_status()
        return UpdateResult(news)

    def delete(self, id: str, _props: dict[str, Any]) -> None:
        response = requests.delete(url(id), headers=headers(), timeout=TIMEOUT)
        response.raise_for_status()


class PoeBot(Resource):
    handle: pulumi.Output[str]
    description: pulumi.Output[str]
    is_private: pulumi.Output[bool]
    api_bot_settings: pulumi.Output[dict[str, Any]]

    def __init__(self, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(PoeBotProvider(), name, props, opts)
