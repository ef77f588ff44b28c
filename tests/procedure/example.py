"""The example of the procedure, ready to be typed and to be compared with pages (`example.toml` holds the values)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final, NamedTuple

_FILE = Path(__file__).with_name("example.toml")
_VALUES: dict[str, dict[str, str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))

Line = tuple[str, str]
"""Label and value."""


class Section(NamedTuple):
    """A titled group of lines, as 登録内容確認 shows it."""

    label: str
    lines: tuple[Line, ...]


CONTRACTOR: Final = _VALUES["contractor"]
CERTIFICATE: Final = _VALUES["certificate"]
USER: Final = {name: _VALUES["search"][name] for name in ("user_id", "password")}
NUMBER: Final = _VALUES["search"]["number"]
NAME: Final = _VALUES["search"]["name"]

SEARCH: Final = {"number": NUMBER, "name": NAME, "user_id": "", "password": ""}
"""資格審査情報検索 as Yamaguchi wants it: ユーザID and パスワード stay blank."""

COMPANY: Final = {f"company_{name}": value for name, value in _VALUES["company"].items()}
CONTACT: Final = {**_VALUES["contact"], "mail_again": _VALUES["contact"]["mail"]}
FORM: Final = {
    **COMPANY,
    **{f"{section}_{name}": value for section in ("contact", "card") for name, value in CONTACT.items()},
}
"""Every field of 利用者登録 with what is typed."""

_CONTACT_LINES = (
    ("連絡先名称(部署名等)", CONTACT["name"]),
    ("連絡先郵便番号", CONTACT["postal"]),
    ("連絡先住所", CONTACT["address"]),
    ("連絡先氏名", CONTACT["person"]),
    ("連絡先電話番号", CONTACT["phone"]),
    ("連絡先FAX番号", CONTACT["fax"]),
    ("連絡先メールアドレス", CONTACT["mail"]),
)
COMPANY_SECTION: Final = Section(
    "企業情報",
    (
        ("企業名称", CONTRACTOR["name"]),
        ("企業郵便番号", CONTRACTOR["postal_code"]),
        ("企業住所", CONTRACTOR["address"]),
        ("代表者氏名", CONTRACTOR["representative"]),
        ("代表者役職", CONTRACTOR["representative_title"]),
        ("代表電話番号", COMPANY["company_phone"]),
        ("代表FAX番号", COMPANY["company_fax"]),
        ("部署名", COMPANY["company_department"]),
    ),
)
CONTACT_SECTION: Final = Section("代表窓口情報", _CONTACT_LINES)
CARD_SECTION: Final = Section(
    "ICカード利用部署情報",
    (
        ("ICカード企業名称", CERTIFICATE["organization"]),
        ("ICカード取得者氏名", CERTIFICATE["holder"]),
        ("ICカード取得者住所", CERTIFICATE["address"]),
        *_CONTACT_LINES,
    ),
)
CERTIFICATE_SECTION: Final = Section(
    "ICカード情報",
    (
        ("証明書シリアル番号", CERTIFICATE["serial"]),
        ("証明書発行者", CERTIFICATE["issuer"]),
        ("証明書有効期限", CERTIFICATE["expiry"]),
    ),
)
REGISTERED: Final = (COMPANY_SECTION, CONTACT_SECTION, CARD_SECTION)
"""What 利用者情報 prints after the 企業ID."""

SIGNED: Final = (*REGISTERED, CERTIFICATE_SECTION)
"""What 登録内容確認 shows and the card signs, in the procedure's order."""
