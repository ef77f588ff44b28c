"""What `card-bridge certs` says, in Japanese and English."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, Literal

Language = Literal["ja", "en"]

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "about": (
        "このパソコンの中だけで使うTLS証明書（https://localhost 用）を管理します。",
        "Manages the TLS certificates that this computer uses for https://localhost, and nothing else.",
    ),
    "more": (
        "ルート証明書は localhost・127.0.0.1・::1 以外の名前を証明できません。発行に使った鍵は保存しません。\n"
        "ブラウザを終了・再起動することはありません。再起動が必要なときは、その旨を表示します。",
        "The root certificate can vouch for localhost, 127.0.0.1 and ::1 alone; the key that issued is not kept.\n"
        "No browser is ever closed or restarted; you are told when one has to be.",
    ),
    "help.install": (
        "証明書を（なければ）作り、見つかったブラウザに登録して、登録結果を読み直します",
        "make the certificates if there are none, register them with the browsers found, read the result back",
    ),
    "help.status": (
        "証明書の期限と、ブラウザへの登録状況を表示します",
        "show the certificates' dates and which browsers trust them",
    ),
    "help.renew": (
        "ルート証明書から作り直し、登録し直します（ブラウザの再起動が必要になります）",
        "make everything anew from the root on and register it (browsers must be restarted afterwards)",
    ),
    "help.uninstall": (
        "ブラウザへの登録を取り消し、証明書と鍵を削除します",
        "take the root out of the browsers and delete certificates and keys",
    ),
    "help.export": (
        "ルート証明書をファイルに書き出します（管理者がポリシーで配布するため）",
        "write the root certificate to a file (for administrators who distribute it by policy)",
    ),
    "help.first-start": (
        "マスターイメージから作られたパソコンの最初の起動で、証明書を作ります（インストーラーの CERTS=FIRSTBOOT 用）",
        "make the certificates at the first start of a computer made from an image (installer's CERTS=FIRSTBOOT)",
    ),
    "help.user": (
        "自分だけの証明書を扱います（共用のパソコンでもこちら）",
        "this user's own certificates (also the choice for shared computers)",
    ),
    "help.machine": (
        "このパソコンの全利用者の証明書を扱います（管理者として実行します）",
        "the certificates of all users of this computer (run as an administrator)",
    ),
    "help.directory": ("証明書のフォルダー（省略時は決まった場所）", "the certificates' folder (there is a usual one)"),
    "help.language": ("表示の言語", "the language of the output"),
    "help.nssdb": (
        "このNSSデータベースだけを対象にします（繰り返し指定できます）。なければ作ります",
        "only this NSS database, made if it is missing; may be given several times",
    ),
    "help.all": ("以前の設置で残ったルート証明書も取り消します", "also take out roots left by earlier installations"),
    "help.pem": ("テキスト形式（PEM）で書き出すファイル", "file to write as text (PEM)"),
    "help.der": ("バイナリ形式（DER）で書き出すファイル", "file to write as binary (DER)"),
    "for.user": ("この利用者だけの証明書です。", "These certificates are this user's alone."),
    "for.machine": (
        "このパソコンの全利用者の証明書です。",
        "These certificates are for all users of this computer.",
    ),
    "root": ("ルート証明書  SHA-256 {fingerprint}", "root certificate  SHA-256 {fingerprint}"),
    "window": (
        "サーバー証明書 {n}/{count}  {start} から {end} まで{now}",
        "server certificate {n}/{count}  {start} to {end}{now}",
    ),
    "in_use": ("（使用中）", " (in use)"),
    "last": (
        "最後の証明書の期限まで {days} 日です。「card-bridge certs renew」で作り直してください。",
        "The last certificate ends in {days} days. Run `card-bridge certs renew`.",
    ),
    "copied": (
        "この証明書と鍵は別のパソコンで作られ、ディスクごと複製されています。"
        "管理者として「card-bridge certs install --machine」を実行すると、このパソコンだけのものに作り直します。",
        "These certificates and keys were made on another computer and copied with its disk. As an administrator, run "
        "`card-bridge certs install --machine`: it replaces them by this computer's own.",
    ),
    "first.over": (
        "証明書は作成済みか、最初の起動を待つ設定ではありません。",
        "The certificates are there, or nothing was set to wait for a first start.",
    ),
    "trusted": ("登録済み   {place}", "trusted      {place}"),
    "untrusted": ("未登録     {place}", "not trusted  {place}"),
    "other": ("  以前の設置のルート証明書: {name}", "  root of an earlier installation: {name}"),
    "no_place": (
        "ブラウザの証明書データベースは見つかりませんでした。",
        "No certificate database of a browser was found.",
    ),
    "no_store": (
        "この環境では登録先を自動で扱えません。「export」で書き出したルート証明書を、ポリシーかOSの設定で登録してください。",
        "This system's trust store cannot be written from here: write the root with `export` and register it "
        "by policy or in the system's settings.",
    ),
    "windows_asks": (
        "Windowsの確認画面が出ます。Card Bridge の名前を確かめて「はい」を選んでください。",
        "Windows asks now: see that it names Card Bridge, and choose Yes.",
    ),
    "macos_asks": (
        "macOSがパスワードを求めます。このコマンドによるものです。",
        "macOS asks for a password now: it is for this command.",
    ),
    "restart": (
        "起動中のChromium・Chrome・Edge・Firefoxがあれば、窓をすべて閉じて開き直してください。それまでは前の状態のままです。",
        "If Chromium, Chrome, Edge or Firefox is running, close all its windows and open it again: "
        "until then it keeps the old state.",
    ),
    "daemon": (
        "カードブリッジが動いているときは、それも再起動してください。",
        "If Card Bridge is running, restart it too.",
    ),
    "gone": ("証明書と鍵を削除しました: {directory}", "Certificates and keys are deleted: {directory}"),
    "kept": (
        "登録を取り消せないブラウザがあるため、証明書を残しました: {directory}",
        "Some browser still trusts the root, so the certificates were kept: {directory}",
    ),
    "written": (
        "書き出して読み直しました: {file}  SHA-256 {fingerprint}",
        "written and read back: {file}  SHA-256 {fingerprint}",
    ),
    "failed": ("書き込めません: {reason}", "Cannot write: {reason}"),
}


def text(language: Language, key: str, **facts: object) -> str:
    """The text of a key; `facts` fill its braces."""
    template = _TEXTS[key][0 if language == "ja" else 1]
    return template.format(**facts) if facts else template


def language(environment: Mapping[str, str] = os.environ) -> Language:
    """Japanese, unless the locale (POSIX order of precedence) names English."""
    locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    return "en" if locale.lower().startswith("en") else "ja"
