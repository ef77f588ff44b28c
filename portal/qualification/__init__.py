"""資格審査情報: reading the agency's CSV files, and putting them in place of what is known."""
