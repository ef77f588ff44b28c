"""The promise of PIN-retry safety as a state machine: guard, ledger, counter, crashes and a second program at once."""
