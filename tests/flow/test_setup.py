"""`card-bridge setup` in a terminal: the real doctor, bridge, gate, card host and portal, with planned windows."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bridge.card.practice import card as practice
from bridge.card.practice import slot as practice_slot
from certs import store
from certs.trust.nss import NssStore
from tests.flow.bridge import Bridge, prepare
from tray.first_run import memory
from tray.first_run.course import Step
from tray.first_run.memory import Memory

SITE = "https://ebid.example.jp"
CONFIRMED = "OK  練習用カードの署名は正しく確かめられました。"
WITHOUT_PORTAL = ("-c", "import sys; sys.modules['portal'] = None; from bridge.cli import main; sys.exit(main())")
"""As on a bidder's PC, where that package is not installed."""
certutil = pytest.mark.skipif(shutil.which("certutil") is None, reason="needs certutil of libnss3-tools")


class Desk:
    """A person's account: settings, home, a practice card in its reader, and planned answers to windows."""

    def __init__(self, folder: Path) -> None:
        self.bridge: Bridge = prepare(folder)
        self.folder, self.config = folder, folder / "bridge.toml"
        self.home = folder / "home"
        self.program: tuple[str, ...] = ("-m", "bridge.cli")
        self.home.mkdir()
        self.settings()
        practice_slot.insert(self.bridge.practice)

    def settings(self, **changes: dict[str, Any]) -> None:
        usual: dict[str, dict[str, Any]] = {"origins": {"allowed": [], "locked": False}}
        for name, values in changes.items():
            usual.setdefault(name, {}).update(values)
        self.bridge._write_settings(usual)

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-X", "utf8", *self.program, "setup", "--config", str(self.config), *options]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.home), "XDG_DATA_HOME": "", "TMPDIR": str(self.folder)}

    def setup(self, *options: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command, env = self.command(*options), self.environment()
        return subprocess.run(command, env=env, input=typed, capture_output=True, text=True, check=False, timeout=300)

    def plan_consent(self, *answers: str) -> None:
        (self.folder / "consent-plan").write_text("\n".join(answers), encoding="utf-8")

    def asked_for_consent(self) -> list[str]:
        file = self.folder / "consents.jsonl"
        return [json.loads(line)["origin"] for line in file.read_bytes().splitlines()] if file.exists() else []

    def granted(self) -> set[str]:
        file = self.folder / "origins.json"
        return set(json.loads(file.read_bytes())["origins"]) if file.exists() else set()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def resumed_at_the_signature(desk: Desk) -> None:
    """As a person comes back who stopped there."""
    memory.keep(desk.folder / "setup.json", Memory(shown=True, step=Step.TRIAL))


@certutil
def test_from_nothing_to_a_signature_that_the_portal_believed(desk: Desk) -> None:
    """Certificates are made and trusted, a site is taken over, and the own card signs in the real bridge."""
    old = desk.folder / "ebid.properties"
    old.write_text("url1=https\\://ebid.example.jp/CALS/\nurl2=http\\://plain.example.jp/\n", encoding="utf-8")
    desk.bridge.plan("pin 1234")
    desk.plan_consent("remember")
    done = desk.setup("--old", str(old), typed="1\nn\n1\nn\nn\nn\n1\nn\n")
    root = store.load(desk.folder / "tls").root
    assert [each.trusted for each in NssStore(home=desk.home).status(root)] == [True]
    assert "OK  証明書を登録しました" in done.stdout
    assert "http://plain.example.jp/" in done.stdout  # shown as one that is not taken
    (origin,) = desk.asked_for_consent()
    assert origin.startswith("https://localhost:")
    (question,) = desk.bridge.questions()
    assert question["origin"] == origin
    assert "OK  署名は正しく確かめられました。準備は完了です。" in done.stdout, done.stdout + done.stderr
    assert "北東 次郎" in done.stdout
    assert desk.granted() == {SITE}  # the practice portal's port is nobody's tomorrow
    assert desk.bridge.tries_left == practice.MAX_TRIES


@pytest.mark.parametrize(
    ("key", "told"),
    [("1", "OK  署名をこのパソコンの中で確かめました。"), ("2", CONFIRMED)],
)
def test_without_a_portal_the_signature_is_checked_on_this_computer(desk: Desk, key: str, told: str) -> None:
    desk.program = WITHOUT_PORTAL
    desk.bridge.plan("pin 1234")
    desk.plan_consent("once")
    resumed_at_the_signature(desk)
    done = desk.setup(typed=f"{key}\nn\n")
    assert told in done.stdout, done.stdout + done.stderr
    assert "OK  署名者：" in done.stdout
    assert "サイトが確かめた" not in done.stdout
    (question,) = desk.bridge.questions()
    assert question["origin"] == desk.asked_for_consent()[0]
    assert desk.granted() == set()


def test_practising_leaves_the_own_card_alone(desk: Desk) -> None:
    before = practice_slot.card_file(desk.bridge.practice).read_bytes()
    desk.bridge.plan("pin 1234")
    desk.plan_consent("once")
    resumed_at_the_signature(desk)
    done = desk.setup(typed="2\nn\n")
    assert CONFIRMED in done.stdout, done.stdout + done.stderr
    assert len(desk.bridge.questions()) == len(desk.asked_for_consent()) == 1
    assert practice_slot.card_file(desk.bridge.practice).read_bytes() == before
    assert desk.granted() == set()


def test_who_closes_the_pin_window_is_told_and_no_try_is_spent(desk: Desk) -> None:
    desk.plan_consent("once")
    resumed_at_the_signature(desk)
    done = desk.setup(typed="1\nn\n")
    assert "NG  テスト署名は終わりませんでした。" in done.stdout
    assert len(desk.bridge.questions()) == 1
    assert done.returncode == 1
    assert desk.bridge.tries_left == practice.MAX_TRIES


def test_with_few_tries_left_the_own_card_is_not_offered(desk: Desk) -> None:
    card = practice.read(desk.bridge.practice)
    practice.write(desk.bridge.practice, card._replace(tries_left=1))
    resumed_at_the_signature(desk)
    done = desk.setup(typed="q\n")
    assert "いま入っているICカードではテスト署名をしません。" in done.stdout
    assert "このICカードで署名する" not in done.stdout
    assert desk.bridge.tries_left == 1


def test_it_goes_on_where_it_was_stopped(desk: Desk) -> None:
    stopped = desk.setup(typed="n\nn\nc\n2\nq\n")
    assert stopped.returncode == 3
    chosen = stopped.stdout.rpartition("お使いのICカードの認証局: ")[2].partition("\n")[0]
    assert chosen != "分からない・一覧にない"
    again = desk.setup()  # no input at all: the same as q
    assert again.returncode == 3
    assert "=== 3／5" in again.stdout
    assert "=== 1／5" not in again.stdout
    assert f"お使いのICカードの認証局: {chosen}" in again.stdout
    assert "=== 1／5" in desk.setup("--restart").stdout


@certutil
def test_without_a_person_what_needs_none_is_done_and_nothing_is_signed(desk: Desk) -> None:
    old = desk.folder / "old"
    old.mkdir()
    (old / "urls.txt").write_text(f"{SITE}/\n", encoding="utf-8")
    looked = json.loads(desk.setup("--json", "--old", str(old)).stdout)
    assert looked["done"] == []
    assert looked["oldHelper"]["sites"] == [SITE]
    assert desk.granted() == set()
    done = desk.setup("--yes", "--json", "--old", str(old))
    told = json.loads(done.stdout)
    assert [(each["check"], each["ok"]) for each in told["done"]] == [("repaired", True), ("sites", True)]
    states = {each["step"]: each["state"] for each in told["steps"]}
    assert (states["trust"], states["card"]) == ("good", "good")
    assert told["ready"] == (done.returncode == 0)
    assert desk.granted() == {SITE}
    assert (desk.asked_for_consent(), desk.bridge.questions()) == ([], [])


def test_a_fixed_list_takes_nothing_over(desk: Desk) -> None:
    old = desk.folder / "urls.txt"
    old.write_text(SITE, encoding="utf-8")
    desk.settings(origins={"locked": True})
    done = desk.setup("--yes", "--old", str(old))
    assert done.returncode in (0, 1), done.stderr  # what else this computer lacks is no matter here
    assert desk.granted() == set()


def test_a_library_is_told_to_whoever_may_change_it(desk: Desk) -> None:
    library = desk.folder / "p11.so"
    shutil.copy(Path(sys.executable).resolve(), library)
    old = desk.folder / "old.ini"
    old.write_text(f"dll={library}\n", encoding="utf-8")
    done = desk.setup("--old", str(old), typed="n\nn\n1\nq\n")
    assert str(library) in done.stdout
    assert f'modules = ["{library}"]' in done.stdout
    assert str(desk.config) in done.stdout


def test_what_cannot_be_used_is_named(desk: Desk) -> None:
    done = desk.setup("--old", str(desk.folder / "absent"))
    assert (done.returncode, str(desk.folder / "absent") in done.stderr) == (2, True)
    desk.config.write_text("[setup]\nwindows = true\n", encoding="utf-8")
    done = desk.setup()
    assert (done.returncode, "setup.windows" in done.stderr) == (2, True)


def test_what_was_started_for_the_signature_ends_with_it(desk: Desk) -> None:
    """Stopped while the PIN window waits: portal, bridge, card host and window are gone afterwards."""
    desk.bridge.plan("wait")
    desk.plan_consent("once")
    resumed_at_the_signature(desk)
    with subprocess.Popen(
        desk.command(), env=desk.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write("2\n")
        process.stdin.flush()
        until(lambda: bool(desk.bridge.questions()))
        until(lambda: (desk.folder / "pid").read_text(encoding="ascii") != "")
        window = int((desk.folder / "pid").read_text(encoding="ascii"))
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        process.stdout.read()
        assert process.wait(120) == 3
    until(lambda: not Path(f"/proc/{window}").exists())
    here = str(desk.folder).encode()
    assert not [each for each in Path("/proc").glob("[0-9]*/cmdline") if here in _read(each)]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def until(holds: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
