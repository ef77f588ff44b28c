"""The card host as a process: its pipes, its thread, what it inherits and what it keeps from others."""
