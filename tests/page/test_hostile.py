"""Whatever bots are called, and whatever their models say, it stays text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from talking_endpoint import TalkingEndpoint, chunk, event

from pulumi_poe.emulator import Emulator

from .watching import Watching

OpenPage = Callable[[], Page]

TEXTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "javascript:alert(1)",
    "\"'><b>bold</b>",
    "</textarea></pre></details><h1>out</h1>",
    "{{constructor.constructor('alert(1)')()}}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[x](javascript:alert(1)) ![x](https://evil.example/x.png) https://evil.example",
    "a\u202eb\u2066c\u0000d\u001b[2Jd",
    "\ud800 half a character",
    "x" * 5000,
]

OWN = ("a", "img", "svg", "iframe", "object", "embed", "b", "script:not([src^='/page/'])", "style", "h1 ~ h1")


def hostile_bot(text: str, url: str) -> dict[str, Any]:
    """A bot in which every text is this one."""
    labelled = {"label": text, "description": text, "placeholder": text, "default_value": text}
    controls: list[dict[str, Any]] = [
        {"control": kind, "parameter_name": f"{text}{kind}", **labelled}
        for kind in ("text_field", "text_area", "number_field", "toggle_switch", "slider", text)
    ]
    controls += [
        {"control": kind, "parameter_name": kind, **labelled, "options": [{"value": text, "name": text}]}
        for kind in ("drop_down", "aspect_ratio")
    ]
    condition = {"comparator": text, "left": {"parameter_name": text}, "right": {"literal": text}}
    controls.append({"control": "condition", "condition": condition, "controls": []})
    return {
        "handle": text.replace("\ud800", ""),
        "is_private": False,
        "description": text,
        "api_bot_settings": {
            "base_url": url,
            "model_name": text,
            "api_type": "chat_completions_api",
            "input_modalities": [text],
            "supported_features": text,
            "context_size": text,
            "param_definitions": [{"param_name": text, "default_value": text}],
            "pricing": {"prompt": text, "context_pricing": {"tiers": [{"min_tokens": text, "prompt": "0.1"}]}},
        },
        "parameter_controls": {
            "api_version": text,
            "sections": [
                {"name": text, "controls": controls},
                {"name": text, "tabs": [{"name": text, "controls": []}]},
            ],
        },
    }


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_text_becomes_markup(open_page: OpenPage, poe: Emulator, endpoint: TalkingEndpoint, text: str) -> None:
    async def answering(_request: Request, _body: dict[str, Any]) -> Response:
        parts = [
            event(chunk(choices=[{"index": 0, "delta": {"content": text}}])),
            event(chunk(choices=[{"index": 0, "delta": {}, "finish_reason": text}])),
            event({"error": {"message": text}}),
            b"data: [DONE]\n\n",
        ]
        return StreamingResponse(iter(parts), media_type="text/event-stream")

    endpoint.answering = answering
    poe.seed(poe.api_key, {"handle": "First", "is_private": False})
    poe.seed(poe.api_key, hostile_bot(text, endpoint.url))
    page = open_page()
    before = {tag: page.locator(tag).count() for tag in OWN}
    page.locator(".bot").nth(1).click()
    page.get_by_label("Your question").fill(text.replace("\ud800", ""))
    page.get_by_label("Your question").press("Enter")
    page.locator(".answer:not([aria-busy])").wait_for()
    page.locator(".answer .trouble").wait_for()
    for summary in page.locator("summary").all():
        summary.click()
    page.get_by_role("button", name="Copy as curl").click()
    assert {tag: page.locator(tag).count() for tag in OWN} == before
    if text.isprintable() and len(text) < 300:
        expect(page.locator(".answer .text")).to_have_text(text)
        expect(page.locator(".mistakes").first).to_be_visible()
    # A character that cannot be seen turns nothing around in a name.
    assert [one for one in "\u202e\u2066\u001b" if one in (page.locator("nav").text_content() or "")] == []


def test_an_error_of_an_endpoint_is_text(open_page: OpenPage, poe: Emulator, endpoint: TalkingEndpoint) -> None:
    async def answering(_request: Request, _body: dict[str, Any]) -> Response:
        return JSONResponse({"error": {"message": TEXTS[1]}}, 400)

    endpoint.answering = answering
    poe.seed(poe.api_key, {"handle": "Acme", "is_private": False, "api_bot_settings": {"base_url": endpoint.url}})
    page = open_page()
    page.get_by_label("Your question").fill("Hi")
    page.get_by_label("Your question").press("Enter")
    expect(page.locator(".answer .trouble")).to_contain_text(TEXTS[1])
    expect(page.locator("img")).to_have_count(0)


@pytest.mark.parametrize(
    ("program", "directive"),
    [
        ("document.body.append(made('script', {textContent: 'alert(1)'}))", "trusted-types"),
        ("document.body.innerHTML = '<b>x</b>'", "trusted-types"),
        ("document.write('<b>x</b>')", "trusted-types"),
        ("setTimeout('alert(1)')", "trusted-types"),
        ("trustedTypes.createPolicy('own', {createHTML: (text) => text})", "trusted-types"),
        ("new Image().src = 'https://evil.example/x.png'", "img-src"),
        ("fetch('https://evil.example/').catch(() => null)", "connect-src"),
        ("document.body.append(made('iframe', {src: 'https://evil.example/'}))", "frame-src"),
        ("document.head.append(made('base', {href: 'https://evil.example/'}))", "base-uri"),
        ("made('form', {action: '/bots', method: 'post'}).submit()", "form-action"),
        ("made('b', {}).setAttribute('onclick', 'alert(1)')", "trusted-types"),
        ("made('b', {}).setAttribute('style', 'color: red')", "style-src"),
        ("document.head.append(made('style', {textContent: 'b { color: red }'}))", "style-src"),
        ("new Worker('data:text/javascript,1')", ""),
    ],
)
def test_the_browser_itself_lets_nothing_out_and_nothing_in(
    open_page: OpenPage, poe: Emulator, watching: Watching, program: str, directive: str
) -> None:
    page = open_page()
    watching.expected = ("console: ", "error: ", "request: https://evil.example")
    making = "(tag, of) => document.body.appendChild(Object.assign(document.createElement(tag), of))"
    page.evaluate(f"(() => {{ const made = {making}; try {{ {program}; }} catch {{}} }})()")
    page.wait_for_timeout(100)
    assert any(one.startswith("console: policy:") and directive in one for one in watching.all), watching.all
    assert page.url == f"{poe.url}/"
