"""What bidders do: visits, drafts, qualification data, statements, registrations, renewals and their mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.store.migrations.columns import counted, drop, number, octets, table, text, where

revision = "0001"
down_revision = None

_VISITS = ("sessions", "nonces", "drafts", "change_drafts", "searches", "accounts")
_KEPT = ("contractors", "contractor_accounts", "company_ids", "statements", "revocation_lists", "companies")
_RESTING = ("registrations", "renewals", "history", "refusals", "outbox")  # on those before
DROPS = (*_VISITS, *_KEPT, *_RESTING)


def upgrade() -> None:
    _visits()
    _drafts()
    _qualification()
    _statements()
    _registrations()
    _renewals()
    _afterwards()


def downgrade() -> None:
    drop(*DROPS)


def _visits() -> None:
    table(
        "sessions",
        text("key", primary_key=True),  # SHA-256 of the cookie's value: a stolen database opens no session
        text("csrf"),
        octets("certificate", nullable=True),  # verified at login, NULL before
        text("purpose", nullable=True),  # what it logged in for, likewise
        text("category"),  # and its 区分, where the agency registers by category, else ''
        text("created"),
        text("expires"),
        number("extended", server_default=sa.text("0")),  # 1: closing time was put off, once
        text("successor", nullable=True),  # the visit whose login took this one's place in its browser
    )
    op.create_index("sessions_expires", "sessions", ["expires"])
    op.create_index("sessions_successor", "sessions", ["successor"])
    table(
        "nonces",
        text("nonce", primary_key=True),
        text("session"),
        text("type"),
        text("action"),
        octets("payload_sha256"),
        text("context"),  # JSON: what will be written when the statement comes
        text("expires"),
        number("attempts", server_default=sa.text("0")),
        text("spent", nullable=True),
    )
    op.create_index("nonces_expires", "nonces", ["expires"])


def _drafts() -> None:
    table(
        "drafts",
        text("certificate_sha256", primary_key=True),  # drafts belong to a card and outlive sessions
        text("category", primary_key=True),
        text("contractor", nullable=True),
        text("search"),
        text("form"),
        text("saved"),
    )
    table(
        "change_drafts",  # 変更 as typed so far (rows.ChangeDraft); three JSON objects of fields
        text("certificate_sha256", primary_key=True),
        text("category", primary_key=True),
        text("base"),
        text("form"),
        text("moved"),
        text("saved"),
    )
    table(
        "searches",  # those that found nothing, where the agency counts them
        counted(),
        text("certificate_sha256"),
        text("at"),
    )
    op.create_index("searches_card", "searches", ["certificate_sha256", "at"])
    table(
        "accounts",  # 入札情報公開システムのユーザ情報 as given at the search, until a registration with it is in force
        text("certificate_sha256", primary_key=True),
        text("category", primary_key=True),
        text("number"),  # the 業者番号 it was given for
        text("user_id"),
        text("password"),  # argon2id, never the password
    )


def _qualification() -> None:
    table(
        "contractors",
        text("number", primary_key=True),
        text("name"),
        text("postal_code"),
        text("address"),
        text("representative"),
        text("representative_title"),
        text("sought"),  # 業者番号 and 商号 without what people write differently, to be searched in
    )
    table(
        "contractor_accounts",  # 入札情報公開システムのユーザ情報 that came with the qualification data
        text("number", primary_key=True),
        text("user_id"),
        text("password"),  # argon2id, never the password
    )


def _statements() -> None:
    table(
        "statements",
        text("sha256", primary_key=True),
        text("type"),
        text("nonce", unique=True),
        octets("cms"),  # as received
        text("evidence"),
        text("certificate_sha256"),
        text("verified_at"),
    )
    table(
        "revocation_lists",  # what evidence names by SHA-256, once each: lists and OCSP responses
        text("sha256", primary_key=True),
        octets("der"),
    )


def _registrations() -> None:
    table(
        "company_ids",  # the sequence; no number comes twice, whatever is taken out
        counted("number"),
        text("company_id", nullable=True, unique=True),
        sqlite_autoincrement=True,
    )
    table(
        "companies",
        text("company_id", primary_key=True),
        text("number"),  # 業者番号: all its cards share one 企業ID
        text("category"),  # 区分 where the agency registers by category, else ''
        text("contractor"),  # JSON: the qualification data in force; {} before acceptance
        text("form"),  # JSON: company_* and contact_* fields in force; {} before acceptance
        text("user_id"),  # 入札情報公開システムのユーザ情報, '' where there is none
        text("password"),  # argon2id, never the password
        text("created"),
        text("changed"),
        sa.UniqueConstraint("number", "category"),
    )
    table(
        "registrations",  # one per card and 区分
        text("certificate_sha256", primary_key=True),
        text("category", primary_key=True),  # its company's
        text("company_id", sa.ForeignKey("companies.company_id")),
        text("state"),
        text("contractor"),  # JSON: the qualification data as this card's holder last signed it
        text("form"),  # JSON: every field, likewise
        text("remarks"),  # JSON: what was noticed at 登録 (portal.admission)
        text("sections"),  # JSON: what was last signed
        text("issuer"),
        text("serial"),
        octets("certificate"),
        text("statement", sa.ForeignKey("statements.sha256")),
        text("successor", nullable=True),  # the card that took this one's place (ICカード更新)
        text("created"),
        text("changed"),
        sa.UniqueConstraint("issuer", "serial", "category"),
    )
    op.create_index("registrations_company", "registrations", ["company_id"])


def _renewals() -> None:
    table(
        "renewals",  # hand-overs, the last one of each old card and 区分 (ICカード更新)
        text("certificate_sha256", primary_key=True),  # the old card's
        text("category", primary_key=True),
        octets("certificate"),
        text("session"),  # the visit that goes on with it
        text("handover", sa.ForeignKey("statements.sha256"), unique=True),
        text("sections"),  # JSON: what the hand-over says
        text("signed"),
        text("expires"),
        octets("announced", nullable=True),  # the new card's certificate, once it was examined
        number("named"),  # 1: the hand-over itself names it
        text("acceptance", sa.ForeignKey("statements.sha256"), nullable=True, unique=True),  # NULL until then
    )
    op.create_index("renewals_session", "renewals", ["session"])


def _afterwards() -> None:
    table(
        "history",  # every accepted act on a registration, in order; nothing is ever taken out
        counted(),
        text("at"),
        text("company_id", sa.ForeignKey("companies.company_id")),
        text("certificate_sha256"),
        text("act"),
        text("state"),  # of the card's registration, afterwards
        text("statement", sa.ForeignKey("statements.sha256")),
        text("sections"),
    )
    op.create_index("history_company", "history", ["company_id"])
    op.create_index("history_statement", "history", ["statement"])
    table(
        "refusals",
        counted(),
        text("at"),
        text("session"),
        text("type"),
        text("code"),
        text("fact"),
    )
    table(
        "outbox",
        counted(),
        text("reference", unique=True),  # random; the same Message-ID at every attempt
        text("recipient"),
        text("subject"),
        text("body"),
        text("created"),
        text("since"),  # waits since: created, or when somebody let it wait anew
        text("state", server_default="waiting"),
        number("attempts", server_default=sa.text("0")),
        text("next_try"),  # nobody takes it before; under a lease: when the lease ends
        text("lease", nullable=True),  # whose attempt is under way
        text("last_code", server_default=""),  # why the last attempt failed: never a server's text
        text("sent", nullable=True),
    )
    op.create_index("outbox_due", "outbox", ["next_try"], **where("state = 'waiting'"))
