"""The pure parts of mail: addresses, messages, retries, settings; and what the outbox keeps."""

from __future__ import annotations

import re
import sys
import tomllib
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import secret_file
from portal.form import fields
from portal.mail import addresses, message, retry
from portal.mail.door import Postponed, Unavailable, Undeliverable
from portal.mail.folder import Folder
from portal.mail.settings import Mailing, Retry, Security
from portal.settings import SettingsError, parse_settings
from portal.store.mail_rows import MailState, Posted
from tests.unit import portal_pki as pki
from tests.unit.portal_pki import UNHURRIED
from tests.unit.portal_world import FORM

SENDER = "山口市電子入札 <no-reply@city.example.jp>"
SUBJECT = "【山口市電子入札】利用者登録完了のお知らせ"


def posted(
    recipient: str = "a@example.co.jp", subject: str = "お知らせ", body: str = "本文\n", attempts: int = 1
) -> Posted:
    return Posted(7, "ab" * 16, recipient, subject, body, pki.NOW, pki.NOW, attempts, "lease")


@pytest.mark.parametrize(
    ("typed", "wire"),
    [
        ("hokuto-001@example.co.jp", "hokuto-001@example.co.jp"),
        ("o'brien+bids@example.com", "o'brien+bids@example.com"),
        ("taro..x@example.ne.jp", '"taro..x"@example.ne.jp'),
        ("taro.@example.ne.jp", '"taro."@example.ne.jp'),
        ("bids@日本語.example", "bids@xn--wgv71a119e.example"),
    ],
)
def test_an_address_on_the_wire(typed: str, wire: str) -> None:
    assert addresses.mailbox(typed) == wire


NO_ADDRESSES = (
    *("", "a", "@example.jp", "a@", "a b@example.jp", "a@b@example.jp", "a@example..jp", "<a@example.jp>"),
    *("a@example.jp\n", "a\r\n@example.jp", "a@example.jp,b@example.jp", '"a"@example.jp', "=?utf-8?q?a?=@example.jp"),
    *(f"{'a' * 65}@example.jp", f"a@{'b' * 64}.jp", f"a@{'b.' * 126}jp", "a@example.jp\u2028", "a@[127.0.0.1]"),
    "名@example.jp",
)


@pytest.mark.parametrize("typed", NO_ADDRESSES)
def test_what_is_not_one_address_alone_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        addresses.mailbox(typed)


@UNHURRIED
@given(st.text(max_size=40) | st.from_regex(r"[a-z.]{1,9}@[a-z.-]{1,9}"))
def test_no_text_gets_through_as_more_than_one_address(typed: str) -> None:
    try:
        wire = addresses.mailbox(typed)
    except ValueError:
        return
    assert re.fullmatch(r"[!-~]+", wire)
    assert not set(wire) & set("<>,;:() \\")
    assert wire.count("@") == 1


@UNHURRIED
@given(
    st.from_regex(r"[0-9A-Za-z!#$%&'*+/=^_`{|}~.-]{1,64}@[0-9A-Za-z-]{1,10}(\.[0-9A-Za-z-]{1,10}){1,3}", fullmatch=True)
)
def test_what_the_form_takes_can_be_sent_to(typed: str) -> None:
    form = {**FORM, "contact_mail": typed, "contact_mail_again": typed}
    if not fields.check_form(form, "北東組株式会社"):
        addresses.mailbox(typed)


@pytest.mark.parametrize(
    ("text", "name", "mailbox"),
    [
        (SENDER, "山口市電子入札", "no-reply@city.example.jp"),
        ("no-reply@city.example.jp", "", "no-reply@city.example.jp"),
        ("<no-reply@city.example.jp>", "", "no-reply@city.example.jp"),
    ],
)
def test_a_sender_with_or_without_a_name(text: str, name: str, mailbox: str) -> None:
    assert addresses.named(text) == (name, mailbox)


ANY = st.characters(exclude_categories=["Cs"])
SUBJECTS = st.text(st.characters(exclude_categories=["Cc", "Zl", "Zp", "Cs"]), max_size=80)


