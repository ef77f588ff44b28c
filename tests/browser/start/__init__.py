"""利用者登録処理 in real Chromium: the server's clock, and each line of 動作確認 as things happen at the PC."""
