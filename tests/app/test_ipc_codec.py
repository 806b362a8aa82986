"""Frames survive being cut anywhere, and damage is named."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.messages import AnyEvent, Delta, Notice, Pong
from app.ipc.codec import MAX_FRAME_BYTES, FrameDecoder, FrameError, encode

EVENTS = st.one_of(
    st.builds(Delta, request=st.integers(0, 9), text=st.text(), tokens=st.integers(0, 9)),
    st.builds(Pong, request=st.integers(0, 9), rss_bytes=st.integers(0, 2**60)),
    st.builds(Notice, request=st.integers(0, 9), code=st.text(), text=st.text()),
)


@given(events=st.lists(EVENTS, max_size=8), cuts=st.lists(st.integers(0, 400), max_size=12))
def test_messages_arrive_whole_and_in_order_however_the_bytes_are_cut(events, cuts):
    stream = b"".join(map(encode, events))
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    decoder = FrameDecoder(AnyEvent)
    arrived = [event for start, end in itertools.pairwise(places) for event in decoder.feed(stream[start:end])]
    assert arrived == events


def test_a_frame_that_claims_too_much_is_refused_before_its_body_comes():
    decoder = FrameDecoder(AnyEvent)
    with pytest.raises(FrameError, match="claims"):
        list(decoder.feed((MAX_FRAME_BYTES + 1).to_bytes(4, "big")))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"event":"no such"}', b'{"event":"pong"}', b"\xff\xfe", b"[1,2]"])
def test_a_body_that_is_not_a_message_is_refused(body):
    decoder = FrameDecoder(AnyEvent)
    with pytest.raises(FrameError, match="not a known message"):
        list(decoder.feed(len(body).to_bytes(4, "big") + body))


def test_messages_before_the_damage_are_still_delivered():
    decoder = FrameDecoder(AnyEvent)
    events = decoder.feed(encode(Delta(text="kept")) + b"\x00\x00\x00\x02{]")
    assert next(events) == Delta(text="kept")
    with pytest.raises(FrameError):
        next(events)
