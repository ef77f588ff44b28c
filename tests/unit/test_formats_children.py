"""What a hostile document costs: its own process, and neither the worker nor what another document holds.

`hostile.py` stands where a document has taken a library over: what the document says is run, in the child, confined.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.processes import children
from bridge.errors import BridgeError
from bridge.formats import worker
from bridge.formats.order import Command, Facts, Order
from bridge.formats.worker import Job, Run, Stage, Worker

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="children are POSIX's")

HOSTILE = """
import os
def prepare(order):
    seen = {}
    exec(order.document.read_text(), {}, seen)
    said = {name: value for name, value in seen.items() if isinstance(value, str)}
    return {"worker": str(os.getppid()), "child": str(os.getpid())} | said
"""
RUN = """
import sys
sys.path.insert(0, FOLDER)
from bridge.formats import confinement, order, table
confinement.CPU_SECONDS = 1
table.KINDS["xades"] = table.Kind("hostile", 1 << 20)
from bridge.formats.__main__ import main
CHANGE
sys.exit(main(sys.argv[1:]))
"""
GOOD = "pass"
NO_LANDLOCK = "confinement.confine_writing = lambda folder: None"


def _landlock(version: int) -> bool:
    """landlock_create_ruleset(2) with LANDLOCK_CREATE_RULESET_VERSION."""
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) >= version)


COSTS = {
    "time": "while True: pass",
    "memory": "kept = [bytearray(1 << 20) for _ in range(4096)]",
    "a crash": "import ctypes; ctypes.string_at(0)",
    "silence": "import os; os._exit(0)",
    "a long answer": "text = 'x' * 100000",
    "what is no answer": "import os; os.write(3, b'{}'); os._exit(0)",
    "another's answer": r"""
import os
for each in range(1, 64):
    try:
        os.write(each, b'\0\0\0\2{}')
    except OSError:
        pass
os._exit(0)
""",
    "a process of its own": "import os; os.fork()",
}


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_AT_ONCE", 1)


def hostile(folder: Path, change: str = "") -> Worker:
    (folder / "hostile.py").write_text(HOSTILE, encoding="utf-8")
    return Worker((sys.executable, "-I", "-c", RUN.replace("FOLDER", repr(str(folder))).replace("CHANGE", change)))


def _order(folder: Path, at: int, code: str) -> Order:
    document = folder / f"{at}.xml"
    document.write_text(code, encoding="utf-8")
    return Order(Command.PREPARE, "xades", "SHA-256", document, folder / "prepared", folder / "result", {})


def _job(folder: Path, at: int, code: str) -> Job[Facts]:
    order = _order(folder, at, code)

    async def job(run: Run) -> Facts:
        try:
            return await run(order)
        except BridgeError as error:
            return {"code": error.code}

    return job


async def obeyed(folder: Path, *documents: str, change: str = "") -> list[Facts]:
    jobs = [_job(folder, at, code) for at, code in enumerate(documents)]
    return await hostile(folder, change).each(Stage(Command.PREPARE, frozenset({"xades"})), jobs)


SHORT = "order.DEADLINE_SECONDS = 1.0"


@pytest.mark.parametrize(
    ("code", "change"),
    [*((code, "") for code in COSTS.values()), ("import time; time.sleep(600)", SHORT)],
    ids=[*COSTS, "no end"],
)
async def test_it_costs_one_child(tmp_path: Path, code: str, change: str) -> None:
    before, refused, after = await obeyed(tmp_path, GOOD, code, GOOD, change=change)
    assert refused == {"code": "document_malformed"}
    assert before["worker"] == after["worker"]
    assert before["child"] != after["child"]


async def test_a_full_disk_is_no_fault_of_the_document(tmp_path: Path) -> None:
    full = "import errno; raise OSError(errno.ENOSPC, 'No space left on device')"
    assert await obeyed(tmp_path, full) == [{"code": "document_not_kept"}]


async def test_a_worker_that_was_killed_is_replaced(tmp_path: Path) -> None:
    """By a signal, which a process of the same user can send where Landlock is not; the order at hand is refused."""
    code = "import os, signal; os.kill(os.getppid(), signal.SIGKILL); os._exit(0)"
    before, refused, after = await obeyed(tmp_path, GOOD, code, GOOD, change=NO_LANDLOCK)
    assert refused == {"code": "document_malformed"}
    assert before["worker"] != after["worker"]


WRITE = """
written = "nothing"
try:
    with open(OUTSIDE, "wb"):
        written = "outside"
