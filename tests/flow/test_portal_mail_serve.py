"""Mails leave while the portal serves, and a wrong file is told before it does."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest

from portal.store import open_store, outbox
from portal.store.mail_rows import Tally
from tests.flow.mail_office import SENDER, toml
from tests.flow.mail_server import Post, mail_server
from tests.flow.test_portal_serve import COMMAND, settings_file
from tests.unit.portal_world import FORM, world


async def _serve(config: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *COMMAND, "serve", "--config", str(config), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


async def test_a_registrations_mail_leaves_while_the_portal_serves(tmp_path: Path) -> None:
    arrived = asyncio.Event()

    async def arrive() -> None:
        arrived.set()

    post = Post(at_content=arrive)
    async with world(tmp_path) as made, mail_server(post) as port:
        registration = await made.register()
        config = settings_file(made)
        mail = toml(tmp_path / "trust", port).read_text(encoding="utf-8")
        config.write_text(f"{config.read_text()}{mail}", encoding="utf-8")
        await made.store.write(lambda db: db.execute("UPDATE outbox SET next_try = '2000'").rowcount)
        process = await _serve(config)
        async with asyncio.timeout(60):
            await arrived.wait()
        process.send_signal(signal.SIGTERM)
        _, error = await asyncio.wait_for(process.communicate(), 60)
        assert await made.store.read(outbox.tally) == Tally(waiting=0, sent=1, refused=0, failed=0)
    (taken,) = post.taken
    assert taken.message["Subject"] == "【山口市電子入札】利用者登録完了のお知らせ"
    assert registration.company_id in taken.message.get_content()
    assert process.returncode == 0
    events = [json.loads(line) for line in error.splitlines()]
    assert [(line["event"], line["attempt"]) for line in events] == [("mail sent", 1)]
    assert b"@" not in error


@pytest.mark.parametrize(("key", "value"), [("password_file", "none"), ("ca_file", "none.pem")])
async def test_a_file_that_cannot_be_used_is_told_before_anybody_comes(key: str, value: str, tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        config = settings_file(made)
    mail = f'[mail]\nhost = "smtp.example"\nsender = "{SENDER}"\n{key} = "{value}"\n'
    user = 'user = "portal"\n' if key == "password_file" else ""
    config.write_text(f"{config.read_text()}{mail}{user}", encoding="utf-8")
    process = await _serve(config)
    out, error = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, out) == (1, b"")
    assert str(tmp_path / value) in error.decode()


async def test_into_a_folder_instead(tmp_path: Path) -> None:
    """As in the demo: the person sees the mail that would have gone out."""
    async with world(tmp_path) as made:
        registration = await made.register()
        await made.store.write(lambda db: db.execute("UPDATE outbox SET next_try = '2000'").rowcount)
    config = tmp_path / "portal.toml"
    config.write_text(f'[mail]\nfolder = "mails"\nsender = "{SENDER}"\n', encoding="utf-8")
    process = await asyncio.create_subprocess_exec(*COMMAND, "send-mail", "--config", str(config))
    assert await process.wait() == 0
    (file,) = (tmp_path / "mails").glob("*.eml")
    assert f"To: {FORM['contact_mail']}\r\n".encode() in file.read_bytes()
    store = await open_store(tmp_path / "portal.sqlite3")
    assert (await store.read(outbox.tally)).sent == 1
    await store.close()
    assert registration.state == "registered"


async def test_nothing_to_send_by(tmp_path: Path) -> None:
    config = tmp_path / "portal.toml"
    config.touch()
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "send-mail", "--config", str(config), stderr=asyncio.subprocess.PIPE
    )
    _, error = await process.communicate()
    assert (process.returncode, error) == (1, b"portal: neither mail.host nor mail.folder is set\n")
