"""入札情報公開システムのユーザ情報 on the road: asked for, confirmed masked, and its password nowhere at all."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from portal import cli
from portal.search.settings import SearchRules, User
from tests.flow.portal_site import Page, Visitor, visitor
from tests.unit.portal_world import FORM, SEARCH, World

PASSWORD, WRONG = "Geheim12345", "Falsch98765"
GIVEN = {**SEARCH, "user_id": "ID123123", "password": PASSWORD}


def sections(page: Page) -> list[str]:
    return re.findall(r'<section class="panel">\s*<h2>(.*?)</h2>', page.html)


def on_disk(made: World) -> bytes:
    return b"".join(path.read_bytes() for path in made.root.glob("portal.sqlite3*"))


async def test_a_password_is_nowhere_but_in_its_hash(person: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = person.made
    made.configure(search=SearchRules(user=User.REQUIRED))
    async with visitor(made) as asked:
        seen = [await asked.login()]
        seen.append(await asked.submit("/api/search/keep", GIVEN))
        seen.append(await asked.submit("/registration/search", {**GIVEN, "number": "999999999", "password": WRONG}))
        seen.append(await asked.submit("/registration/search", {**GIVEN, "name": "北東組(株)", "password": WRONG}))
        taken = {**GIVEN, "take:name": "北東組株式会社"}
        seen.append(await asked.submit("/registration/search", taken))
        made.wait(minutes=61)
        seen.append(await asked.submit("/registration/search", GIVEN))  # the visit is over: kept without the password
        seen.append(await asked.login())
        seen.append(await asked.submit("/registration/search", GIVEN))
        assert seen[-1].url == "/registration/form"
        seen.append(await asked.get("/registration/search"))
        assert "パスワードは入力済みです。" in seen[-1].text
        await asked.submit("/registration/search", {**GIVEN, "password": ""})
        confirm = await asked.submit("/registration/form", {**FORM, "step": "confirm"})
        request = await asked.statement(confirm)
        status, _ = await asked.finish("registration", made.signed(request))
        assert status == 200
        seen += [confirm] + [await asked.get(f"/registration/{name}") for name in ("complete", "sheet")]
        receipt = await (await asked.client.get("/registration/receipt")).read()

    everything = [page.html for page in seen] + [repr(request)]
    everything += [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
    everything += [repr(row) for row in await made.store.read(lambda db: db.execute("SELECT * FROM outbox").fetchall())]
    for secret in (PASSWORD, WRONG):
        assert not [text for text in everything if secret in text]
        assert secret.encode() not in on_disk(made)
        assert secret.encode() not in receipt
    ((kept,),) = await made.store.read(lambda db: db.execute("SELECT password FROM companies").fetchall())
    assert kept.startswith("$argon2id$")
    assert not [text for text in everything if kept in text]


async def test_the_confirmation_shows_the_user_last_and_signs_it_without_the_password(person: Visitor) -> None:
    person.made.configure(search=SearchRules(user=User.OPTIONAL))
    async with visitor(person.made) as asked:
        await asked.login()
        await asked.submit("/registration/search", GIVEN)
        confirm = await asked.submit("/registration/form", {**FORM, "step": "confirm"})
        assert sections(confirm)[-2:] == ["ICカード情報", "入札情報公開システムのユーザ情報"]
        (shown,) = re.findall(r"<h2>入札情報公開システムのユーザ情報</h2>(.*?)</section>", confirm.html, re.DOTALL)
        assert re.sub(r"<[^>]+>", " ", shown).split() == [
            *("ユーザID", "ID123123"),
            *("パスワード", "••••••••", "入力済みです。表示しません。"),
        ]
        request = await asked.statement(confirm)
        assert request.payload["sections"][-1] == {
            "label": "入札情報公開システムのユーザ情報",
            "value": [{"label": "ユーザID", "value": "ID123123"}],
        }
        status, _ = await asked.finish("registration", person.made.signed(request))
        assert status == 200
        assert "ID123123" not in (await asked.get("/registration/sheet")).html


@pytest.mark.parametrize(
    ("user", "note", "required"),
    [
        (User.BLANK, "ユーザIDとパスワードは空欄としてください。", 2),
        (User.OPTIONAL, "両方を入力してください。お持ちでないときは、どちらも空欄としてください。", 2),
        (User.REQUIRED, "入札情報公開システムで使うユーザIDとパスワードを入力してください。", 4),
    ],
)
async def test_the_screen_asks_as_the_agency_does(person: Visitor, user: User, note: str, required: int) -> None:
    person.made.configure(search=SearchRules(user=user))
    async with visitor(person.made) as asked:
        page = await asked.login()
        assert note in page.text
        assert page.html.count("（※）<span") == required
        assert ("分間検索できなくなります" in page.text) is (user is not User.BLANK)
        assert re.search(r'name="password" type="password"', page.html)


def test_an_import_says_what_it_did_and_leaves_no_clear_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, file = tmp_path / "portal.toml", tmp_path / "data.csv"
    config.write_text("")
    header = "業者番号,商号又は名称,郵便番号,住所,代表者氏名,代表者役職,ユーザID,パスワード"
    file.write_text(f"{header}\n000000101,北東組株式会社,,,,,ID123123,{PASSWORD}\n000000102,b,,,,,,\n", "utf-8")
    assert cli.main(["import-contractors", "--config", str(config), str(file)]) == 0
    said = capsys.readouterr().out
    assert said.splitlines() == [
        "added: 2, changed: 0, removed: 0",
        "2 contractors written, 0 removed",
        "1 users of 入札情報公開システム, their passwords as argon2id hashes",
        f"{file} holds these passwords in clear text: take it away when it is needed no more",
    ]
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("portal.sqlite3*"))
    assert b"ID123123" in stored
    assert PASSWORD.encode() not in stored
