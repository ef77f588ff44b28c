"""Characters outside JIS X 0208 that stand in names, with the form inside that people write instead. Pure.

Kanji: the variants that family registers and cards write (髙, 﨑, 𠮷), the old forms and the printing standard's forms
that JIS X 0213 added. Only pairs of one and the same character in two shapes; where there is none, nothing is offered.
"""

from __future__ import annotations

_KANJI = """
    髙高 﨑崎 㟢崎 德徳 濵浜 滨浜 瀨瀬 栁柳 桺柳 桒桑 槗橋 𣘺橋 增増 寬寛 曻昇 昻昂 冝宜 凬風 勛勲 凞煕 煇輝 皜皓 﨔欅
    裵裴 愠慍 靍鶴 靏鶴 𠮷吉 𡈽土 𦚰脇 杦杉 榘矩 罇樽 贒賢 悊哲 喆哲 曺曹 咊和 厓崖 﨟臈 姊姉 鈆鉛 羡羨 甁瓶 兊兌 眾衆
    悅悦 敎教 橫横 淸清 綠緑 緖緒 薰薫 賴頼 郞郎 鄕郷 鄉郷 閒間 靑青 黑黒 黃黄 吳呉 戶戸 戾戻 姬姫 彥彦 內内 步歩 每毎
    晚晩 涉渉 卽即 旣既 槪概 歷歴 曆暦 產産 强強 溫温 絕絶 虛虚 硏研 巢巣 查査 别別 值値 尙尚 脫脱 稅税 說説 銳鋭 閱閲
    錄録 俱倶 剝剥 𠮟叱 吞呑 噓嘘 嚙噛 囊嚢 塡填 姸妍 屛屏 幷并 倂併 搔掻 摑掴 攢攅 繫繋 繡繍 潑溌 瀆涜 焰焔 瘦痩 禱祷
    簞箪 萊莱 蔣蒋 蟬蝉 蠟蝋 醬醤 頰頬 顚顛 驒騨 鷗鴎 鹼鹸 麴麹 軀躯 鬭闘 屢屡
"""
_WORDS = {
    "㈱": "株式会社",
    "㈲": "有限会社",
    "㈾": "合資会社",
    "㈴": "合名会社",
    "㈿": "協同組合",
    "㈳": "社団法人",
    "㈶": "財団法人",
    "㈻": "学校法人",
}
# Signs whose compatibility form (Unicode's NFKC) is outside as well or says something else.
_SIGNS = {"–": "－", "‑": "－", "•": "・", "〶": "〒", "ゔ": "ヴ", "∼": "～"}
_COUNTED = {chr(0x2776 + number): str(number + 1) for number in range(10)}  # ❶ … ❿

INSIDE: dict[str, str] = {**{pair[0]: pair[1] for pair in _KANJI.split()}, **_WORDS, **_SIGNS, **_COUNTED}
"""Character outside → text inside."""
