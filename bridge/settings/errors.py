"""Settings that cannot be used: which key, where it stands, what is expected."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """The same in both languages."""

    ja: str
    en: str


class SettingsError(Exception):
    """A source that cannot be used; the text names source, key and what is expected. As `str`: English."""

    def __init__(self, en: str, ja: str = "") -> None:
        super().__init__(en)
        self._ja = ja or en

    def text(self, language: str) -> str:
        return self._ja if language == "ja" else str(self)


def unreadable(place: str, reason: object) -> SettingsError:
    return SettingsError(f"{place}: {reason}", f"{place}: 読み取れません（{reason}）")


def unknown_section(place: str, name: str, known: str) -> SettingsError:
    return SettingsError(
        f"{place}: unknown section [{name}]; known: {known}",
        f"{place}: [{name}] という項目はありません。使えるもの: {known}",
    )


def unknown_key(place: str, key: str, known: str) -> SettingsError:
    return SettingsError(
        f"{place}: unknown key {key}; known: {known}",
        f"{place}: {key} という設定はありません。使えるもの: {known}",
    )


def wrong(place: str, key: str, expected: Words) -> SettingsError:
    return SettingsError(
        f"{place}: {key} must be {expected.en}", f"{place}: {key} は{expected.ja}でなければなりません。"
    )


def open_to_others(place: str) -> SettingsError:
    return SettingsError(
        f"{place}: others than administrators made this file or may change it, so it is not believed. As an "
        "administrator, look into it, then take it over (admin-guide, Settings by policy) or delete it.",
        f"{place}: 管理者以外の人が作ったか、変更できるファイルのため、使えません。管理者が内容を確認し、"
        "管理者のものにする（admin-guide の Settings by policy）か、削除してください。",
    )


def not_for_users(place: str, key: str) -> SettingsError:
    return SettingsError(
        f"{place}: {key} may stand in a policy, the machine file or --config only",
        f"{place}: {key} は、ポリシー、管理者用の設定ファイル、--config のいずれかでしか指定できません。",
    )
