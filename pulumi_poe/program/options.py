"""What the options of a resource are beside those that a program gives it."""

from __future__ import annotations

from copy import copy

import pulumi


def with_the_native_type(
    resource_name: str, opts: pulumi.ResourceOptions | None, native_type: str
) -> pulumi.ResourceOptions:
    """The same options, by which the resource is also the one that the native plugin has under the same name.

    :param resource_name: its name.
    :param opts: of the program.
    :param native_type: what such a resource is to the native plugin.
    """
    # A copy and no merge, which would make another thing of `provider`.
    found = copy(opts) if opts is not None else pulumi.ResourceOptions()
    native: str | pulumi.Alias = pulumi.Alias(type_=native_type)
    if found.parent is None:
        # The same, of which the SDK makes no Outputs: they took a quarter of the time that a bot takes in the program.
        native = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{native_type}::{resource_name}"
    found.aliases = [*(found.aliases or ()), native]
    return found
