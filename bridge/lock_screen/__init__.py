"""Told when the person leaves the desk and the screen is locked: PIN sessions end by it (docs/decisions/0028)."""
