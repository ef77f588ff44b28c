"""Backups, restoring, exports, and stored statements judged again, by the portal's own commands on a real store."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import serialization

from portal import cli
from portal.registration.purposes import Purpose
from portal.settings import Grace
from portal.store import State
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World
from tests.unit.renewal_world import Desk, desk

Said = pytest.CaptureFixture[str]


class Place:
    """A portal's folder with everything that the procedures sign in it, and its command line."""

    def __init__(self, root: Path, at: Desk) -> None:
        self.root, self.at = root, at
        self.database = root / "portal.sqlite3"

    def run(self, *arguments: str | Path) -> int:
        return cli.main([str(arguments[0]), "--config", str(self.root / "portal.toml"), *map(str, arguments[1:])])

    async def later(self, *arguments: str | Path) -> int:
        """Commands have an event loop of their own."""
        return await asyncio.to_thread(self.run, *arguments)

    def change(self, query: str, values: Sequence[Any] = ()) -> None:
        with contextlib.closing(sqlite3.connect(self.database)) as db, db:
            assert db.execute(query, values).rowcount > 0


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Registration, renewal with a hand-over and an acceptance, and another company's registration."""
    async with desk(tmp_path) as at:
        await at.renew()
        await at.made.register(at.made.authority.issue(77))
        folders = at.made.trust.folders
        lines = [f"{name} = {json.dumps(str(getattr(folders, name)))}" for name in ("anchors", "intermediates", "crls")]
        text = "\n".join(['database = "portal.sqlite3"', "[trust]", *lines])
        (tmp_path / "portal.toml").write_text(text, encoding="utf-8")
        yield Place(tmp_path, at)


async def test_every_kind_of_statement_is_judged_again(place: Place, capsys: Said) -> None:
    kinds = {kind for (kind,) in await place.at.rows("SELECT type FROM statements")}
    assert kinds == {"login", "registration", "handover", "acceptance"}
    (count,) = (await place.at.rows("SELECT count(*) FROM statements"))[0]
    assert await place.later("verify-archive") == 0
    assert capsys.readouterr().out == f"{count} statements judged again, 0 faults\n"


async def test_years_later_with_other_lists_and_another_anchor_folder(place: Place, capsys: Said) -> None:
    """The folders of today say nothing of then; but whom to believe has to come from outside."""
    folders = place.at.made.trust.folders
    for path in folders.crls.iterdir():
        path.unlink()
    former = place.root / "former"
    folders.anchors.rename(former)
    folders.anchors.mkdir()
    assert await place.later("verify-archive") == 1
    out = capsys.readouterr().out
    assert out.count(": anchor_unknown: ") == out.count("\n") - 1
    assert await place.later("verify-archive", "--anchors", former) == 0


CHANGES: dict[str, tuple[str, str]] = {
    "UPDATE statements SET type = 'change' WHERE type = 'registration'": ("archive_altered", "type or nonce"),
    "UPDATE statements SET nonce = 'x' || nonce WHERE type = 'login'": ("archive_altered", "type or nonce"),
    "UPDATE statements SET certificate_sha256 = 'ab' WHERE type = 'handover'": ("certificate_mismatch", "another"),
    "UPDATE history SET sections = replace(sections, '日立', '目立')": ("archive_altered", "the history"),
    "UPDATE revocation_lists SET der = x'00'": ("archive_altered", "revocation list"),
    "DELETE FROM revocation_lists": ("evidence_incomplete", "no revocation list"),
    "UPDATE statements SET evidence = '{}' WHERE type = 'login'": ("evidence_incomplete", "KeyError"),
    'UPDATE statements SET evidence = replace(evidence, \'"verifiedAt":"2\', \'"verifiedAt":"3\')': (
        "certificate_untrusted",
        "",
    ),
}


@pytest.mark.parametrize("query", CHANGES)
async def test_what_was_changed_in_the_database_is_found(query: str, place: Place, capsys: Said) -> None:
    await place.at.made.store.close()
    place.change(query)
    assert await place.later("verify-archive") == 1
    out = capsys.readouterr().out
    code, fact = CHANGES[query]
    assert any(f": {code}" in line and fact in line for line in out.splitlines()), out


