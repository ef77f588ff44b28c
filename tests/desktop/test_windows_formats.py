"""The process that reads documents, as Windows runs it: XML is signed inside, within a job of its own.

Wine takes the job's limits and enforces none of them: that stands in docs/windows-test-plan.md.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path, PureWindowsPath
from typing import Any, Final

import pytest

from bridge.formats.order import Command, Order
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


def run(system: System, asked: Order) -> dict[str, Any]:
    shown = asked._replace(document=_seen(asked.document), prepared=_seen(asked.prepared), result=_seen(asked.result))
    command = ["wine", str(wine.PYTHON), "-I", "-B", "-X", "utf8", "-c", RUN, f"Z:{LIBRARIES}"]
    done = subprocess.run(command, env=system.env, input=shown.frame(), capture_output=True, timeout=120, check=False)
    assert done.stdout, done.stderr.decode(errors="replace")[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_xml_is_signed_inside(system: System, tmp_path: Path) -> None:
    wine.start_services(system.env)
    asked = order(tmp_path, XML)
    asked = asked._replace(command=Command.FINISH, facts=run(system, asked)["result"])
    assert run(system, asked._replace(signature=enveloped(asked, Asked("a.xml")))) == {"result": {}}
    assert xmlsec_accepts(asked.result, signer("P-256").anchor)
    assert run(system, order(tmp_path, b"<!DOCTYPE a><a/>"))["error"]["code"] == "document_refused"
    assert wine.python(system.env, "-c", JOB).stdout.strip() == "True"
