"""The agency's officers: who they are and what they did, and the index that they find companies by."""

from __future__ import annotations

import json
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from portal.store import terms
from portal.store.migrations.columns import counted, dialect, drop, number, octets, run, table, text, where

revision = "0002"
down_revision = "0001"

DROPS = ("officers", "officer_sessions", "officer_log")

_REFUSAL = "the log of officers is only written on"
_KEEPS = {
    "sqlite": [
        f"CREATE TRIGGER {name} BEFORE {act} ON officer_log BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for name, act in (("officer_log_stays", "UPDATE"), ("officer_log_is_kept", "DELETE"))
    ],
    "postgresql": [
        "CREATE FUNCTION officer_log_refuses() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        "CREATE TRIGGER officer_log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON officer_log"
        " FOR EACH STATEMENT EXECUTE FUNCTION officer_log_refuses()",
    ],
}


def upgrade() -> None:
    _officers()
    _log()
    made = table(
        "company_terms",  # what a company is found by: 企業ID, 業者番号, and each end of its 商号
        text("term", primary_key=True),  # without what people write differently; a prefix of an end is a part
        text("company_id", sa.ForeignKey("companies.company_id", ondelete="CASCADE"), primary_key=True),
        sqlite_with_rowid=False,
    )
    _fill(made)
    op.create_index("company_terms_company", "company_terms", ["company_id"])
    op.create_index("registrations_state", "registrations", ["state", "created"])
    op.create_index("registrations_created", "registrations", ["created"])


def downgrade() -> None:
    op.drop_index("registrations_created", "registrations")
    op.drop_index("registrations_state", "registrations")
    drop(*DROPS, "company_terms")
    if dialect() == "postgresql":
        run("DROP FUNCTION officer_log_refuses()")


def _officers() -> None:
    table(
        "officers",  # who may log in to the agency's own pages; one who left keeps the row
        counted(),
        text("name"),
        text("issuer"),  # RFC 4514, as the certificate's
        text("serial"),  # decimal
        text("certificate_sha256", nullable=True),  # NULL: named by issuer and serial alone
        text("added"),
        text("removed", nullable=True),
    )
    op.create_index("officers_card", "officers", ["issuer", "serial"], unique=True, **where("removed IS NULL"))
    table(
        "officer_sessions",  # apart from bidders': no row of one is ever looked up as the other's
        text("key", primary_key=True),  # SHA-256 of the cookie's value
        text("csrf"),
        number("officer", sa.ForeignKey("officers.id"), nullable=True),  # NULL before login
        octets("certificate", nullable=True),  # likewise
        text("created"),
        text("expires"),
        text("pending", nullable=True),  # JSON: the decision that is being confirmed (officer_rows.Pending)
    )
    op.create_index("officer_sessions_expires", "officer_sessions", ["expires"])


def _log() -> None:
    table(
        "officer_log",  # what officers did, in order; nothing is ever changed or taken out
        counted(),
        text("at"),
        number("officer", sa.ForeignKey("officers.id"), nullable=True),  # NULL: by the command line
        text("who"),  # the name at that time
        text("act"),
        text("reception"),  # 受付番号 of the registration concerned, else ''
        text("before"),  # what stood there, as people read it
        text("after"),
        text("reason"),
        text("statement", sa.ForeignKey("statements.sha256"), nullable=True),  # what the officer's card signed for it
    )
    op.create_index("officer_log_reception", "officer_log", ["reception", "id"])
    op.create_index("officer_log_officer", "officer_log", ["officer", "id"])
    signed = where("statement IS NOT NULL")
    op.create_index("officer_log_statement", "officer_log", ["statement"], unique=True, **signed)
    run(*_KEEPS[dialect()])


def _fill(made: sa.Table) -> None:
    """The terms of every company that was registered before there were any; the name of its latest card counts."""
    db = op.get_bind()
    rows = db.exec_driver_sql(
        "SELECT c.company_id, c.number, r.contractor FROM companies c JOIN registrations r"
        " ON r.company_id = c.company_id ORDER BY c.company_id, r.created",
        execution_options={"yield_per": 1000},
    )
    for company_id, cards in groupby(rows, key=lambda row: str(row[0])):
        *_, (_, number, contractor) = cards
        found = terms.found_by(company_id, number, json.loads(contractor)["name"])
        db.execute(sa.insert(made), [{"term": term, "company_id": company_id} for term in sorted(found)])
