"""Who may register at once, who waits as 仮登録, and who is refused: each rule alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.form import variants
from portal.refusals import Refused
from portal.registration import names
from portal.registration.admission import TAKEN, Reason, Remark
from portal.registration.names import Likeness, likeness, same_company
from portal.registration.rules import Effect, RegistrationRules
from portal.store import Registration, State
from tests.unit import portal_pki as pki
from tests.unit.portal_world import FORM, SEARCH, World, world

REPRESENTATIVE = "日立 二郎"


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as opened:
        opened.configure(registration=RegistrationRules())
        yield opened


def card(made: World, serial: int = 130, organization: str | None = "北東組株式会社", **name: str | None) -> pki.Card:
    """A card of the representative's, unless `holder` says otherwise."""
    return made.authority.issue(serial, pki.subject(organization, name.get("holder", REPRESENTATIVE)))


def noticed(registration: Registration) -> tuple[Reason, ...]:
    return tuple(remark.reason for remark in registration.remarks)


async def mails(made: World) -> list[tuple[str, str]]:
    rows = await made.store.read(lambda db: db.execute("SELECT recipient, subject FROM outbox ORDER BY id").fetchall())
    return [(recipient, subject.removeprefix("【山口市電子入札】")) for recipient, subject in rows]


async def test_the_representatives_card_of_the_company_is_accepted_at_once(made: World) -> None:
    registration = await made.register(card(made))
    assert (registration.state, noticed(registration)) == (State.REGISTERED, ())
    assert await mails(made) == [(FORM["contact_mail"], "利用者登録完了のお知らせ")]


@pytest.mark.parametrize("organization", ["北東組㈱", "北東組(株)", "北東組 株式会社", "北東組　株式会社"])
async def test_organisations_are_compared_as_people_mean_them(made: World, organization: str) -> None:
    assert (await made.register(card(made, organization=organization))).state is State.REGISTERED


@pytest.mark.parametrize(
    ("organization", "reason"),
    [
        ("無関係株式会社", Reason.ORGANIZATION_DIFFERS),
        ("（株）北東組", Reason.ORGANIZATION_DIFFERS),  # the form stands on the other side: another company
        ("北東組", Reason.ORGANIZATION_DIFFERS),
        (None, Reason.ORGANIZATION_ABSENT),
    ],
)
async def test_another_organisation_waits_as_provisional(made: World, organization: str | None, reason: Reason) -> None:
    registration = await made.register(card(made, organization=organization))
    assert (registration.state, noticed(registration)) == (State.PROVISIONAL, (reason,))
    assert await mails(made) == [(FORM["contact_mail"], "利用者登録(仮登録)受付のお知らせ")]


@pytest.mark.parametrize("holder", ["日立二郎", "日立　二郎", "日立 二郞"])
async def test_a_variant_of_the_holders_name_is_accepted_with_a_note(made: World, holder: str) -> None:
    registration = await made.register(card(made, holder=holder))
    assert (registration.state, noticed(registration)) == (State.REGISTERED, (Reason.HOLDER_VARIANT,))


HOLDERS = {Reason.HOLDER_DIFFERS: "北東 次郎", Reason.HOLDER_UNKNOWN: "Hitachi Jiro"}


EFFECTS = [(Effect.WARN, State.REGISTERED), (Effect.REVIEW, State.PROVISIONAL), (None, State.PROVISIONAL)]


@pytest.mark.parametrize("reason", HOLDERS)
@pytest.mark.parametrize(("effect", "state"), EFFECTS)
async def test_another_holder_is_the_agencys_choice(
    made: World, reason: Reason, effect: Effect | None, state: State
) -> None:
    if effect is not None:
        made.configure(registration=_rules(reason, effect))
    registration = await made.register(card(made, holder=HOLDERS[reason]))
    assert (registration.state, noticed(registration)) == (state, (reason,))


def _rules(reason: Reason, effect: Effect) -> RegistrationRules:
    """This effect for this reason; the other one would show by refusing."""
    if reason is Reason.HOLDER_DIFFERS:
        return RegistrationRules(holder=effect, holder_unknown=Effect.REFUSE)
    return RegistrationRules(holder=Effect.REFUSE, holder_unknown=effect)


async def test_a_certificate_without_a_holder_cannot_be_compared(made: World) -> None:
    registration = await made.register(card(made, holder=None))
    assert (registration.state, noticed(registration)) == (State.PROVISIONAL, (Reason.HOLDER_UNKNOWN,))


@pytest.mark.parametrize("reason", HOLDERS)
async def test_refused_before_anything_is_typed_and_again_at_the_signature(made: World, reason: Reason) -> None:
    other = card(made, holder=HOLDERS[reason])
    session = await made.ready(other)
    signed = made.signed(await made.portal.registrar.begin(session), other)
    made.configure(registration=_rules(reason, Effect.REFUSE))
    for waiting in (
        made.portal.drafts.form(session),
        made.portal.registrar.begin(session),
        made.portal.registrar.finish(session, signed),
    ):
        with pytest.raises(Refused) as caught:
            await waiting
        assert caught.value.code == "holder_refused"
    assert await made.count("registrations") == 0


