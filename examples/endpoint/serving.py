"""Stands in for whatever serves your model: its address is known only once it exists.

Put your cloud's resource in its place. Any resource with an Output that holds the address will do.
"""

import secrets

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class _ServingProvider(ResourceProvider):
    def create(self, props):
        name = f"{props['model']}-{secrets.token_hex(4)}"
        return CreateResult(name, {**props, "address": f"https://{name}.serving.example.com"})


class Serving(Resource):
    """A model server.

    :param model: the model that it serves.
    """

    model: pulumi.Output[str]
    address: pulumi.Output[str]
    """Unknown until the server has been created."""

    def __init__(self, name, *, model, opts=None):
        super().__init__(_ServingProvider(), name, {"model": model, "address": None}, opts)