except OSError:
    pass
with open(INSIDE, "xb") as file:
    file.write(b"x")
"""
KILL = """
import os, signal
sent = "nothing"
try:
    os.kill(os.getppid(), 0)
    sent = "a signal"
except OSError:
    pass
"""


@pytest.mark.skipif(not _landlock(1), reason="no Landlock here")
async def test_it_writes_in_its_folder_alone(tmp_path: Path) -> None:
    """Not into the person's files, existing or not: what it left there would be read, or run, by others."""
    (folder := tmp_path / "folder").mkdir()
    (existing := tmp_path / ".profile").write_bytes(b"mine")
    for at, outside in enumerate((existing, tmp_path / "new")):
        code = WRITE.replace("OUTSIDE", repr(str(outside))).replace("INSIDE", repr(str(folder / f"{at}.new")))
        (confined,) = await obeyed(folder, code)
        assert (confined["written"], (folder / f"{at}.new").read_bytes()) == ("nothing", b"x")
    assert (existing.read_bytes(), (tmp_path / "new").exists()) == (b"mine", False)
    (free,) = await obeyed(folder, code.replace("0.new", "2.new").replace("1.new", "2.new"), change=NO_LANDLOCK)
    assert free["written"] == "outside"


@pytest.mark.skipif(not _landlock(6), reason="no Landlock here that keeps signals in")
async def test_it_signals_nobody(tmp_path: Path) -> None:
    (confined,), (free,) = await obeyed(tmp_path, KILL), await obeyed(tmp_path, KILL, change=NO_LANDLOCK)
    assert (confined["sent"], free["sent"]) == ("nothing", "a signal")


@pytest.mark.skipif(sys.platform != "linux", reason="proc(5)")
def test_neither_outlives_the_daemon(tmp_path: Path) -> None:
    """Whose end is the end of the worker's orders, even one that is under way."""
    command = hostile(tmp_path)._command
    started = subprocess.Popen([*command, "prepare", "xades"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with started as process:
        assert process.stdin is not None
        process.stdin.write(_order(tmp_path, 0, "import time; time.sleep(600)").frame())
        process.stdin.flush()
        (child,) = _children(process.pid)
        process.stdin.close()
        assert process.wait(60) == 0
    assert not Path(f"/proc/{child}").exists()


def _children(pid: int) -> list[int]:
    for _ in range(1200):
        if found := children(pid):
            return found
        time.sleep(0.05)
    raise AssertionError("no child was started")


LOOK = """
import os
seen = "nothing"
try:
    with open(f"/proc/{os.getppid()}/mem", "rb"):
        seen = "memory"
except OSError:
    pass
"""
UNCONFINED = f"confinement.confine = confinement.confine_child = lambda: None; {NO_LANDLOCK}"


@pytest.mark.skipif(sys.platform != "linux", reason="proc(5)")
async def test_it_cannot_look_into_the_worker(tmp_path: Path) -> None:
    """Whose memory has every other order in it; without the confinement it could."""
    (confined,) = await obeyed(tmp_path, LOOK)
    (free,) = await obeyed(tmp_path, LOOK, change=UNCONFINED)
    assert free["seen"] == "memory"
    assert confined["seen"] == "nothing" or not (_spaces() or os.getuid())


def _spaces() -> bool:
    """Whether users may make namespaces here; where not, one who is no administrator cannot look all the same."""
    return subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False).returncode == 0


async def test_it_knows_no_order_but_its_own(tmp_path: Path) -> None:
    """What the worker read before is in none of its children: it forks before it reads, and reads a line at a time."""
    secret = "SECRET = 'bid " + "4711" + "'"
    look = "import gc; found = str(sum(b'4711' in each for each in gc.get_objects() if type(each) is bytes))"
    first, second = await obeyed(tmp_path, secret, look)
    assert "code" not in first
    assert second["found"] == "0"
