"""The practice card and its CA."""
