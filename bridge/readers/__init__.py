"""The operating system's reader states, watched; nothing here talks to a card."""
