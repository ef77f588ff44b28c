"""PIN-retry safety: what stands between a person's OK and a try on the card."""
