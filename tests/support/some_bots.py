"""A bot that uses all that Poe documents, and strategies for bots in general."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from pulumi_poe.core.bot import checks
from pulumi_poe.core.bot.fields import API_KEY, body
from pulumi_poe.core.bot.mistake import Mistake
from pulumi_poe.core.values.trees import leaves, overlay, without

CONTROLS: list[dict[str, Any]] = [
    {"control": "toggle_switch", "label": "Think", "parameter_name": "think", "default_value": True},
    {
        "control": "condition",
        "condition": {"comparator": "eq", "left": {"parameter_name": "think"}, "right": {"literal": True}},
        "controls": [
            {
                "control": "drop_down",
                "label": "Effort",
                "parameter_name": "effort",
                "default_value": "low",
                "options": [{"value": "low", "name": "Low"}, {"value": "high", "name": "High"}],
            },
            {
                "control": "slider",
                "label": "Budget",
                "parameter_name": "budget",
                "description": "Most thinking tokens",
                "default_value": 4096,
                "min_value": 0,
                "max_value": 32768.5,
                "step": 1024,
            },
        ],
    },
    {"control": "divider"},
    {"control": "text_area", "label": "Rules", "parameter_name": "rules", "placeholder": "One per line"},
    {"control": "number_field", "label": "Seed", "parameter_name": "seed", "default_value": 1},
]
TABS: list[dict[str, Any]] = [
    {
        "name": "Shape",
        "controls": [
            {
                "control": "aspect_ratio",
                "label": "Ratio",
                "parameter_name": "ratio",
                "options": [{"width": 1, "height": 1}, {"width": 16, "height": 9, "value": "wide"}],
            },
            {"control": "text_field", "label": "Word", "parameter_name": "word"},
        ],
    }
]
FULL: dict[str, Any] = {
    "handle": "Acme-Reasoner",
    "description": "Acme's reasoning model",
    "is_private": False,
    "api_bot_settings": {
        "model_name": "acme/reasoner-2",
        "base_url": "https://llm.acme.example/v1",
        "api_key": "endpoint-canary",
        "api_type": "chat_completions_api",
        "max_input_tokens": 200000,
        "context_size": 262144,
        "input_modalities": ["text", "image"],
        "output_modalities": ["text"],
        "supported_features": ["tools"],
        "param_definitions": [
            {"param_name": "effort", "param_dest": "extra_body", "default_value": "medium"},
            {"param_name": "think", "param_dest": "extra_body", "default_value": False},
        ],
        "pricing": {
            "prompt": "0.0000004",
            "completion": "0.0000016",
            "input_cache_reads": "0.0000001",
            "context_pricing": {
                "tiers": [
                    {"min_tokens": 32000, "max_tokens": 128000, "prompt": "0.0000006"},
                    {"min_tokens": 128000, "max_tokens": None, "prompt": "0.0000009", "completion": "0.000003"},
                ]
            },
        },
    },
    "parameter_controls": {
        "api_version": "2",
        "sections": [
            {"name": "Thinking", "controls": CONTROLS},
            {"name": "Output", "collapsed_by_default": True, "tabs": TABS},
        ],
    },
    "extra": {"greeting": "Hello", "api_bot_settings": {"reasoning": {"effort": "low"}, "audio": ["in"]}},
}


def places(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a value in a tree, lists included."""
    if path:
        yield path
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from places(value, (*path, key))


PLACES = list(places(FULL))
LEAVES = [path for path, _ in leaves(FULL)]
SEEN_ON_POE = [path for path in LEAVES if path[0] not in ("handle", "extra") and path != API_KEY]


def with_controls(*controls: Any) -> dict[str, Any]:
    return {"handle": "b", "parameter_controls": {"api_version": "2", "sections": [{"controls": list(controls)}]}}


def with_settings(**settings: Any) -> dict[str, Any]:
    return {"handle": "b", "api_bot_settings": settings}


def mistakes(declared: dict[str, Any]) -> list[Mistake]:
    """The errors, without what is only suspicious."""
    return [mistake for mistake in checks.mistakes(declared) if mistake.is_error]


def warnings(declared: dict[str, Any]) -> list[Mistake]:
    """What is only suspicious."""
    return [mistake for mistake in checks.mistakes(declared) if not mistake.is_error]


def found(declared: dict[str, Any]) -> list[str]:
    return [str(mistake) for mistake in mistakes(declared)]


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


WORDS = st.text("ab1 é", max_size=3)
TOKENS = st.integers(0, 300000)
PRICES = st.decimals(0, 1, places=8).map(lambda price: f"{price:f}")
ANY_JSON = st.none() | st.booleans() | st.integers(-2, 2) | WORDS | st.lists(WORDS, max_size=2)


@st.composite
def tiers(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Tiers that follow one another, the last one without an end."""
    bounds = sorted(draw(st.sets(TOKENS, max_size=3)))
    prices = optional(prompt=PRICES, completion=PRICES, input_cache_reads=PRICES)
    return [
        {"min_tokens": lower, "max_tokens": upper, **draw(prices)}
        for lower, upper in zip(bounds, [*bounds[1:], None], strict=False)
    ]


DEFINITIONS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"param_name": st.sampled_from(["think", "effort", "budget"])},
    optional={"param_dest": st.just("extra_body"), "default_value": ANY_JSON},
)
SETTINGS = optional(
    model_name=WORDS,
    base_url=st.just("https://llm.example.com/v1"),
    api_key=st.just("endpoint-canary"),
    api_type=st.sampled_from(["chat_completions_api", "responses_api"]),
    context_size=TOKENS,
    input_modalities=st.lists(st.sampled_from(["text", "image"]), max_size=3),
    supported_features=st.lists(st.just("tools"), max_size=1),
    param_definitions=st.lists(DEFINITIONS, max_size=3, unique_by=lambda definition: definition["param_name"]),
    pricing=optional(prompt=PRICES, completion=PRICES, context_pricing=optional(tiers=tiers())),
)
EXTRAS = optional(
    greeting=ANY_JSON,
    nested=st.dictionaries(st.sampled_from("ab"), ANY_JSON, max_size=2),
    api_bot_settings=optional(audio=ANY_JSON, pricing=optional(image=ANY_JSON | st.sampled_from(["nan", "sNaN", "1"]))),
)
BOTS = st.fixed_dictionaries(
    {"handle": st.sampled_from(["Acme-Bot", "acme_bot", "Other"])},
    optional={
        "description": WORDS | st.none(),
        "is_private": st.booleans() | st.none(),
        "api_bot_settings": SETTINGS,
        "parameter_controls": st.fixed_dictionaries(
            {"api_version": st.just("2"), "sections": st.just([{"controls": CONTROLS}])}
        ),
        "extra": EXTRAS,
    },
)


def answer_to(declared: dict[str, Any]) -> dict[str, Any]:
    """What Poe answers of a bot that was created so: its documented defaults, and never the endpoint's key."""
    return without(overlay(body(declared), {"description": "", "is_private": True}), [API_KEY])


def with_value(tree: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    changed = tree.copy()
    changed[path[0]] = with_value(tree[path[0]], path[1:], value)
    return changed