async def test_another_signature_is_found_whatever_the_database_says_of_it(place: Place, capsys: Said) -> None:
    """The CMS changed and its SHA-256 with it, as somebody would who can write the database."""
    await place.at.made.store.close()
    with contextlib.closing(sqlite3.connect(place.database)) as db, db:
        (cms,) = db.execute("SELECT cms FROM statements WHERE type = 'login' LIMIT 1").fetchone()
        other = cms[:-1] + bytes([cms[-1] ^ 1])
        new = hashlib.sha256(other).hexdigest()
        db.execute("UPDATE statements SET cms = ?, sha256 = ? WHERE cms = ?", (other, new, cms))
    assert await place.later("verify-archive") == 1
    assert f"{new} " in (out := capsys.readouterr().out)
    assert ": signature_invalid" in out


async def test_a_stranger_who_brings_an_anchor_of_his_own_is_found(place: Place, capsys: Said) -> None:
    stranger = pki.Authority(key=pki.rsa_key("stranger"))
    made = place.at.made
    made.trust.anchor(stranger, "stranger")
    made.trust.crl(stranger.crl(), "stranger")
    made.configure()
    await made.login(stranger.issue(5))
    for path in made.trust.folders.anchors.glob("stranger*"):
        path.unlink()
    assert await place.later("verify-archive") == 1
    assert capsys.readouterr().out.count("anchor_unknown") == 1


async def test_an_export_holds_by_itself_and_says_what_is_missing(place: Place, capsys: Said) -> None:
    folder = place.root / "kept"
    assert await place.later("export", folder) == 0
    checking = ("sha256sum", "--check", "--quiet", "SHA256SUMS")
    await asyncio.to_thread(subprocess.run, checking, cwd=folder, check=True)
    assert await place.later("export", folder) == 1
    assert "is there already" in capsys.readouterr().err
    companies = [json.loads(line) for line in (folder / "companies.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [company["company_id"] for company in companies] == [place.at.registration.company_id]
    assert "argon2" not in "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.jsonl"))
    statements = sorted(folder.glob("statements/*/*.p7m"))
    await place.at.made.store.close()
    place.database.unlink()
    capsys.readouterr()
    assert await place.later("verify-archive", "--folder", folder) == 0
    assert capsys.readouterr().out == f"{len(statements)} statements judged again, 0 faults\n"
    statements[0].unlink()
    (folder / "history.jsonl").write_bytes(b"")
    (folder / "added").write_bytes(b"")
    assert await place.later("verify-archive", "--folder", folder) == 1
    wrong = {statements[0].relative_to(folder).as_posix(), "history.jsonl", "added"}
    assert {line.partition(":")[0] for line in capsys.readouterr().out.splitlines()[:3]} == wrong


async def test_a_backup_while_the_portal_writes_is_whole(place: Place, capsys: Said) -> None:
    """Logins go on all the while; the copy is of one moment."""
    made, targets = place.at.made, [place.root / f"{number}.sqlite3" for number in range(500)]

    async def visits() -> None:
        for number in range(10):
            await made.login(made.authority.issue(1000 + number))

    writing = asyncio.create_task(visits())
    for target in targets:
        assert await place.later("backup", target) == 0
        assert target.stat().st_mode & 0o777 == 0o600
        if writing.done():
            break
    await writing
    assert await place.later("backup", target) == 1
    assert "never written over" in capsys.readouterr().err
    assert not list(place.root.glob("*.new"))
    assert [path.name for path in sorted(place.root.glob("*sqlite3-*"))] == ["portal.sqlite3-shm", "portal.sqlite3-wal"]


