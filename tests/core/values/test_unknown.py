"""The mark of a value that is not known yet."""

from __future__ import annotations

import json

import pytest

from pulumi_poe.core.values.unknown import UNKNOWN


def test_it_says_what_it_is() -> None:
    assert repr(UNKNOWN) == "UNKNOWN"


def test_it_is_no_value_of_json_so_it_is_never_sent() -> None:
    with pytest.raises(TypeError):
        json.dumps({"handle": UNKNOWN})
