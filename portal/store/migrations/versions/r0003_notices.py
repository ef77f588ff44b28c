"""What officers put up for bidders, the numbers that people are told when something fails, and finding mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.store.migrations.columns import counted, drop, number, table, text

revision = "0003"
down_revision = "0002"

DROPS = ("news", "days", "emergency", "inquiries")


def upgrade() -> None:
    table(
        "news",  # お知らせ on the first page; one that was taken down keeps the row
        counted(),
        text("once", unique=True),  # of the form that it came in: sent twice, it stands once
        text("day"),
        text("text"),
        text("removed", nullable=True),
    )
    table(
        "days",  # single days beside the settings' hours, before which they go
        text("day", primary_key=True),
        number("open"),  # 1: 臨時利用日, 0: 臨時休止日
        sqlite_with_rowid=False,
    )
    table(
        "emergency",  # one row while everything for bidders is stopped
        number("id", sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
        text("ja"),
        text("en"),
        text("since"),
    )
    table(
        "inquiries",  # 問い合わせ番号 that people of a visit were told, for some months
        text("inquiry", primary_key=True),
        text("at"),
        text("code"),
        text("path"),  # as the route table knows it
        text("fact"),  # without personal data
        text("certificate_sha256"),  # of the card that had logged in, else ''
        text("category"),
    )
    op.create_index("inquiries_at", "inquiries", ["at"])
    op.create_index("outbox_recipient", "outbox", ["recipient", "id"])
    op.create_index("outbox_state", "outbox", ["state", "id"])


def downgrade() -> None:
    op.drop_index("outbox_state", "outbox")
    op.drop_index("outbox_recipient", "outbox")
    drop(*DROPS)
