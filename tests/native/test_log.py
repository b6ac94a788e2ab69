"""What is said beside errors reaches the user, wherever the engine is."""

from __future__ import annotations

import logging

import pytest

from pulumi_poe.native import log

from .conftest import URN, PlayedEngine

logger = logging.getLogger("pulumi_poe")


def test_a_line_is_shown_under_its_bot_with_pulumis_names(played_engine: PlayedEngine) -> None:
    log.HANDLER.connect(played_engine.address)
    log.show("info")
    with log.about(URN):
        logger.warning("to remove %s\nfrom it", "api_bot_settings.pricing")
    logger.info("for the stack")
    logger.debug("not shown")
    assert played_engine.shown == [(URN, "to remove apiBotSettings.pricing from it"), ("", "for the stack")]


def test_without_an_engine_it_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    handler = log.EngineLog()
    handler.emit(logging.makeLogRecord({"msg": "there is none", "levelno": logging.INFO}))
    handler.connect("127.0.0.1:1")
    handler.emit(logging.makeLogRecord({"msg": "it is gone", "levelno": logging.INFO}))
    handler.close()
    assert capsys.readouterr().err.splitlines() == ["there is none", "it is gone"]
