"""The process that judges a time-stamp authority's replies, as Windows runs it."""

from __future__ import annotations

import base64
import io
import subprocess
from pathlib import Path, PureWindowsPath
from typing import Any, Final

import pytest

from bridge.card import channel
from bridge.card.signature.algorithms import Hash
from bridge.timestamps.query import Query
from tests.desktop import wine
from tests.desktop.window import System
from tests.time_stamps import Authority
from tests.unit.stamp_forgeries import refusal

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

LIBRARIES: Final = Path(__file__).parents[2] / ".stamps/windows-libraries"
RUN: Final = (
    "import runpy, sys; sys.path.append(sys.argv.pop()); runpy.run_module('bridge.timestamps.worker', None, '__main__')"
)


def judged(system: System, trust: Path, query: Query, *replies: bytes) -> list[dict[str, Any]]:
    """What it answers to each reply, in one life."""
    shown = str(PureWindowsPath(f"Z:{trust}"))  # Wine shows this computer's files as drive Z:
    asked = [{"reply": base64.b64encode(each).decode(), "query": query.wire(), "trust": shown} for each in replies]
    command = ["wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8", "-c", RUN, f"Z:{LIBRARIES}"]
    sent = b"".join(map(channel.encode, asked))
    done = subprocess.run(command, env=system.env, input=sent, capture_output=True, timeout=240, check=False)
    stream = io.BytesIO(done.stdout)
    answers = [channel.read_frame_blocking(stream) for _ in replies]
    assert all(answers), done.stderr.decode(errors="replace")[-2000:]
    return [each for each in answers if each is not None]


def test_replies_are_judged_there_as_here(system: System, tmp_path: Path) -> None:
    wine.start_services(system.env)
    wine.add_randomness(system.env, Path(system.env["WINEPREFIX"]) / "drive_c")
    authority, stranger = Authority(tmp_path / "one"), Authority(tmp_path / "two")
    query = Query.new(Hash.SHA256, bytes(32))
    replies = [authority.reply(query.der()), stranger.reply(query.der()), refusal(), b"nonsense"]
    good, untrusted, refused, invalid = judged(system, authority.trust, query, *replies)
    assert authority.holds(base64.b64decode(good["stamp"]["token"]), bytes(32))
    assert good["stamp"]["authority"] == "CN=Test Time"
    codes = [each["error"]["code"] for each in (untrusted, refused, invalid)]
    assert codes == ["timestamp_untrusted", "timestamp_refused", "timestamp_invalid"]
