"""Characters of names in their several shapes: those outside JIS X 0208 with the form inside that people write instead,
and those inside that names are compared by. Pure.

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
# 旧字体 and other shapes inside JIS X 0208 that one and the same name is written with, each with the usual one.
_SHAPES = """
    濱浜 邉辺 邊辺 齋斉 齊斉 斎斉 澤沢 廣広 國国 學学 惠恵 榮栄 壽寿 眞真 條条 櫻桜 澁渋 淺浅 圓円 壯壮 實実 將将
    嶋島 嶌島 萬万 與与 豐豊 豫予 劍剣 剱剣 儉倹 團団 圍囲 圖図 奧奥 寶宝 對対 專専 嶽岳 峯峰 應応 懷懐 戰戦 擧挙
    收収 晉晋 曉暁 曾曽 會会 權権 檜桧 檢検 歸帰 氣気 滿満 濟済 濤涛 燈灯 營営 爐炉 獨独 畫画 當当 盡尽 禮礼 稻稲
    穗穂 粹粋 絲糸 經経 總総 繪絵 縣県 聲声 聰聡 肅粛 舊旧 莊荘 藏蔵 藝芸 藥薬 蘆芦 處処 號号 螢蛍 衞衛 裝装 覺覚
    覽覧 觀観 讓譲 貳弐 賣売 轉転 輕軽 鄰隣 釋釈 鐵鉄 鑛鉱 關関 陷陥 隨随 隱隠 雜雑 靈霊 顯顕 驗験 驛駅 體体 髓髄
    鷄鶏 鹽塩 麥麦 黨党 點点 龍竜 龜亀 亞亜 佛仏 來来 假仮 傳伝 價価 兒児 册冊 冨富 凉涼 勞労 勸勧 區区 卷巻 參参
    單単 嚴厳 埜野 堯尭 壹壱 壺壷 彌弥 從従 恆恒 愼慎 拂払 拔抜 拜拝 攝摂 敍叙 數数 斷断 晝昼 槇槙 樂楽 樓楼 樞枢
    樣様 歐欧 淨浄 淵渕 濕湿 灣湾 爲為 狹狭 獎奨 獻献 疊畳 發発 竝並 籠篭 縱縦 繼継 續続 纖繊 聽聴 膽胆 臺台 艷艶
    莖茎 藪薮 蟲虫 觸触 證証 譯訳 讀読 變変 贊賛 辨弁 遲遅 遙遥 邇迩 釀醸 錢銭 鎭鎮 鑄鋳 雙双 靜静 顏顔 飜翻 餘余
    騷騒 驅駆 髮髪 鴬鶯 默黙 齒歯 齡齢 瀧滝 巖巌 廳庁 龝秋 壻婿 弉奘 檮梼 瑤瑶 竈竃 蠣蛎
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

SHAPES: dict[str, str] = {pair[0]: pair[1] for pair in _SHAPES.split()}
"""Character inside → the usual shape of the same character, for comparing names; nothing is rewritten by it."""
