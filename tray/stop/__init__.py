"""Ending a running bridge from outside, as an upgrade does: its windows close as by Cancel, and no try is spent."""
