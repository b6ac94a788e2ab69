"""The resource that is nothing but a check of a bot's endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import get_annotations
from typing import Any, Literal, TypeAlias

import pulumi
import pulumi.dynamic

from ..endpoint_provider import EndpointProvider
from ..tokens import NATIVE_ENDPOINT_TYPE
from .arguments import as_json
from .options import with_the_native_type
from .types import ApiType, InputModality, SupportedFeature

__all__ = ["Endpoint"]

Check: TypeAlias = Literal["reachable", "models", "completion", "streaming", "usage", "tools", "image"]


class Endpoint(pulumi.dynamic.Resource, module="poe", name="Endpoint"):
    """A check of an endpoint: the resource is there once the endpoint answers as Poe needs it to.

    It waits for an endpoint that is still starting, and tells every 10 seconds what it waits for. A bot that takes its
    outputs is written only then, and stays as it was while the endpoint does not answer. Poe is sent nothing.

    It proves that the endpoint worked with these inputs when they last changed, as the network of who deploys sees it.
    Later outages are not seen: let ``triggers`` change, or run ``pulumi-poe doctor``. A preview and a refresh ask the
    endpoint nothing, and there is nothing to delete.

    The completions that are asked for have at most 16 tokens each, and the endpoint may charge them; with all checks
    there are two in a round, and one each for tools and images. A round that fails is repeated. Poe's docs:
    https://creator.poe.com/docs/api-bots/overview.

    :param resource_name: the name of the resource in the stack.
    :param opts: the options of any Pulumi resource. It needs no account: any provider does.
    :param base_url: where the endpoint's OpenAI-compatible API lies, such as ``https://llm.example.com/v1``.
    :param model_name: the model name that Poe sends to the endpoint, such as ``acme/reasoner-2``.
    :param api_key: the key that Poe shows to the endpoint. Always a secret, however it is passed. Left out, none is
        shown.
    :param api_type: the endpoint's wire format. Left out, it is asked as with ``chat_completions_api``.
    :param supported_features: what the endpoint can do. With ``tools`` it is asked with a tool, too.
    :param input_modalities: what the endpoint takes. With ``image`` it is asked about an image, too.
    :param wait: seconds that the endpoint has to answer as Poe needs it to. 0 asks once. Default 300.
    :param checks: ``reachable``: it answers at all. ``models``: a model that it does not list is a warning.
        ``completion`` and ``streaming``: it completes, whole and streamed. ``usage``: it reports the tokens that Poe
        charges users by. ``tools`` and ``image``: it takes what it says that it takes. Default: all of them.
    :param triggers: any value. Another one asks the endpoint again, and changes nothing else.
    :raises pulumi.RunError: a value is one that JSON lacks, such as a set. One line, which says what to write.

    Mistakes are shown by ``pulumi preview``, all at once. An endpoint that does not answer as Poe needs it to is an
    error of one line, which says what was asked, what came back and what to do. Then the state has what it had.

    Example::

        endpoint = pulumi_poe.Endpoint(
            "reasoner",
            base_url="https://llm.acme.example/v1",
            model_name="acme/reasoner-2",
            api_key=config.require_secret("endpointKey"),
            triggers=[image.digest],
        )
        pulumi_poe.Bot(
            "reasoner",
            handle="Acme-Reasoner",
            api_bot_settings={
                "base_url": endpoint.base_url,
                "model_name": endpoint.model_name,
                "api_key": endpoint.api_key,
            },
        )
    """

    def __init_subclass__(cls, module: str = "", name: str = "", **others: Any) -> None:
        """A derived class declares endpoints too, and states know one type of them: that of this class.

        :param module: has no effect.
        :param name: has no effect either.
        """
        del module, name
        super(pulumi.dynamic.Resource, cls).__init_subclass__(**others)
        cls._resource_type_name = Endpoint._resource_type_name

    # As a bot takes them. What is not declared is None, which to a bot is not declared either.
    base_url: pulumi.Output[str]
    model_name: pulumi.Output[str]
    api_key: pulumi.Output[str]
    api_type: pulumi.Output[str]
    supported_features: pulumi.Output[list[str]]
    input_modalities: pulumi.Output[list[str]]
    wait: pulumi.Output[float | None]
    checks: pulumi.Output[list[str] | None]
    triggers: pulumi.Output[Any]

    def __init__(
        self,
        resource_name: str,
        /,
        opts: pulumi.ResourceOptions | None = None,
        *,
        base_url: pulumi.Input[str],
        model_name: pulumi.Input[str],
        api_key: pulumi.Input[str] | None = None,
        api_type: pulumi.Input[ApiType] | pulumi.Output[str] | None = None,
        supported_features: pulumi.Input[Sequence[pulumi.Input[SupportedFeature]]]
        | pulumi.Output[Sequence[str]]
        | None = None,
        input_modalities: pulumi.Input[Sequence[pulumi.Input[InputModality]]]
        | pulumi.Output[Sequence[str]]
        | None = None,
        wait: pulumi.Input[float] | None = None,
        checks: pulumi.Input[Sequence[pulumi.Input[Check]]] | pulumi.Output[Sequence[str]] | None = None,
        triggers: pulumi.Input[Any] | None = None,
    ) -> None:
        declared = as_json(
            f"Endpoint {resource_name!r}",
            {
                "base_url": base_url,
                "model_name": model_name,
                "api_key": api_key,
                "api_type": api_type,
                "supported_features": supported_features,
                "input_modalities": input_modalities,
                "wait": wait,
                "checks": checks,
                "triggers": triggers,
            },
        )
        if declared["api_key"] is not None:
            declared["api_key"] = pulumi.Output.secret(declared["api_key"])
        super().__init__(
            EndpointProvider(), resource_name, declared, with_the_native_type(resource_name, opts, NATIVE_ENDPOINT_TYPE)
        )
        for name, value in declared.items():
            if value is None:
                setattr(self, name, _none_where_there_is_none(getattr(self, name)))


def _none_where_there_is_none(output: pulumi.Output[Any]) -> pulumi.Output[Any]:
    """An output that a preview knows as None where the engine has none.

    The SDK takes it for one that is not known yet: then the preview would change each bot that takes it, although
    nothing changes. A transform of the program may have set it, to a value that is not known yet, too.
    """
    return output.apply(lambda _: output.future(with_unknowns=True), run_with_unknowns=True)


# The SDK asks for these types once for each endpoint, and a text is compiled each time.
Endpoint.__annotations__ = get_annotations(Endpoint, eval_str=True)
