"""The lines on inserted cards, as the card host tells them: no PIN, no try."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bridge import problems
from bridge.card.client import HostClient
from bridge.card.profiles.file import ProfileError
from bridge.card.profiles.profile import UNKNOWN, Profile
from bridge.card.profiles.recognition import profiles
from bridge.doctor.check import Check
from bridge.errors import BridgeError
from bridge.settings import Settings

DEADLINE_SECONDS: Final = 20.0
"""For a reader that is slow or busy; a card of the usual kind is read in a second."""
SOON_DAYS: Final = 60


def examine(loaded: Settings, config: Path | None, *, personal: bool) -> Iterator[Check]:
    """One card after the other; `personal`: with holder, issuer and serial number."""
    try:
        known = profiles(loaded.card.profiles)
        tokens = asyncio.run(_tokens(loaded, config))
    except ProfileError:
        return  # said with the libraries; the card host would end by it
    except BridgeError as error:
        ja, en = (problems.problem(error, language) for language in ("ja", "en"))
        yield Check("card_failed", False, _whole(ja), _whole(en), (("code", error.code),))
        return
    for token in tokens:
        yield _profile(known.named(token["profile"]))
        yield from _tries(token["tries"])
        yield from (_certificate(each, personal=personal) for each in token["certificates"])


async def _tokens(loaded: Settings, config: Path | None) -> list[dict[str, Any]]:
    client = HostClient(config, DEADLINE_SECONDS, 1.0, lambda event: None, command=loaded.card.host)
    try:
        tokens: list[dict[str, Any]] = (await client.call("certificates", {}))["tokens"]
    finally:
        await client.close()
    return tokens


def _whole(problem: Mapping[str, Any]) -> str:
    return f"{problem['detail']} {problem['help']}"


def _profile(profile: Profile) -> Check:
    """Never the token's own label: some cards write their holder's name there."""
    if profile.name == UNKNOWN:
        return Check(
            "card_profile",
            True,
            "カードの種類が分かりません。何回間違えるとロックされるかは「不明」と表示されます。",
            "The kind of card is not known: how many wrong PINs lock it is shown as unknown.",
        )
    name = f"（{profile.name}）", f" ({profile.name})"
    return Check(
        "card_profile",
        True,
        f"カードの種類: {profile.label.said('ja')}{name[0]}",
        f"kind of card: {profile.label.said('en')}{name[1]}",
    )


def _tries(tries: Mapping[str, Any]) -> Iterator[Check]:
    match tries["hint"]:
        case "locked":
            yield Check(
                "tries",
                False,
                "ICカードがロックされています。カードを発行した認証局に、解除の方法を問い合わせてください。",
                "The card is locked: ask the certification authority that issued it how it is unlocked.",
            )
        case "last":
            yield Check(
                "tries",
                False,
                "あと1回PIN番号を間違えると、ICカードがロックされます。書類で確かめてから入力してください。",
                "One more wrong PIN locks the card: look the PIN up before you type it.",
            )
        case "low":
            yield Check(
                "tries",
                False,
                "PIN番号を間違えた記録がカードに残っています。書類で確かめてから入力してください。",
                "The card remembers wrong PINs: look the PIN up before you type it.",
            )


def _certificate(item: Mapping[str, Any], *, personal: bool) -> Check:
    if item.get("locked"):
        ja, en = "証明書はPIN番号の入力後に読めるカードです", "its certificate can be read only after the PIN"
        return Check("card_certificate", True, ja, en)
    ok, ja, en = _validity(item)
    if personal:
        holder = ", ".join(filter(None, (item["holder"].get("name"), item["holder"].get("organization"))))
        whose = f" [{holder}; {item['issuer']}; {item['serial']}]"
        ja, en = ja + whose, en + whose
    return Check("card_certificate", ok, ja, en)


def _validity(item: Mapping[str, Any]) -> tuple[bool, str, str]:
    expiry, days = item["expiry"], item["daysLeft"]
    match item["state"]:
        case "expired":
            ja = f"ICカードの証明書の有効期限（{expiry}）が切れています。認証局で新しいICカードを取得してください。"
            return False, ja, f"The card's certificate expired on {expiry}: get a new card."
        case "notYetValid":
            ja = "ICカードの証明書の有効期間がまだ始まっていません。パソコンの日付が正しいか確かめてください。"
            return False, ja, "The card's certificate is not valid yet: see whether this computer's date is right."
        case "unsuitable":
            ja = "このICカードの証明書は署名に使えません。電子入札用のICカードに差し替えてください。"
            return False, ja, "The card's certificate is not for signing: insert the card for e-bidding."
    if days <= SOON_DAYS:
        ja = f"ICカードの証明書の期限まで{days}日（{expiry}）です。新しいICカードを認証局に申し込んでください。"
        return False, ja, f"The card's certificate ends in {days} days ({expiry}): order a new card."
    return True, f"ICカードの証明書の期限: {expiry}", f"the card's certificate is good until {expiry}"
