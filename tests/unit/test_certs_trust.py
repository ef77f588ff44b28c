"""NSS databases, real ones made by certutil: what we put in, what we read back, what we leave alone."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from certs import authority
from certs.errors import StoreRefused, ToolMissing
from certs.scope import Scope
from certs.trust import stores
from certs.trust.nss import NssStore, nickname
from certs.trust.places import databases
from tests.unit.certs_roots import impostor

NOW = 1_800_000_000.0

pytestmark = pytest.mark.skipif(shutil.which("certutil") is None, reason="needs certutil of libnss3-tools")


@pytest.fixture(scope="module")
def root() -> bytes:
    return authority.issue(NOW).root


@pytest.fixture(scope="module")
def other() -> bytes:
    return authority.issue(NOW).root


def certutil(database: Path, *arguments: str, data: bytes = b"") -> str:
    command = ["certutil", *arguments[:1], "-d", f"sql:{database}", *arguments[1:]]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode(errors="replace")


def entries(database: Path) -> dict[str, str]:
    """Nickname → trust flags, as certutil lists them."""
    lines = certutil(database, "-L").splitlines()[4:]
    return {line[:60].strip(): line[60:].strip() for line in lines if line.strip()}


def make(database: Path, *options: str) -> Path:
    database.mkdir(parents=True)
    certutil(database, "-N", *(options or ("--empty-password",)))
    return database


def test_a_round_trip_leaves_the_database_as_it_was(tmp_path: Path, root: bytes, other: bytes) -> None:
    database = make(tmp_path / "db")
    certutil(database, "-A", "-t", ",,", "-n", "someone else's", data=other)
    before, store = entries(database), NssStore([database])

    assert [p.trusted for p in store.install(root)] == [True]
    assert entries(database) == before | {nickname(root): "C,,"}
    assert [p.trusted for p in store.install(root)] == [True]
    assert len(entries(database)) == 2

    assert [p.trusted for p in store.uninstall(root)] == [False]
    assert entries(database) == before
    assert [p.trusted for p in store.uninstall(root)] == [False]


def nss_says(database: Path, made: authority.Issued) -> str:
    """NSS's own word on the first leaf as a TLS server."""
    pem = made.leaves[0].pem
    certutil(database, "-A", "-t", ",,", "-n", "leaf", "-a", data=pem[pem.index(b"-----BEGIN CERT") :])
    verify = ["certutil", "-V", "-d", f"sql:{database}", "-n", "leaf", "-u", "V", "-b", "2702010000Z"]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    certutil(database, "-D", "-n", "leaf")
    return done.stdout + done.stderr


def test_nss_itself_then_accepts_our_leaf_as_a_server(tmp_path: Path) -> None:
    made = authority.issue(NOW)
    store = NssStore([tmp_path])
    store.install(made.root)
    assert "certificate is valid" in nss_says(tmp_path, made)
    store.uninstall(made.root)
    assert "certificate is invalid" in nss_says(tmp_path, made)


def test_nss_refuses_a_leaf_for_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority, "NAMES", (x509.DNSName("example.com"),))
    made = authority.issue(NOW)
    NssStore([tmp_path]).install(made.root)
    assert "not permitted to issue a certificate with this name" in nss_says(tmp_path, made)


def test_trust_that_was_taken_away_is_seen_and_given_back(tmp_path: Path, root: bytes) -> None:
    database = tmp_path / "db"
    store = NssStore([database])
    store.install(root)
    certutil(database, "-M", "-t", ",,", "-n", nickname(root))
    assert [p.trusted for p in store.status(root)] == [False]
    assert [p.trusted for p in store.install(root)] == [True]


def test_an_earlier_installations_root_is_named_and_removed_only_on_demand(
    tmp_path: Path, root: bytes, other: bytes
) -> None:
    store = NssStore([tmp_path / "db"])
    store.install(other)
    assert [p.others for p in store.install(root)] == [(nickname(other),)]
    store.uninstall(root)
    assert entries(tmp_path / "db") == {nickname(other): "C,,"}
    store.uninstall(None)
    assert entries(tmp_path / "db") == {}


def test_an_entry_that_only_borrows_our_name_is_not_ours(tmp_path: Path, root: bytes) -> None:
    database = make(tmp_path / "db")
    certutil(database, "-A", "-t", "C,,", "-n", nickname(root), data=impostor())
    store = NssStore([database])
    assert [p.trusted for p in store.status(root)] == [False]
    store.uninstall(None)
    assert entries(database) == {nickname(root): "C,,"}


def test_a_primary_password_is_reported_at_once_and_leaves_nothing(tmp_path: Path, root: bytes) -> None:
    (tmp_path / "password").write_text("secret\n")
    closed = make(tmp_path / "closed", "-f", str(tmp_path / "password"))
    open_ = make(tmp_path / "open")
    first, second = NssStore([closed, open_]).install(root)
    assert isinstance(first.trouble, StoreRefused)
    assert not first.trusted
    assert entries(closed) == {}
    assert second.trusted  # the next place is served all the same


def test_looking_makes_no_database(tmp_path: Path, root: bytes) -> None:
    store = NssStore(home=tmp_path)
    assert store.status(root) == []
    assert store.uninstall(root) == []
    assert list(tmp_path.iterdir()) == []


def test_a_missing_tool_is_named(tmp_path: Path, root: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="libnss3-tools"):
        NssStore([tmp_path / "db"]).install(root)


def have(*places: str) -> Callable[[Path], list[Path]]:
    def create(home: Path) -> list[Path]:
        paths = [home / place for place in places]
        for path in paths:
            path.mkdir(parents=True, exist_ok=True)
            (path / "cert9.db").touch()
        return paths

    return create


@pytest.mark.parametrize(
    "place",
    [
        ".mozilla/firefox/ab12.default-esr",
        ".config/mozilla/firefox/ab12.default-release",
        "snap/firefox/common/.mozilla/firefox/ab12.default",
        "snap/chromium/current/.pki/nssdb",
        ".var/app/org.mozilla.firefox/.mozilla/firefox/ab12.default-release",
        ".var/app/com.google.Chrome/.pki/nssdb",
        ".var/app/org.chromium.Chromium/data/pki/nssdb",
        "利用者/.pki/nssdb",
    ],
)
def test_every_browsers_place_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    home = tmp_path / place.partition("/")[0] if place.startswith("利") else tmp_path
    [path] = have(place)(tmp_path)
    assert path in databases(home)


def test_chromiums_two_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    old, new = tmp_path / ".pki/nssdb", tmp_path / ".local/share/pki/nssdb"
    assert databases(tmp_path) == [old]  # made by us when there is neither
    have(".local/share/pki/nssdb")(tmp_path)
    assert databases(tmp_path) == [new]
    have(".pki/nssdb")(tmp_path)
    assert databases(tmp_path) == [old, new]


def test_a_place_that_two_paths_reach_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    have("snap/chromium/123/.pki/nssdb")(tmp_path)
    (tmp_path / "snap/chromium/current").symlink_to("123")
    (tmp_path / "snap/chromium-again").symlink_to("chromium")
    assert databases(tmp_path)[1:] == [tmp_path / "snap/chromium/123/.pki/nssdb"]


def test_named_databases_replace_the_search(tmp_path: Path, root: bytes) -> None:
    [store] = stores(Scope.MACHINE, [tmp_path / "named"])
    assert [p.place for p in store.install(root)] == [str(tmp_path / "named")]
