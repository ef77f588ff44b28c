"""The process that judges replies: what a stranger sent is taken apart here, and not where the daemon lives.

Frames of `bridge.card.channel` on stdin and stdout, one question, one answer; it ends with its stdin.
"""

from __future__ import annotations

import base64
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from bridge.card import channel
from bridge.errors import BridgeError
from bridge.timestamps import path
from bridge.timestamps.judge import judge
from bridge.timestamps.query import Query


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """`{reply, query, trust}` → `{stamp: {token, time, authority, serial}}` or `{error}`; bytes are base64."""
    while (question := channel.read_frame_blocking(questions)) is not None:
        answers.write(channel.encode(_answer(question)))
        answers.flush()


def _answer(question: channel.Frame) -> channel.Frame:
    reply, query = base64.b64decode(question["reply"]), Query.parse(question["query"])
    try:
        stamp = judge(reply, query, path.anchors(Path(question["trust"])), datetime.now(UTC))
    except BridgeError as error:
        return {"error": error.to_wire()}
    token, time = base64.b64encode(stamp.token).decode(), stamp.time.isoformat()
    return {"stamp": {"token": token, "time": time, "authority": stamp.authority, "serial": str(stamp.serial)}}


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
