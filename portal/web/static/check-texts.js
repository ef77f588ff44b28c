/**
 * What 動作確認 says: for each state of a line its fact and, where something is to be done, one sentence that says what.
 * docs/help-desk.md has every one of these sentences.
 *
 * @module check-texts
 */

/** @typedef {"waiting" | "good" | "warning" | "bad"} State */
/** @typedef {{state: State, value: string, help?: string}} Finding */

/** @param {string} value @returns {Finding} */
export const waiting = (value = "確認しています") => ({ state: "waiting", value });
/** @param {string} value @returns {Finding} */
export const good = (value) => ({ state: "good", value });
/** @param {string} value @param {string} help @returns {Finding} */
export const warning = (value, help) => ({ state: "warning", value, help });
/** @param {string} value @param {string} help @returns {Finding} */
export const bad = (value, help) => ({ state: "bad", value, help });

// Lines that the button does not wait for are needed all the same from the next screen on.
/** @param {string} sentence */
const later = (sentence) => `${sentence.slice(0, -1)}（利用者登録メニューから必要です）。`;

export const CLOCK = {
  missing: bad("日時を表示できません", "通信の状態を確かめて、このままお待ちください。"),
};

export const PERMISSION = {
  granted: good("許可されています"),
  after: waiting("カードブリッジが動くと、ブラウザが確認します"),
  unknown: waiting("カードブリッジにつながると分かります"),
  browser_asking: bad("許可を待っています", "アドレスバーの下に出ている確認で「許可」を押してください。"),
  dismissed: bad("まだ許可されていません", "「もう一度確かめる」を押し、ブラウザの確認で「許可」を押してください。"),
  browser_blocked: bad(
    "ブロックされています",
    "アドレスバーの左端のアイコンを押し、「このデバイス上のアプリ」を「許可」に変えてください。",
  ),
  frame_blocked: bad(
    "この開き方では許可できません",
    "この画面のアドレスを新しいタブで開き、変わらないときは発注機関の窓口に連絡してください。",
  ),
  insecure_page: bad("暗号化されていないページです", "アドレスの先頭を https:// にして開き直してください。"),
};

export const BRIDGE = {
  connected: good("つながりました"),
  unknown: waiting("ブラウザが許可すると分かります"),
  starting: waiting("起動を待っています（ブラウザがたずねたら、開いてください）"),
  bridge_not_running: bad(
    "つながっていません",
    "カードブリッジを起動し、起動してもつながらないときはブラウザをすべて閉じて開き直してください。",
  ),
  origin_denied: bad(
    "このサイトは許可されていません",
    "アドレスが正しければ、10分ほど待ってページを再読み込みし、カードブリッジの確認の画面で許可してください。",
  ),
};

export const VERSION = {
  unknown: waiting("カードブリッジにつながると分かります"),
  /** @param {string} version @param {string} lowest */
  old: (version, lowest) => bad(`${version}（${lowest}以上が必要です）`, "カードブリッジを新しい版に更新してください。"),
};

export const READER = {
  unknown: waiting("カードブリッジにつながると分かります"),
  none: bad("つながっていません", later("ICカードリーダーをUSBにつないでください。")),
};

export const CARD = {
  unknown: waiting("カードブリッジにつながると分かります"),
  no_reader: waiting("カードリーダーがつながると分かります"),
  present: good("入っています"),
  no_card: bad("入っていません", later("ICカードを奥まで差し込んでください。")),
  locked: bad("ロックされています", later("ICカードを購入した認証局に、ロックの解除を依頼してください。")),
  last: warning("あと1回の間違いでロックされます", "PIN番号を書類で確かめてから入力してください。"),
  card_unknown: bad(
    "読み取れません",
    later("電子入札用のICカードを差し込み、認証局のソフトが入っているか確かめてください。"),
  ),
  module_missing: bad("認証局のソフトがありません", later("認証局のカード用ソフトをインストールしてください。")),
  busy: warning("ほかの画面やソフトが使っています", "開いているダイアログやほかのソフトの処理を終えてください。"),
  failed: bad("応答がありません", later("ICカードを差し直してください。")),
};

export const CERTIFICATE = {
  unknown: waiting("ICカードを読み取ると分かります"),
  locked: warning("PIN番号を入力すると分かります", "利用者登録メニューで、PIN番号を入力して確かめてください。"),
  none: bad("署名に使える証明書がありません", later("電子入札用のICカードに差し替えてください。")),
  unsuitable: bad("署名に使えない証明書です", later("電子入札用のICカードに差し替えてください。")),
  /** @param {string} day */
  expired: (day) => bad(`有効期限（${day}）が切れています`, later("認証局で新しいICカードを取得してください。")),
  /** @param {string} day */
  early: (day) => bad(`有効期間は${day}からです`, later("有効期間が始まっているICカードに差し替えてください。")),
  /** @param {string} day @param {number} days */
  soon: (day, days) =>
    warning(
      days === 0 ? `本日（${day}）で有効期限が切れます` : `あと${days}日で有効期限（${day}）が切れます`,
      "期限が切れる前に、認証局に新しいICカードを申し込んでください。",
    ),
  clock: warning("パソコンの時計では有効期間の外です", "先にパソコンの時計を合わせてください。"),
};

export const PC_CLOCK = {
  right: good("合っています"),
  /** @param {string} span @param {boolean} ahead */
  off: (span, ahead) =>
    warning(
      `約${span}${ahead ? "進んで" : "遅れて"}います`,
      "パソコンの「日付と時刻」の設定で、時計を合わせてください。",
    ),
};
