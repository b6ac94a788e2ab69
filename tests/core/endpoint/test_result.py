"""What a check has found."""

from __future__ import annotations

import pytest

from pulumi_poe.core.endpoint.result import Cause, FailedError, Result


@pytest.mark.parametrize(
    ("cause", "mends"),
    [("", False), ("wants a key", False), ("starting", True), ("unreachable", True), ("late", True)],
)
def test_what_time_alone_may_mend(cause: Cause, mends: bool) -> None:
    assert Result("completion", "failed", cause=cause).may_mend_itself is mends


def test_a_request_that_failed_is_the_result_of_its_check() -> None:
    failed = FailedError("DNS knows no llm", "Is it public?", "unreachable")
    assert failed.of("DNS") == Result("DNS", "failed", "DNS knows no llm", "Is it public?", "unreachable")
