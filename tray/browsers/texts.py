"""What `card-bridge browsers` and the doctor say of browsers' policies, in Japanese and English."""

from __future__ import annotations

import sys
from typing import Final

from tray.browsers.policies import Standing

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "about": (
        "入札サイトがこのパソコンのカードブリッジに接続するとき、ブラウザが利用者に確認しないよう、"
        "ブラウザのポリシーを設定します（管理者用）。",
        "Sets browsers' policies so that a portal reaches Card Bridge on this computer without the browser asking each "
        "person (for administrators).",
    ),
    "help.allow": (
        "このサイトだけを許可します（ほかの人が書いたポリシーは変更しません）",
        "allow exactly these sites; entries of others are never changed",
    ),
    "help.apply": (
        "インストーラーの指定（BROWSER_POLICY、ALLOWED_ORIGINS）のとおりにします",
        "do as the installer was told (BROWSER_POLICY, ALLOWED_ORIGINS)",
    ),
    "help.status": ("書き込んだポリシーが残っているか表示します", "show whether what was written is still there"),
    "help.revoke": ("書き込んだポリシーだけを取り消します", "take out exactly what was written"),
    "help.language": ("表示の言語", "the language of the output"),
    "listed": (
        "ブラウザのポリシー（{place}）で許可済み: {entry}",
        "allowed by the browser's policy ({place}): {entry}",
    ),
    "none": (
        "カードブリッジが書き込んだブラウザのポリシーはありません。",
        "Card Bridge has set no policy of a browser.",
    ),
    "not_an_origin": (
        "{origin} はサイトのオリジンではありません。"
        "https://portal.example のように、小文字で、末尾の / や既定のポート番号なしで指定してください。",
        "{origin} is not an origin: write it as browsers do, such as https://portal.example, in lower case, without a "
        "path and without the usual port.",
    ),
    "restart": (
        "ブラウザは、次に起動したときまでにポリシーを読み込みます。",
        "Browsers take up their policies at their next start at the latest.",
    ),
    "failed": (
        "ブラウザのポリシーを変更できませんでした（{reason}）。管理者として実行してください。",
        "The browsers' policies could not be changed ({reason}). Run the command as an administrator.",
    ),
    "unreadable": (
        "{place} をポリシーとして読み取れません（{reason}）。内容を直してから、もう一度実行してください。",
        "{place} cannot be read as a policy ({reason}). Correct it and run the command again.",
    ),
    "elsewhere": (
        "このシステムではブラウザのポリシーを変更できません。管理者ガイドのとおり、構成プロファイルで設定してください。",
        "Browsers' policies cannot be set from here on this system: use a configuration profile, as the "
        "administrator's guide says.",
    ),
    "unmanaged": (
        "このシステムでは、カードブリッジはブラウザのポリシーを書き込みません（構成プロファイルで設定します）",
        "Card Bridge writes no browser's policies on this system (configuration profiles do)",
    ),
    "gone.windows": (
        "ブラウザのポリシー（{place}）に書き込んだ {entry} がなくなっています。"
        "グループポリシーの一覧（additive なし）で置き換えられたと考えられます。"
        "グループポリシーの一覧に {entry} を加えてください。それまでブラウザは利用者に確認します。",
        "{entry} is no longer in the browser's policy ({place}): most likely a list in group policy without `additive` "
        "replaced it. Add {entry} to that list; until then the browser asks each person.",
    ),
    "gone": (
        "ブラウザのポリシー（{place}）に書き込んだ {entry} がなくなっています。"
        "管理者として「card-bridge browsers allow」をもう一度実行してください。それまでブラウザは利用者に確認します。",
        "{entry} is no longer in the browser's policy ({place}). As an administrator, run `card-bridge browsers allow` "
        "again; until then the browser asks each person.",
    ),
    "rival": (
        "別のポリシーファイル {rival} も同じ一覧を設定しているため、{entry}（{place}）は使われません。"
        "{rival} に {entry} を加えてください。それまでブラウザは利用者に確認します。",
        "Another policy file, {rival}, sets the same list, so {entry} ({place}) counts for nothing. Add {entry} to "
        "{rival}; until then the browser asks each person.",
    ),
}


def text(language: str, key: str, **facts: object) -> str:
    japanese, english = _TEXTS[key]
    return (japanese if language == "ja" else english).format(**facts)


def standing(language: str, each: Standing) -> str:
    """How one entry stands, and what to do where it does not."""
    if each.in_force:
        key = "listed"
    elif each.rival:
        key = "rival"
    else:
        key = "gone.windows" if sys.platform == "win32" else "gone"
    return text(language, key, **each._asdict())
