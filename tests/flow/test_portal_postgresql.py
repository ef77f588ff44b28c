"""The portal on PostgreSQL as people and those see it who run it: its commands, and a server that goes away."""

from __future__ import annotations

import asyncio
import csv
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from portal import cli
from portal.qualification.reading import HEADER
from portal.storage import Postgresql
from portal.store import Registration, open_store
from tests.flow.portal_site import visitor
from tests.flow.test_portal_operation import running
from tests.postgresql import Cluster
from tests.unit.portal_world import FORM, SEARCH, World, world


@pytest.fixture
async def made(address: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        yield opened


async def test_while_the_server_is_gone_people_are_told_to_come_again(made: World, cluster: Cluster) -> None:
    async with visitor(made) as person:
        await person.login()
        await person.submit("/registration/search", SEARCH)
        confirmed = await person.submit("/registration/form", {**FORM, "step": "confirm"})
        statement = await person.statement(confirmed)
        cms = made.signed(statement)
        cluster.kill()
        try:
            page = await person.get("/registration/form")
            status, problem = await person.finish("registration", cms)
        finally:
            cluster.start()
        assert (page.status, page.title, page.headers["Retry-After"]) == (503, "ただいま処理できません", "10")
        assert "同じ操作をもう一度" in page.text
        assert (status, problem["code"]) == (503, "store_unavailable")
        assert page.inquiry
        assert problem["inquiry"]
        status, answer = await person.finish("registration", cms)  # the very same, once it is back
        assert status == 200, answer
        again, _ = await person.finish("registration", cms)
        assert again in (200, 409)
        assert await made.count("registrations") == 1


async def test_readiness_says_no_while_the_server_is_gone(made: World, cluster: Cluster) -> None:
    async with running(made) as portal:
        assert (await portal.ready())[0] == 200
        figures = await portal.figures()
        assert figures["portal_database_bytes", ()] > 1_000_000
        assert ("portal_disk_free_bytes", ()) not in figures
        cluster.stop()
        try:
            status, said = await portal.ready()
        finally:
            cluster.start()
        assert (status, said["ready"]) == (503, False)
        assert said["faults"][0].startswith("the database takes nothing: ")
        assert (await portal.ready())[0] == 200


_FINISH = """
import asyncio, json, sys
from dataclasses import replace
from pathlib import Path
from portal.refusals import Refused
from portal.service import Portal
from portal.settings import load_settings
from portal.signatures.trust import Trust
from portal.store import open_store
from tests.unit import portal_pki as pki

async def main():
    settings = replace(load_settings(Path(sys.argv[1])), database=sys.argv[2])
    store = await open_store(settings.database)
    portal = Portal(settings, store, Trust(settings.trust), clock=lambda: pki.NOW)
    visit = await store.session(sys.argv[3], pki.NOW)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        print((await portal.registrar.finish(visit, Path(sys.argv[4]).read_bytes())).reception)
    except Refused as refusal:
        print(refusal.code)
    await store.close()

asyncio.run(main())
"""


async def test_two_processes_register_one_card_once(made: World, address: str) -> None:
    from tests.flow.test_portal_serve import settings_file

    config = settings_file(made)
    commands = []
    for number in range(2):
        session = await made.ready()
        cms = made.root / f"{number}.cms"
        cms.write_bytes(made.signed(await made.portal.registrar.begin(session)))
        commands.append((sys.executable, "-c", _FINISH, str(config), address, session.id, str(cms)))
    pipe = asyncio.subprocess.PIPE
    racing = [await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe) for command in commands]
    for each in racing:
        assert each.stdout is not None
        assert await asyncio.wait_for(each.stdout.readline(), 60) == b"ready\n"
    said = [(await asyncio.wait_for(each.communicate(b"\n"), 60))[0].decode().strip() for each in racing]
    assert await made.count("registrations") == 1
    assert sum(each.startswith("R-") for each in said) == 1, said
    assert set(said) - {each for each in said if each.startswith("R-")} <= {"already_registered", "session_ended"}


def _config(made: World) -> Path:
    folders = made.trust.folders
    lines = [f"{name} = {json.dumps(str(getattr(folders, name)))}" for name in ("anchors", "intermediates", "crls")]
    path = made.root / "commands.toml"
    text = "\n".join([f"database = {json.dumps(str(made.portal.settings.database))}", "[trust]", *lines])
    path.write_text(f'{text}\n[mail]\nfolder = "mails"\nsender = "portal@example.lg.jp"\n', encoding="utf-8")
    return path