@UNHURRIED
@given(SUBJECTS, st.text(ANY, max_size=200))
def test_any_subject_and_text_come_back_and_the_header_stays_in_its_lines(subject: str, body: str) -> None:
    made = message.envelope(posted(subject=subject, body=body), SENDER)
    assert made.content.isascii()
    head, _, content = made.content.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert names == [
        *(b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted"),
        *(b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version", b"Content-Language"),
    ]
    assert max(len(line) for line in made.content.split(b"\r\n")) <= 998  # RFC 5322 §2.1.1
    assert b"\r\n." not in content  # nothing to be stuffed: base64
    read = message_from_bytes(made.content, policy=policy.default)
    assert "".join(str(read["Subject"]).split()) == "".join(subject.split())


@pytest.mark.parametrize("breaker", ["\r", "\n", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\0"])
def test_a_subject_of_two_lines_never_goes(breaker: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        message.envelope(posted(subject=f"お知らせ{breaker}Bcc: b@example.jp"), SENDER)


def test_the_same_mail_is_the_same_bytes_at_every_attempt() -> None:
    first, later = (message.envelope(posted(attempts=attempt), SENDER) for attempt in (1, 9))
    assert first == later
    assert f"Message-ID: <{'ab' * 16}@city.example.jp>\r\n".encode() in first.content


RETRY = Retry(first_seconds=60, factor=2, max_seconds=3600, give_up_days=5)


def test_delays_grow_to_their_limit() -> None:
    minutes = [retry.delay(RETRY, attempts) / timedelta(minutes=1) for attempts in (1, 2, 3, 6, 7, 8, 10_000)]
    assert minutes == [1, 2, 4, 32, 60, 60, 60]
    assert retry.delay(Retry(first_seconds=30, factor=1), 10_000) == timedelta(seconds=30)


@pytest.mark.parametrize("failure", [Postponed("timeout"), Unavailable("connection")])
def test_the_last_try_is_when_its_days_are_over(failure: Postponed) -> None:
    end = pki.NOW + timedelta(days=5)
    assert _after(failure, end - timedelta(seconds=10)) == (MailState.WAITING, failure.code, end)
    assert _after(failure, end) == (MailState.FAILED, failure.code, end)


def test_a_refusal_is_for_good() -> None:
    assert _after(Undeliverable("550"), pki.NOW) == (MailState.REFUSED, "550", pki.NOW)


def _after(failure: Postponed | Undeliverable, now: datetime) -> tuple[MailState, str, datetime]:
    return tuple(retry.outcome(failure, posted(attempts=5), RETRY, now))  # type: ignore[return-value]  # three fields


GOOD = 'host = "smtp.example.jp"\nsender = "a@example.jp"\n'


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('host = "smtp.example.jp"', "mail.sender"),
        ('folder = "mails"', "mail.sender"),
        ('sender = "nobody"', "mail.sender"),
        (f'{GOOD}folder = "mails"', "mail.folder"),
        (f'{GOOD}reply_to = "a, b"', "mail.reply_to"),
        (f'{GOOD}security = "none"', "mail.security"),
        (f'{GOOD}security = "ssl"', "mail.security"),
        (f'{GOOD}user = "u"', "mail.user and password_file"),
        (f'{GOOD}password_file = "p"', "mail.user and password_file"),
        (f'{GOOD}password = "secret"', "unknown key: mail.password"),
        (f"{GOOD}port = 0", "mail.port"),
        (f"{GOOD}poll_seconds = 0", "mail.retry, poll_seconds"),
        (f"{GOOD}timeout_seconds = 800", "mail.lease_seconds"),
        (f"{GOOD}retry = {{ factor = 0 }}", "mail.retry, poll_seconds"),
        (f"{GOOD}retry = {{ first_seconds = 60, max_seconds = 59 }}", "mail.retry.max_seconds"),
        ('sender = "a\\n <a@example.jp>"', "mail.sender"),
    ],
)
def test_wrong_settings_are_named(source: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"^{re.escape(said)}"):
        parse_settings({"mail": tomllib.loads(source)}, tmp_path)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_without_tls_on_this_machine_only(host: str, tmp_path: Path) -> None:
    settings = parse_settings({"mail": {"host": host, "security": "none", "sender": SENDER}}, tmp_path)
    assert settings.mail.security is Security.NONE
    with pytest.raises(SettingsError):
        parse_settings({"mail": {"host": f"{host}.example.jp", "security": "none", "sender": SENDER}}, tmp_path)


def test_files_are_below_the_settings_folder(tmp_path: Path) -> None:
    mail = {"host": "localhost", "sender": SENDER, "user": "u", "password_file": "secret/password", "ca_file": "ca.pem"}
    assert parse_settings({"mail": mail}, tmp_path).mail == Mailing(
        host="localhost",
        sender=SENDER,
        user="u",
        password_file=tmp_path / "secret/password",
        ca_file=tmp_path / "ca.pem",
    )


def test_a_password_is_the_first_line_of_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes("ひみつ \r\nnot this\n".encode())
    file.chmod(0o600)
    assert secret_file.read(file) == "ひみつ "


@pytest.mark.skipif(sys.platform == "win32", reason="rights there are lists, not modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_password_that_others_can_read_is_not_used(mode: int, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret")
    file.chmod(mode)
    with pytest.raises(secret_file.PasswordUnusable, match="chmod 600") as caught:
        secret_file.read(file)
    assert "secret" not in str(caught.value)


def test_a_password_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(secret_file.PasswordUnusable, match="No such file"):
        secret_file.read(tmp_path / "none")
    file = tmp_path / "password"
    file.write_bytes(b"\xff")
    file.chmod(0o600)
    with pytest.raises(secret_file.PasswordUnusable, match="not UTF-8"):
        secret_file.read(file)


async def test_a_folder_holds_each_mail_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = message.envelope(posted(subject=SUBJECT, body="北東組株式会社 様\n"), SENDER)
    folder = Folder(tmp_path / "mails")
    await folder.deliver(made)
    await folder.deliver(made)  # as after a crash between writing and noting it
    (file,) = (tmp_path / "mails").iterdir()
    assert file.name == f"20261124T010203Z-{'ab' * 16}.eml"
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[:3] == [f"From: {SENDER}", "To: a@example.co.jp", f"Subject: {SUBJECT}"]
    assert lines[-2:] == ["", "北東組株式会社 様"]  # as any editor shows it
    read, sent = (message_from_bytes(each, policy=policy.default) for each in (file.read_bytes(), made.content))
    for name in ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language"):
        assert read[name] == sent[name]
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "mails").write_text("a file is in the way")
    with pytest.raises(Unavailable, match="folder"):
        await Folder(tmp_path / "mails").deliver(message.envelope(posted(), SENDER))