async def _second(made: World) -> tuple[Registration, Registration]:
    first = await made.register(card(made))
    session = await made.login(card(made, 131))
    await made.portal.search.find(session, SEARCH)
    mine = {"contact_mail": "new@example.co.jp", "card_mail": "new@example.co.jp"}
    again = {f"{name}_again": value for name, value in mine.items()}
    await made.portal.drafts.save_form(session, {**FORM, **mine, **again})
    request = await made.portal.registrar.begin(session)
    return first, await made.portal.registrar.finish(session, made.signed(request, card(made, 131)))


async def test_a_second_card_waits_and_the_registered_contacts_are_told(made: World) -> None:
    first, second = await _second(made)
    assert second.company_id == first.company_id
    assert (second.state, noticed(second)) == (State.PROVISIONAL, (Reason.NUMBER_TAKEN,))
    assert [r.serial for r in await made.store.registrations_of(first.company_id)] == ["130", "131"]
    assert await mails(made) == [
        (FORM["contact_mail"], "利用者登録完了のお知らせ"),
        ("new@example.co.jp", "利用者登録(仮登録)受付のお知らせ"),
        (FORM["contact_mail"], "利用者登録の申込みについて確認のお願い"),
    ]
    query = "SELECT body FROM outbox ORDER BY id"
    (_, theirs, ours) = [body for (body,) in await made.store.read(lambda db: db.execute(query).fetchall())]
    assert "受付番号: R-000002" in theirs
    assert first.company_id not in theirs
    assert f"企業ID: {first.company_id}\n申込みの受付番号: R-000002\n" in ours


async def test_a_card_that_waits_changes_nothing_for_the_registered_one(made: World) -> None:
    first, second = await _second(made)
    assert second.form["contact_mail"] == "new@example.co.jp"
    assert await made.store.registration(first.owner) == first


async def test_a_provisional_card_takes_no_number(made: World) -> None:
    """Whoever comes first with a foreign card does not keep the company out."""
    foreign = await made.register(card(made, 130, "無関係株式会社"))
    own = await made.register(card(made, 131))
    assert (own.state, noticed(own), own.company_id) == (State.REGISTERED, (), foreign.company_id)
    assert [subject for _, subject in await mails(made)] == [
        "利用者登録(仮登録)受付のお知らせ",
        "利用者登録完了のお知らせ",
    ]


async def test_what_is_noticed_is_known_before_anyone_signs(made: World) -> None:
    await made.register(card(made))
    session = await made.ready(card(made, 131, "無関係株式会社", holder="北東 次郎"))
    assert (await made.portal.drafts.form(session)).remarks == (
        Remark(Reason.ORGANIZATION_DIFFERS, Effect.REVIEW),
        Remark(Reason.HOLDER_DIFFERS, Effect.REVIEW),
        TAKEN,
    )


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("日立 二郎", "日立 二郎", Likeness.SAME),
        ("髙橋 一郎", "高橋 一郎", Likeness.VARIANT),
        ("山﨑 花子", "山崎花子", Likeness.VARIANT),
        ("渡邉 国男", "渡辺 國男", Likeness.VARIANT),
        ("齋藤 眞一", "斎藤 真一", Likeness.VARIANT),
        ("ＴＡＮＡＫＡ Ichiro", "Tanaka Ichiro", Likeness.VARIANT),
        ("日立 二郎", "日立 次郎", Likeness.DIFFERENT),
        ("日立 二郎", "日立 二", Likeness.DIFFERENT),
        ("Hitachi Jiro", "Hitachi Taro", Likeness.DIFFERENT),
        ("Hitachi Jiro", "日立 二郎", Likeness.UNKNOWN),
        ("ヒタチ ジロウ", "日立 二郎", Likeness.UNKNOWN),
        ("ﾋﾀﾁ ｼﾞﾛｳ", "Hitachi Jiro", Likeness.UNKNOWN),
        ("", "日立 二郎", Likeness.UNKNOWN),
        ("日立 二郎", "", Likeness.UNKNOWN),
        (" ", " ", Likeness.UNKNOWN),
    ],
)
def test_persons_are_compared_only_where_there_is_something_to_compare(
    left: str, right: str, expected: Likeness
) -> None:
    assert likeness(left, right) is likeness(right, left) is expected


def test_two_empty_names_are_no_company() -> None:
    assert not same_company("", "")
    assert not same_company(" ", "　")


def test_shapes_lie_inside_the_character_set_and_lead_to_one_form() -> None:
    for shape, usual in variants.SHAPES.items():
        (shape + usual).encode("iso2022_jp")
        assert usual not in variants.SHAPES


@given(st.lists(st.text("aＡ ㈱()（株）髙濱がカ\u3099\u309aﾊﾟé\u0301\n\r\u3000\u2028ß", max_size=6), max_size=5))
def test_many_names_are_normal_as_each_is(each: list[str]) -> None:
    assert names.normal_each(each) == [names.normal(name) for name in each]


def test_a_text_of_ascii_is_normal_the_short_way_too() -> None:
    text = "".join(map(chr, range(128)))
    assert names.normal(text) == names.normal(text + "髙").removesuffix("高")
