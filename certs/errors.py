"""What can be wrong with this computer's certificates: one class, one stable code, a text in Japanese and English."""

from __future__ import annotations

from typing import ClassVar


class CertificatesError(Exception):
    """`place` is the file, folder or database meant; `reason` is what a tool or the system said (English, for logs)."""

    code: ClassVar[str]
    ja: ClassVar[str]
    en: ClassVar[str]

    def __init__(self, place: object, reason: str = "") -> None:
        self.place = str(place)
        self.reason = reason
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """What happened and what to do next, in `ja` or `en`."""
        sentence = (self.ja if language == "ja" else self.en).format(place=self.place)
        return f"{sentence} ({self.reason})" if self.reason else sentence


class Missing(CertificatesError):
    code = "missing"
    ja = "証明書がまだありません: {place}。「card-bridge certs install」を実行してください。"
    en = "There are no certificates yet: {place}. Run `card-bridge certs install`."


class IndexDamaged(CertificatesError):
    code = "index_damaged"
    ja = "証明書の目録を読み取れません: {place}。「card-bridge certs renew」で作り直してください。"
    en = "The list of certificates cannot be read: {place}. Run `card-bridge certs renew` to make new ones."


class KeyExposed(CertificatesError):
    code = "key_exposed"
    ja = (
        "秘密鍵を他の利用者が読み書きできる状態でした: {place}。安全のため使用しません。"
        "「card-bridge certs renew」で作り直してください。"
    )
    en = (
        "Other users can read or replace a private key: {place}. It is not used, to be safe. "
        "Run `card-bridge certs renew` to make a new one."
    )


class KeyTampered(CertificatesError):
    code = "key_tampered"
    ja = (
        "証明書ファイルが作成時から変わっているか、失われています: {place}。使用しません。"
        "「card-bridge certs renew」で作り直してください。"
    )
    en = (
        "A certificate file was changed or lost since it was made: {place}. It is not used. "
        "Run `card-bridge certs renew` to make a new one."
    )


class ToolMissing(CertificatesError):
    code = "tool_missing"
    ja = "{place} が見つかりません。Debian・Ubuntuでは libnss3-tools、その他では nss-tools を入れてください。"
    en = "{place} was not found. Install libnss3-tools (Debian, Ubuntu) or nss-tools (elsewhere)."


class StoreRefused(CertificatesError):
    code = "store_refused"
    ja = (
        "ブラウザの証明書データベースを変更できません: {place}。マスターパスワードがある場合は、"
        "ブラウザの設定画面か管理者のポリシーで root.pem を登録してください。"
    )
    en = (
        "The browser's certificate database could not be changed: {place}. If it has a primary password, "
        "import root.pem in the browser's settings or by an administrator's policy."
    )


class SystemStoreRefused(CertificatesError):
    code = "system_store_refused"
    ja = (
        "OSの証明書ストアを変更できませんでした: {place}。確認画面が出たときは「はい」を選んでください。"
        "それでも変わらないときは、管理者にexportで書き出したルート証明書の登録を依頼してください。"
    )
    en = (
        "The system's certificate store could not be changed: {place}. If the system asked, answer Yes; "
        "if that does not help, have an administrator register the root that `export` writes."
    )


class PolicyRefused(CertificatesError):
    code = "policy_refused"
    ja = (
        "ブラウザのポリシーファイルを変更できません: {place}。内容を直してからもう一度実行するか、"
        "exportで書き出したルート証明書をポリシーに書き加えてください。"
    )
    en = (
        "The browser's policy file could not be changed: {place}. Correct it and run the command again, "
        "or add the root that `export` writes to the policy yourself."
    )


class NotAdministrator(CertificatesError):
    code = "not_administrator"
    ja = (
        "このパソコンの全利用者の証明書（{place}）は、管理者だけが変更できます。管理者として実行するか、"
        "自分だけで使うときは --user を付けてください。"
    )
    en = (
        "Only an administrator changes the certificates of all users of this computer ({place}). "
        "Run the command as an administrator, or with --user for yourself alone."
    )


class ImageOnly(CertificatesError):
    code = "image_only"
    ja = (
        "このパソコンはマスターイメージです（証明書のフォルダー: {place}）。"
        "証明書は、イメージから作られたパソコンの最初の起動で作られます。"
        "このパソコン自体で使うときは、管理者として「card-bridge certs install --machine」を実行してください。"
    )
    en = (
        "This computer is an image for others (certificates: {place}). "
        "They are made at the first start of each computer made from it. "
        "To use Card Bridge on this very computer, run `card-bridge certs install --machine` as an administrator."
    )


class FirstStartDue(CertificatesError):
    code = "first_start_due"
    ja = (
        "このパソコンの証明書がまだ作られていません: {place}。Windowsを再起動するか、管理者として"
        "「card-bridge certs install --machine」を実行してください。"
    )
    en = (
        "This computer's certificates have not been made yet: {place}. Restart Windows, or run "
        "`card-bridge certs install --machine` as an administrator."
    )
