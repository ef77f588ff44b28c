"""Frames between daemon and card host: whatever is not one whole JSON object breaks the pipe."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.card import channel
from bridge.card.channel import ChannelBroken

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)
FRAMES = st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=4)


def both_ends(octets: bytes) -> list[Any]:
    """What the host's end and the daemon's end make of these bytes: a frame, None for the end, or ChannelBroken."""
    return [
        _answer(lambda: channel.read_frame_blocking(io.BytesIO(octets))),
        _answer(lambda: _piecewise(octets)),
    ]


def _answer(read: Any) -> Any:
    try:
        return read()
    except ChannelBroken:
        return ChannelBroken


def _piecewise(octets: bytes) -> channel.Frame:
    """As the daemon's loop may read them: byte by byte; what is no whole frame at the end is a broken pipe."""
    buffer = channel.FrameBuffer()
    frames = [frame for octet in octets for frame in buffer.feed(bytes((octet,)))]
    if not frames:
        raise ChannelBroken("the end of the pipe")
    return frames[0]


@given(FRAMES)
def test_both_ends_read_what_was_written(frame: dict[str, Any]) -> None:
    assert both_ends(channel.encode(frame)) == [frame, frame]


def test_frames_that_come_together_are_taken_one_by_one() -> None:
    frames = [{"event": "taken", "id": 1}, {"id": 1, "result": {}}]
    octets = b"".join(map(channel.encode, frames))
    buffer = channel.FrameBuffer()
    assert [*buffer.feed(octets[:-1]), *buffer.feed(octets[-1:])] == frames


@given(FRAMES, st.data())
def test_a_cut_frame_breaks_the_pipe(frame: dict[str, Any], data: st.DataObject) -> None:
    whole = channel.encode(frame)
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]
    assert both_ends(cut) == [ChannelBroken, ChannelBroken]


def test_the_end_between_frames_is_an_end() -> None:
    # The host ends in peace; for the daemon a host that is gone is always a failure of the request under way.
    assert both_ends(b"") == [None, ChannelBroken]


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"1", b"{", b"\xff\xfe", b'{"a":1}x'])
def test_anything_but_one_object_breaks_the_pipe(body: bytes) -> None:
    assert both_ends(struct.pack(">I", len(body)) + body) == [ChannelBroken, ChannelBroken]


def test_a_length_over_the_limit_is_not_waited_for() -> None:
    assert both_ends(struct.pack(">I", channel.MAX_FRAME + 1) + b"{") == [ChannelBroken, ChannelBroken]
    with pytest.raises(ChannelBroken, match="over the limit"):
        channel.encode({"a": "x" * channel.MAX_FRAME})
