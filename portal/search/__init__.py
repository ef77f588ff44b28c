"""資格審査情報検索: a card's holder finds the company in the qualification data."""