async def test_every_command(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    registration = await made.register()
    config = _config(made)

    async def run(*arguments: str | Path) -> tuple[int, str]:
        words = [str(each) for each in arguments]
        status = await asyncio.to_thread(cli.main, [words[0], "--config", str(config), *words[1:]])
        told = capsys.readouterr()
        return status, told.out + told.err

    assert registration.company_id in (await run("list"))[1]
    assert (await run("show", registration.company_id))[0] == 0
    assert (await run("migrate"))[0] == 0
    assert (await run("verify-archive")) == (0, "2 statements judged again, 0 faults\n")
    assert (await run("export", made.root / "kept"))[0] == 0
    assert (await run("verify-archive", "--folder", made.root / "kept"))[0] == 0
    assert (await run("export-cms", registration.company_id, made.root / "one.p7m"))[0] == 0
    status, said = await run("send-mail")
    assert (status, "sent now: " in said) == (0, True)
    status, said = await run("officers", "list")
    assert status == 0
    status, said = await run("backup", made.root / "copy")
    assert (status, "pg_dump" in said) == (1, True)
    await made.store.write(lambda db: db.execute("UPDATE statements SET cms = cms || '\\x00'").rowcount)
    assert (await run("verify-archive"))[0] == 1


async def test_qualification_data_is_imported(made: World, capsys: pytest.CaptureFixture[str]) -> None:
    registration = await made.register()
    config, file = _config(made), made.root / "new.csv"
    changed = registration.contractor._replace(representative="別の 代表")
    rows = [
        changed,
        *(changed._replace(number=f"{number}", name=f"会社{number}%") for number in range(10**8, 10**8 + 500)),
    ]
    with file.open("w", encoding="cp932", newline="") as out:
        csv.writer(out).writerows([HEADER, *rows])

    async def run(*options: str) -> tuple[int, str]:
        words = ["import-contractors", "--config", str(config), str(file), *options]
        return await asyncio.to_thread(cli.main, words), capsys.readouterr().out

    status, said = await run("--dry-run")
    assert (status, said.splitlines()[0]) == (0, "added: 500, changed: 1, removed: 4")
    assert f"look at: 企業ID {registration.company_id}" in said
    assert await made.count("contractors") == 5
    assert (await run("--yes"))[0] == 0
    assert await made.count("contractors") == 501
    found, total = await made.store.search_contractors("会社100000499%", 0, 10)
    assert ([each.number for each in found], total) == (["100000499"], 1)
    assert (await run("--dry-run"))[1].splitlines()[0] == "added: 0, changed: 0, removed: 0"


async def test_a_portal_has_no_more_connections_than_it_may(made: World, address: str) -> None:
    store = await open_store(f"{address}&application_name=counted", Postgresql(connections=3))
    slow = (store.read(lambda db: db.execute("SELECT pg_sleep(0.05)").rowcount) for _ in range(20))
    assert await asyncio.gather(*slow) == [1] * 20
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'counted'"
    assert await made.store.read(lambda db: db.execute(query).fetchone()[0]) == 3
    await store.close()


_GUIDE = Path(__file__).parents[2] / "docs" / "portal-operation.md"


async def test_a_dump_goes_back_as_the_guide_says(
    made: World, cluster: Cluster, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Visits and nonces of its time end, and no 企業ID is given to a second company."""
    first = await made.register()
    session = await made.ready(made.authority.issue(77))
    restored, dump = cluster.create(), cluster.folder / "portal.dump"
    options = ("--format=custom", f"--file={dump}")
    await asyncio.to_thread(cluster._run, "pg_dump", *options, address)
    careful = ("--exit-on-error", "--single-transaction", "--no-owner", "--role=portal")
    await asyncio.to_thread(cluster._run, "pg_restore", *careful, f"--dbname={cluster.url(restored)}", str(dump))
    (statements,) = re.findall(r"```sql\n(BEGIN;.*?)```", _GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    await asyncio.to_thread(cluster.sql, statements, restored)
    await made.store.close()
    made.store = await open_store(cluster.url(restored))
    made.configure(database=cluster.url(restored))
    assert await made.store.session(session.id, made.time) is None
    assert await asyncio.to_thread(cli.main, ["verify-archive", "--config", str(_config(made))]) == 0
    assert capsys.readouterr().out == "3 statements judged again, 0 faults\n"
    await made.store.import_contractors([first.contractor._replace(number="100000009")])
    second = await _of_another_company(made)
    assert first.company_id == "9991000000000001"
    assert int(second.company_id[4:]) > 1001
    await made.store.close()
    cluster.drop(restored)


async def _of_another_company(made: World) -> Registration:
    session = await made.login(made.authority.issue(78))
    await made.portal.search.find(session, {**SEARCH, "number": "100000009"})
    await made.portal.drafts.save_form(session, FORM)
    request = await made.portal.registrar.begin(session)
    return await made.portal.registrar.finish(session, made.signed(request, made.authority.issue(78)))
