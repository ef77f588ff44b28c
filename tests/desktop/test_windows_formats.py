"""The process that reads documents, as Windows runs it: XML is signed inside, within a job of its own.

Wine takes the job's limits and enforces none of them: that stands in docs/windows-test-plan.md.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import Any, Final

import pytest

from bridge.formats.order import HEAD, Command, Order
from tests.desktop import wine
from tests.desktop.window import System
from tests.unit.xades_world import XML, Asked, enveloped, order, signer, xmlsec_accepts

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

LIBRARIES: Final = Path(__file__).parents[2] / ".stamps/windows-libraries"
RUN: Final = "import runpy, sys; sys.path.append(sys.argv.pop()); runpy.run_module('bridge.formats', None, '__main__')"
JOB: Final = "from bridge.formats import windows_job; print(windows_job.enter(1 << 30, 30))"


def _seen(path: Path) -> Path:
    """Wine shows this computer's files as drive Z:."""
    return Path(str(PureWindowsPath(f"Z:{path}")))


def run(system: System, *orders: Order) -> list[dict[str, Any]]:
    """By one process, one after another: there are no children in Windows."""
    command = ["wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8", "-c", RUN, orders[0].command, "xades"]
    lines = b"".join(_shown(asked).frame() for asked in orders)
    done = subprocess.run(
        [*command, f"Z:{LIBRARIES}"], env=system.env, input=lines, capture_output=True, timeout=120, check=False
    )
    assert done.stdout, done.stderr.decode(errors="replace")[-2000:]
    return list(_answers(done.stdout))


def _shown(asked: Order) -> Order:
    return asked._replace(document=_seen(asked.document), prepared=_seen(asked.prepared), result=_seen(asked.result))


def _answers(frames: bytes) -> Iterator[dict[str, Any]]:
    while frames:
        (length,) = HEAD.unpack(frames[: HEAD.size])
        answer, frames = frames[HEAD.size : HEAD.size + length], frames[HEAD.size + length :]
        yield json.loads(answer)


def test_xml_is_signed_inside(system: System, tmp_path: Path) -> None:
    wine.start_services(system.env)
    (tmp_path / "other").mkdir()
    asked, refused = order(tmp_path, XML), order(tmp_path / "other", b"<!DOCTYPE a><a/>")
    first, second, third = run(system, asked, refused, asked)
    assert second["error"]["code"] == "document_refused", second
    assert first == third
    asked = asked._replace(command=Command.FINISH, facts=first["result"])
    assert run(system, asked._replace(signature=enveloped(asked, Asked("a.xml")))) == [{"result": {}}]
    assert xmlsec_accepts(asked.result, signer("P-256").anchor)
    assert wine.python(system.env, "-c", JOB).stdout.strip() == "True"
