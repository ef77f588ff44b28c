"""Name and version, known without asking the package database (that costs start-up)."""

from __future__ import annotations

NAME = "card-bridge"
VERSION = "0.1.0"
