"""The worker as a process: what it is asked and answers, and what a hostile document costs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bridge.errors import BridgeError, DocumentMalformed, DocumentRefused, FormatUnavailable, TooLarge
from bridge.formats import confinement, table
from bridge.formats.order import Command, Facts, Order, Refusal
from bridge.formats.worker import Job, Stage, Worker
from tests.unit.xades_world import XML, Asked, enveloped, order, signer, xmlsec_accepts

ANSWERS = {
    "nothing": "",
    "no JSON": "say(b'hello')",
    "no frame": "sys.stdout.buffer.write(b'ab')",
    "too much": "say(b'[' * 100000)",
    "no answer of ours": "say(b'{}')",
    "a refusal of another's": 'say(b\'{"error":{"code":"pin_wrong","reason":""}}\')',
    "facts of another kind": 'say(b\'{"result":{"digest":{"a":1}}}\')',
    "a crash": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "no end": "import time; time.sleep(600)",
}
_SAY = "import sys; say = lambda answer: sys.stdout.buffer.write(len(answer).to_bytes(4, 'big') + answer)"


def scripted(code: str) -> Worker:
    return Worker((sys.executable, "-I", "-c", f"{_SAY}\n{code}"), deadline=3.0)


async def obeyed(asked: Order, worker: Worker | None = None) -> Facts:
    """Of one order, as of a request with one document."""
    stage = Stage(asked.command, frozenset({asked.format}))
    jobs: list[Job[Facts]] = [lambda run: run(asked)]
    (facts,) = await (worker or Worker()).each(stage, jobs)
    return facts


async def test_it_prepares_and_finishes(tmp_path: Path) -> None:
    asked = order(tmp_path, XML)
    asked = asked._replace(command=Command.FINISH, facts=await obeyed(asked))
    assert await obeyed(asked._replace(signature=enveloped(asked, Asked("a.xml")))) == {}
    assert xmlsec_accepts(asked.result, signer("P-256").anchor)


async def test_its_refusals_are_the_bridges(tmp_path: Path) -> None:
    for content, kind in ((b"<!DOCTYPE a><a/>", DocumentRefused), (b"<a>", DocumentMalformed)):
        with pytest.raises(kind):
            await obeyed(order(tmp_path, content))


@pytest.mark.parametrize("code", ANSWERS.values(), ids=ANSWERS)
async def test_whatever_it_does_ends_in_a_refusal(tmp_path: Path, code: str) -> None:
    began = time.monotonic()
    with pytest.raises(DocumentMalformed):
        await obeyed(order(tmp_path, XML), scripted(code))
    assert time.monotonic() - began < 60


async def test_a_large_document_is_refused_unread(tmp_path: Path) -> None:
    asked = order(tmp_path, b"")
    with asked.document.open("r+b") as file:
        file.truncate(table.KINDS["xades"].max_bytes + 1)
    with pytest.raises(TooLarge):
        await obeyed(asked)


async def test_an_installation_without_the_library_says_so(tmp_path: Path) -> None:
    """A folder with a package of that name, which cannot be loaded, stands before the installed one."""
    (tmp_path / "lxml.py").write_text("raise ImportError('not here', name='lxml')", encoding="utf-8")
    run = f"import sys, runpy; sys.path.insert(0, {str(tmp_path)!r}); "
    run += "runpy.run_module('bridge.formats', None, '__main__')"
    with pytest.raises(FormatUnavailable):
        await obeyed(order(tmp_path, XML), Worker((sys.executable, "-I", "-c", run)))


def test_an_order_reads_back_and_nothing_else_does(tmp_path: Path) -> None:
    asked = order(tmp_path, XML)._replace(facts={"range": [0, 1, 2, 3]}, signature=b"\0a")
    assert Order.parse(asked.frame()) == asked
    assert asked.frame().find(b"\n") == len(asked.frame()) - 1
    wire = json.loads(asked.frame())
    changes: list[dict[str, object]] = [{"more": ""}, {"signature": "?"}, {"document": 1}, {"command": "run"}]
    for change in (*changes, {"facts": []}):
        with pytest.raises(ValueError, match=r"order|Command|base64|Non-base64|character|text"):
            Order.parse(json.dumps(wire | change).encode())


def test_every_code_of_a_refusal_is_known_to_both_ends() -> None:
    for code in ("document_malformed", "document_refused", "format_unavailable", "too_large"):
        assert code in {each.code for each in BridgeError.__subclasses__()}
    assert Refusal("too_large", "x").code == "too_large"


CONFINED = {
    "network": "import socket; socket.socket().connect_ex(('127.0.0.1', 9))",
    "a listener": "import socket; socket.socket().bind(('127.0.0.1', 0))",
    "a program": "import subprocess; subprocess.run(['true'])",
    "a shell": "import os; os.system('true')",
    "a fork": "import os; os.fork()",
    "memory": f"bytearray({confinement.MAX_MEMORY})",
    "a long file": "open('x', 'wb').truncate(1 << 40)",
}


@pytest.mark.parametrize("code", CONFINED.values(), ids=CONFINED)
def test_what_it_may_not_do(tmp_path: Path, code: str) -> None:
    def run(begin: str) -> int:
        command = [sys.executable, "-I", "-c", f"from bridge.formats import confinement; {begin}; {code}"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert (run("pass"), run("confinement.confine(); confinement.confine_child()") != 0) == (0, True)


@pytest.mark.skipif(sys.platform != "linux", reason="network namespaces are Linux's")
def test_the_network_is_empty_below_python_too() -> None:
    """Where users may make namespaces; elsewhere Python's own watch is all there is."""
    asked = (
        "from bridge.formats import confinement as c; c._leave(c._CLONE_NEWUSER | c._CLONE_NEWNET); "
        "import socket; print(socket.if_nameindex())"
    )
    said = subprocess.run([sys.executable, "-I", "-c", asked], capture_output=True, text=True, check=True).stdout
    allowed = subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True, check=False).returncode == 0
    assert (said.strip() == "[(1, 'lo')]") or not allowed