async def test_a_restored_portal_goes_on_and_gives_no_number_twice(place: Place, capsys: Said) -> None:
    made, backup = place.at.made, place.root / "backup.sqlite3"
    session = await made.login(made.authority.issue(88), Purpose.REGISTRATION)
    assert await place.later("backup", backup) == 0
    given = await _new_company(made, 91)
    assert await place.later("restore", backup) == 1
    assert "with --yes it is set aside" in capsys.readouterr().err
    assert await place.later("restore", backup, "--yes") == 1
    assert "in use; end the portal first" in capsys.readouterr().err
    await made.store.close()
    assert await place.later("restore", backup, "--yes") == 0
    assert "the old one: " in capsys.readouterr().out
    (old,) = place.root.glob("portal.sqlite3.before-*")
    with contextlib.closing(sqlite3.connect(old)) as db:
        assert db.execute("SELECT 1 FROM companies WHERE company_id = ?", (given,)).fetchone()
    await made.restart()
    assert await made.store.registrations_of(given) == []
    assert await made.store.session(session.id, made.time) is None
    assert await made.count("nonces") == 0
    assert int(await _new_company(made, 92)) == int(given) + 1
    assert await place.later("verify-archive") == 0


async def test_without_the_old_database_numbers_are_passed_over(place: Place) -> None:
    made, backup = place.at.made, place.root / "backup.sqlite3"
    assert await place.later("backup", backup) == 0
    await made.store.close()
    for path in place.root.glob("portal.sqlite3*"):
        path.unlink()
    assert await place.later("restore", backup, "--skip", "500") == 0
    await made.restart()
    assert int(await _new_company(made, 92)) == int(place.at.registration.company_id) + 501
    (old, *_) = await made.store.registrations_of(place.at.registration.company_id)
    assert old.state is State.REPLACED


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def _noise(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 1000)


def _newer(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1000")


def _torn(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM statements")


@pytest.mark.parametrize("harm", [_cut, _noise, _newer, _torn])
async def test_a_backup_that_is_not_whole_changes_nothing(
    harm: Callable[[Path], None], place: Place, capsys: Said
) -> None:
    backup = place.root / "backup.sqlite3"
    assert await place.later("backup", backup) == 0
    await place.at.made.store.close()
    harm(backup)
    before = place.database.read_bytes()
    assert await place.later("restore", backup, "--yes") == 1
    assert str(backup) in capsys.readouterr().err
    assert place.database.read_bytes() == before
    assert not list(place.root.glob("*.restored*"))


async def _new_company(made: World, serial: int) -> str:
    """Its 企業ID, given with the first registration for its 業者番号."""
    session = await made.login(made.authority.issue(serial))
    await made.portal.search.find(session, {**SEARCH, "number": "000000102", "name": "株式会社A建設"})
    await made.portal.drafts.save_form(session, FORM)
    signed = made.signed(await made.portal.registrar.begin(session), made.authority.issue(serial))
    return (await made.portal.registrar.finish(session, signed)).company_id


async def test_a_login_without_lists_holds_and_a_registration_that_waits_is_named(place: Place, capsys: Said) -> None:
    made = place.at.made
    for path in made.trust.folders.crls.iterdir():
        path.unlink()
    await made.login(made.authority.issue(78))
    assert await place.later("verify-archive") == 0
    await made.register(made.authority.issue(79))
    capsys.readouterr()
    assert await place.later("verify-archive") == 1
    assert capsys.readouterr().out.count(": revocation_unavailable") == 1
    made.trust.crl(made.authority.crl(number=9))
    assert await made.portal.registrar.recheck() == 1
    assert await place.later("verify-archive") == 0


async def test_what_was_believed_within_a_grace_is_judged_by_it(place: Place, capsys: Said) -> None:
    made = place.at.made
    sha256 = hashlib.sha256(made.authority.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
    for path in made.trust.folders.crls.iterdir():
        path.unlink()
    made.trust.crl(made.authority.crl(since=made.time - timedelta(days=9), until=made.time - timedelta(hours=1)))
    made.configure(trust=replace(made.trust.folders, grace=(Grace(sha256, 2),)))
    await made.login(made.authority.issue(77))
    rows = await place.at.rows("SELECT evidence FROM statements WHERE evidence LIKE '%\"graceHours\":2%'")
    assert len(rows) == 1
    assert await place.later("verify-archive") == 0
    assert " 0 faults" in capsys.readouterr().out
