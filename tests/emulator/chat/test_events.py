"""Where an event ends, however its bytes come."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_poe.emulator.chat.events import Splitter, TooLongError, data_of

ENDS = st.sampled_from([b"\n\n", b"\r\n\r\n", b"\r\r", b"\r\n\n", b"\n\r\n"])
EVENTS = st.lists(st.tuples(st.sampled_from([b"data: 1", b": ping", b"event: a\r\ndata: 2", b"data:x\ndata:y"]), ENDS))


@given(EVENTS, st.lists(st.integers(0, 60), max_size=8))
def test_bytes_come_out_as_they_went_in_wherever_they_are_cut(
    events: list[tuple[bytes, bytes]], cuts: list[int]
) -> None:
    whole = b"".join(text + end for text, end in events) + b"data: res"
    places = sorted({0, len(whole), *(min(cut, len(whole)) for cut in cuts)})
    splitter = Splitter()
    found = [each for begin, end in itertools.pairwise(places) for each in splitter.feed(whole[begin:end])]
    assert b"".join(found) + splitter.rest == whole
    data = [data_of(each) for each in found]
    assert [each for each in data if each is not None] == [
        given for text, _ in events if (given := data_of(text)) is not None
    ]


def test_an_event_goes_on_as_soon_as_its_end_is_there() -> None:
    splitter = Splitter()
    assert splitter.feed(b"data: 1\n") == []
    assert splitter.feed(b"\ndata: 2") == [b"data: 1\n\n"]
    assert splitter.rest == b"data: 2"


def test_a_byte_at_a_time_is_no_slower_than_it_has_to_be() -> None:
    splitter = Splitter()
    for _ in range(200_000):
        splitter.feed(b"x")
    assert splitter.feed(b"\n\n") == [b"x" * 200_000 + b"\n\n"]


def test_an_event_that_does_not_end_is_not_held_for_ever() -> None:
    splitter = Splitter(longest=10)
    with pytest.raises(TooLongError):
        splitter.feed(b"data: 12345")


@pytest.mark.parametrize(
    ("event", "data"),
    [
        (b"data: 1\n\n", b"1"),
        (b"data:1\r\n\r\n", b"1"),
        (b"event: a\ndata: 1\ndata: 2\n\n", b"1\n2"),
        (b"\xef\xbb\xbfdata: 1\n\n", b"1"),
        (b": ping\n\n", None),
        (b"\n\n", None),
    ],
)
def test_what_is_in_an_event(event: bytes, data: bytes | None) -> None:
    assert data_of(event) == data
