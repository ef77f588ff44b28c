"""What the portal writes, to whom, once to each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from portal.mail import letters
from portal.mail.settings import Letters
from portal.registration.admission import Reason
from portal.settings import Agency, Contact
from portal.store import Mail, Outcome, State
from tests.unit import portal_pki as pki

AGENCY = Agency()
ID = "9991000000000001"
OLD, NEW, CARD = "old@example.co.jp", "new@example.co.jp", "card@example.co.jp"
ABOUT = letters.About("北東組株式会社", (("区分", "工事、コンサル"), ("企業ID", ID)))

Write = Callable[[Agency, tuple[str, ...]], list[Mail]]
Decided = Callable[[Agency, letters.About, letters.Reasons, tuple[str, ...], datetime], list[Mail]]


def _registered(state: State) -> Write:
    reasons = (Reason.ORGANIZATION_DIFFERS,) if state is State.PROVISIONAL else ()
    outcome = Outcome(ID, "R-000001", state, reasons, ())
    return lambda agency, to: letters.registered(agency, ABOUT, outcome, to, pki.NOW)


OCCASIONS: dict[str, Write] = {
    "利用者登録完了のお知らせ": _registered(State.REGISTERED),
    "利用者登録(仮登録)受付のお知らせ": _registered(State.PROVISIONAL),
    "利用者情報変更完了のお知らせ": lambda agency, to: letters.changed(agency, ABOUT, to, pki.NOW),
    "利用者登録の申込みについて確認のお願い": lambda agency, to: letters.claimed(agency, ABOUT, to, pki.NOW),
    "ICカード更新完了のお知らせ": lambda agency, to: letters.renewed(agency, ABOUT, to, pki.NOW),
}

KEYS = ("registered", "provisional", "changed", "claimed", "renewed")


@pytest.mark.parametrize("title", OCCASIONS)
def test_each_occasion_says_what_its_reader_needs(title: str) -> None:
    (mail,) = OCCASIONS[title](AGENCY, (NEW,))
    assert mail.recipient == NEW
    assert mail.subject == f"【山口市電子入札】{title}"
    lines = mail.body.splitlines()
    assert lines[0] == "北東組株式会社 様"
    assert f"企業ID: {ID}" in lines
    assert "区分: 工事、コンサル" in lines
    assert "受付日時: 2026/11/24 10:02" in lines  # Tokyo
    assert "お問い合わせ: 山口市 総務部 契約監理課 入札監理担当 TEL 083-934-2710" in lines
    assert "補助的なお知らせ" in mail.body


@pytest.mark.parametrize("title", OCCASIONS)
def test_another_agency_writes_in_its_own_name(title: str) -> None:
    (mail,) = OCCASIONS[title](Agency("練習市", "1234", Contact("練習課", "000-000-0000")), (NEW,))
    assert mail.subject == f"【練習市電子入札】{title}"
    assert "山口市" not in mail.body
    assert "お問い合わせ: 練習課 TEL 000-000-0000" in mail.body


@pytest.mark.parametrize("title", OCCASIONS)
def test_each_mailbox_once_in_order(title: str) -> None:
    mails = OCCASIONS[title](AGENCY, (NEW, CARD, NEW, OLD, "card@EXAMPLE.co.jp"))
    assert [mail.recipient for mail in mails] == [NEW, CARD, OLD]
    assert len({mail[1:] for mail in mails}) == 1


def test_two_names_at_one_domain_are_two_mailboxes() -> None:
    mails = letters.changed(AGENCY, ABOUT, ("A@example.co.jp", "a@example.co.jp"), pki.NOW)
    assert len(mails) == 2


@pytest.mark.parametrize(("key", "title"), [*zip(KEYS, OCCASIONS, strict=True)])
def test_an_agency_adds_lines_to_one_occasion_and_to_every_mail(key: str, title: str) -> None:
    agency = Agency(letters=Letters(**{key: ("このメールを印刷してください。",), "every": ("返信はできません。",)}))
    for each, write in OCCASIONS.items():
        lines = write(agency, (NEW,))[0].body.splitlines()
        assert ("このメールを印刷してください。" in lines) == (each == title)
        assert "返信はできません。" in lines


@pytest.mark.parametrize(
    ("write", "title", "moment"),
    [
        (letters.accepted, "利用申請 受理のお知らせ", "受理日時"),
        (letters.refused, "利用申請 不受理のお知らせ", "不受理の日時"),
        (letters.stopped, "ICカード利用停止のお知らせ", "停止日時"),
        (letters.resumed, "ICカード利用停止解除のお知らせ", "解除日時"),
    ],
)
def test_what_an_officer_decided_is_told_with_its_own_time(write: Decided, title: str, moment: str) -> None:
    """受付日時 is when an application came in; a decision's time is not that."""
    (mail,) = write(AGENCY, ABOUT, ("委任状を確認できません。",), (NEW,), pki.NOW)
    assert mail.subject == f"【山口市電子入札】{title}"
    assert f"{moment}: 2026/11/24 10:02" in mail.body.splitlines()
    assert "受付日時" not in mail.body
    told = "・委任状を確認できません。" in mail.body.splitlines()
    assert told == (write in (letters.refused, letters.stopped))


def test_each_occasion_reads_differently() -> None:
    mails = [write(AGENCY, (NEW,))[0] for write in OCCASIONS.values()]
    assert len({mail.subject for mail in mails}) == len({mail.body for mail in mails}) == len(OCCASIONS)


@pytest.mark.parametrize("reason", sorted(set(Reason) - {Reason.HOLDER_VARIANT}))
def test_a_registration_that_waits_says_why_what_comes_next_and_whom_to_call(reason: Reason) -> None:
    outcome = Outcome(ID, "R-000042", State.PROVISIONAL, (reason,), ())
    about = letters.About("北東組株式会社", (outcome.identity,))
    (mail,) = letters.registered(AGENCY, about, outcome, (NEW,), pki.NOW)
    lines = mail.body.splitlines()
    assert [line for line in lines if line.removeprefix("・") in letters.REASONS.values()] == [
        f"・{letters.REASONS[reason]}"
    ]
    assert "受付番号: R-000042" in lines
    assert "企業IDは、受理された後にお知らせします。" in mail.body
    assert "受付番号を添えて下記までお問い合わせください。" in mail.body
    assert ID not in mail.body
