"""The lines on the card service of the system, readers and whether a card is in one. Nothing here talks to a card."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence

from bridge.doctor.check import Check
from bridge.doctor.pcsc import Pcsc, Seen, Service
from bridge.readers.state import ReaderState


def examine(found: Pcsc, others: Sequence[ReaderState], *, remote: bool) -> Iterator[Check]:
    """`others`: readers that the service does not know, of the practice card. `remote`: in a remote desktop session."""
    if found.service is not Service.RUNNING:
        yield _service(found)
    if found.service is Service.RUNNING or others:
        names = [*(each.name for each in found.readers), *(each.name for each in others)]
        yield reader(names, remote=remote)
        yield card(any("present" in each.states for each in found.readers) or any(s.card_present for s in others))
    for each in found.readers:
        yield from _trouble(each)


def for_page(states: Iterable[ReaderState], *, remote: bool = False) -> list[Check]:
    """What a page may know, which is told no reader's name here."""
    known = tuple(states)
    return [reader([""] * len(known), remote=remote), card(any(state.card_present for state in known))]


def reader(names: Sequence[str], *, remote: bool = False) -> Check:
    if names:
        shown = ", ".join(filter(None, names))
        return Check(
            "reader",
            True,
            f"ICカードリーダー: {len(names)}台{f'（{shown}）' if shown else ''}",
            f"card readers: {len(names)}{f' ({shown})' if shown else ''}",
        )
    if remote:
        return Check(
            "reader",
            False,
            "ICカードリーダーが見つかりません。リモートデスクトップの接続元で、「ローカルリソース」の「スマートカード」を"
            "有効にしてから接続し直してください。",
            "No card reader: in the remote desktop's client, turn on smart cards among the local resources and connect "
            "again.",
        )
    return Check(
        "reader",
        False,
        "ICカードリーダーが見つかりません。USBにつなぎ、ランプを確認してください。",
        "No card reader: connect it and look for its light.",
    )


def card(present: bool) -> Check:
    if present:
        return Check("card", True, "ICカードが入っています", "a card is inserted")
    return Check("card", False, "ICカードを差し込んでください。", "Insert your card.")


def _trouble(seen: Seen) -> Iterator[Check]:
    name = seen.name
    if "exclusive" in seen.states:
        yield Check(
            "reader_held",
            False,
            f"ほかのソフトがICカードを独占しています（{name}）。認証局のソフトや電子入札補助アプリの処理を終えてください。",
            f"Another program keeps the card to itself ({name}): let it finish, or close it.",
        )
    if "mute" in seen.states:
        yield Check(
            "card_mute",
            False,
            f"ICカードが応答しません（{name}）。向きと表裏を確かめ、差し直してください。",
            f"The card does not answer ({name}): look which way it is in, and insert it again.",
        )


def _service(found: Pcsc) -> Check:
    match found.service:
        case Service.ABSENT:
            return Check("service", False, *_absent())
        case Service.FORBIDDEN:
            return Check(
                "service",
                False,
                "このPCの管理者の設定で、このアカウントからはICカードリーダーを使えません。管理者に許可を依頼してください。",
                "This computer's rules do not let this account use card readers: ask the administrator to allow it.",
            )
    code = f"0x{found.code:08X}"
    return Check(
        "service",
        False,
        f"スマートカードのサービスが働いていません（{code}）。PCを再起動してください。",
        f"The smart card service does not work ({code}): start the computer again.",
    )


def _absent() -> tuple[str, str]:
    """Why nobody answers, as far as this system tells, and what to do: Japanese, English."""
    if sys.platform == "win32":
        return _windows()
    if sys.platform == "linux" and shutil.which("pcscd", path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
        return (
            "スマートカードのサービス（pcscd）が入っていません。管理者が pcscd をインストールしてください。",
            "The smart card service (pcscd) is not installed: have the administrator install pcscd.",
        )
    return (
        "スマートカードのサービス（pcscd）が動いていません。"
        "管理者が systemctl enable --now pcscd.socket を実行してください。",
        "The smart card service (pcscd) is not running: have the administrator run "
        "systemctl enable --now pcscd.socket.",
    )


def _windows() -> tuple[str, str]:
    """Since Windows 8 the service sleeps while no reader is connected: that alone is no fault."""
    from bridge.doctor import windows_service

    if windows_service.is_disabled("SCardSvr"):
        return (
            "Windowsのサービス「Smart Card」が無効です。"
            "管理者が「サービス」でスタートアップの種類を「手動」に戻してください。",
            "The Windows service Smart Card is disabled: have the administrator set its startup type back to Manual.",
        )
    return (
        "ICカードリーダーがつながっていません（Windowsのサービス「Smart Card」は、リーダーをつなぐと始まります）。"
        "USBにつなぎ、ランプを確認してください。",
        "No card reader is connected (the Windows service Smart Card starts with one): connect it and look for its "
        "light.",
    )
