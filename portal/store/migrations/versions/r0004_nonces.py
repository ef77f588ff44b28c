"""Nonces found by their visit: thousands of a busy day are not walked through at each login and each statement."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

DROPS = ()


def upgrade() -> None:
    op.create_index("nonces_session", "nonces", ["session"])


def downgrade() -> None:
    op.drop_index("nonces_session", "nonces")
