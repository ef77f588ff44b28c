"""The tables, as numbered steps; `PRAGMA user_version` says how many a database has taken.

Times are ISO 8601 in UTC with microseconds, so that they compare as text. A step never changes once shipped.
"""

from __future__ import annotations

import sqlite3

from portal.store import officer_schema, terms

_STEPS: tuple[str, ...] = (
    """
    CREATE TABLE sessions (
        key TEXT PRIMARY KEY,            -- SHA-256 of the cookie's value: a stolen database opens no session
        csrf TEXT NOT NULL,
        certificate BLOB,                -- verified at login, NULL before
        purpose TEXT,                    -- what it logged in for, likewise
        category TEXT NOT NULL,          -- and its 区分, where the agency registers by category, else ''
        created TEXT NOT NULL,
        expires TEXT NOT NULL,
        extended INTEGER NOT NULL DEFAULT 0, -- 1: closing time was put off, once
        successor TEXT                   -- the visit whose login took this one's place in its browser
    ) STRICT;
    CREATE INDEX sessions_expires ON sessions (expires);
    CREATE INDEX sessions_successor ON sessions (successor);

    CREATE TABLE nonces (
        nonce TEXT PRIMARY KEY,
        session TEXT NOT NULL,
        type TEXT NOT NULL,
        action TEXT NOT NULL,
        payload_sha256 BLOB NOT NULL,
        context TEXT NOT NULL,           -- JSON: what will be written when the statement comes
        expires TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        spent TEXT
    ) STRICT;
    CREATE INDEX nonces_expires ON nonces (expires);

    CREATE TABLE contractors (
        number TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        postal_code TEXT NOT NULL,
        address TEXT NOT NULL,
        representative TEXT NOT NULL,
        representative_title TEXT NOT NULL,
        sought TEXT NOT NULL             -- 業者番号 and 商号 without what people write differently, to be searched in
    ) STRICT;

    CREATE TABLE drafts (
        certificate_sha256 TEXT NOT NULL,  -- drafts belong to a card and outlive sessions
        category TEXT NOT NULL,
        contractor TEXT,
        search TEXT NOT NULL,
        form TEXT NOT NULL,
        saved TEXT NOT NULL,
        PRIMARY KEY (certificate_sha256, category)
    ) STRICT;

    CREATE TABLE change_drafts (         -- 変更 as typed so far (rows.ChangeDraft); three JSON objects of fields
        certificate_sha256 TEXT NOT NULL,
        category TEXT NOT NULL,
        base TEXT NOT NULL,
        form TEXT NOT NULL,
        moved TEXT NOT NULL,
        saved TEXT NOT NULL,
        PRIMARY KEY (certificate_sha256, category)
    ) STRICT;

    CREATE TABLE searches (              -- those that found nothing, where the agency counts them
        id INTEGER PRIMARY KEY,
        certificate_sha256 TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX searches_card ON searches (certificate_sha256, at);

    CREATE TABLE contractor_accounts (   -- 入札情報公開システムのユーザ情報 that came with the qualification data
        number TEXT PRIMARY KEY,
        user_id TEXT NOT NULL,
        password TEXT NOT NULL           -- argon2id, never the password
    ) STRICT;

    CREATE TABLE accounts (              -- the same as given at the search, until a registration with it is in force
        certificate_sha256 TEXT NOT NULL,
        category TEXT NOT NULL,
        number TEXT NOT NULL,            -- the 業者番号 it was given for
        user_id TEXT NOT NULL,
        password TEXT NOT NULL,          -- argon2id, never the password
        PRIMARY KEY (certificate_sha256, category)
    ) STRICT;

    CREATE TABLE company_ids (           -- the sequence; its rows stay, so no number comes twice
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        company_id TEXT UNIQUE
    ) STRICT;

    CREATE TABLE statements (
        sha256 TEXT PRIMARY KEY,
        type TEXT NOT NULL,
        nonce TEXT NOT NULL UNIQUE,
        cms BLOB NOT NULL,               -- as received
        evidence TEXT NOT NULL,
        certificate_sha256 TEXT NOT NULL,
        verified_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE revocation_lists (      -- what evidence names by SHA-256, once each: lists and OCSP responses
        sha256 TEXT PRIMARY KEY,
        der BLOB NOT NULL
    ) STRICT;

    CREATE TABLE companies (
        company_id TEXT PRIMARY KEY,
        number TEXT NOT NULL,            -- 業者番号: all its cards share one 企業ID
        category TEXT NOT NULL,          -- 区分 where the agency registers by category, else ''
        contractor TEXT NOT NULL,        -- JSON: the qualification data in force; {} before acceptance
        form TEXT NOT NULL,              -- JSON: company_* and contact_* fields in force; {} before acceptance
        user_id TEXT NOT NULL,           -- 入札情報公開システムのユーザ情報, '' where there is none
        password TEXT NOT NULL,          -- argon2id, never the password
        created TEXT NOT NULL,
        changed TEXT NOT NULL,
        UNIQUE (number, category)
    ) STRICT;

    CREATE TABLE registrations (         -- one per card and 区分
        certificate_sha256 TEXT NOT NULL,
        category TEXT NOT NULL,          -- its company's
        company_id TEXT NOT NULL REFERENCES companies (company_id),
        state TEXT NOT NULL,
        contractor TEXT NOT NULL,        -- JSON: the qualification data as this card's holder last signed it
        form TEXT NOT NULL,              -- JSON: every field, likewise
        remarks TEXT NOT NULL,           -- JSON: what was noticed at 登録 (portal.admission)
        sections TEXT NOT NULL,          -- JSON: what was last signed
        issuer TEXT NOT NULL,
        serial TEXT NOT NULL,
        certificate BLOB NOT NULL,
        statement TEXT NOT NULL REFERENCES statements (sha256),
        successor TEXT,                  -- the card that took this one's place (ICカード更新)
        created TEXT NOT NULL,
        changed TEXT NOT NULL,
        PRIMARY KEY (certificate_sha256, category),
        UNIQUE (issuer, serial, category)
    ) STRICT;
    CREATE INDEX registrations_company ON registrations (company_id);

    CREATE TABLE renewals (              -- hand-overs, the last one of each old card and 区分 (ICカード更新)
        certificate_sha256 TEXT NOT NULL,  -- the old card's
        category TEXT NOT NULL,
        certificate BLOB NOT NULL,
        session TEXT NOT NULL,           -- the visit that goes on with it
        handover TEXT NOT NULL UNIQUE REFERENCES statements (sha256),
        sections TEXT NOT NULL,          -- JSON: what the hand-over says
        signed TEXT NOT NULL,
        expires TEXT NOT NULL,
        announced BLOB,                  -- the new card's certificate, once it was examined
        named INTEGER NOT NULL,          -- 1: the hand-over itself names it
        acceptance TEXT UNIQUE REFERENCES statements (sha256),  -- NULL while the new card has not accepted
        PRIMARY KEY (certificate_sha256, category)
    ) STRICT;
    CREATE INDEX renewals_session ON renewals (session);

    CREATE TABLE history (               -- every accepted act on a registration, in order; nothing is ever taken out
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        company_id TEXT NOT NULL REFERENCES companies (company_id),
        certificate_sha256 TEXT NOT NULL,
        act TEXT NOT NULL,
        state TEXT NOT NULL,             -- of the card's registration, afterwards
        statement TEXT NOT NULL REFERENCES statements (sha256),
        sections TEXT NOT NULL
    ) STRICT;
    CREATE INDEX history_company ON history (company_id);
    CREATE INDEX history_statement ON history (statement);

    CREATE TABLE refusals (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        session TEXT NOT NULL,
        type TEXT NOT NULL,
        code TEXT NOT NULL,
        fact TEXT NOT NULL
    ) STRICT;

    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        reference TEXT NOT NULL UNIQUE,  -- random; the same Message-ID at every attempt
        recipient TEXT NOT NULL,
        subject TEXT NOT NULL,
        body TEXT NOT NULL,
        created TEXT NOT NULL,
        since TEXT NOT NULL,             -- waits since: created, or when somebody let it wait anew
        state TEXT NOT NULL DEFAULT 'waiting',
        attempts INTEGER NOT NULL DEFAULT 0,
        next_try TEXT NOT NULL,          -- nobody takes it before; under a lease: when the lease ends
        lease TEXT,                      -- whose attempt is under way
        last_code TEXT NOT NULL DEFAULT '', -- why the last attempt failed: never a server's text
        sent TEXT
    ) STRICT;
    CREATE INDEX outbox_due ON outbox (next_try) WHERE state = 'waiting';
    """,
    *officer_schema.STEPS,
)

_FILLED = {2: terms.fill}
"""Number of a step → what it brings over that SQL cannot, in the same transaction."""
VERSION = len(_STEPS)


class SchemaError(Exception):
    """The database was written by a newer version of this software."""


def migrate(connection: sqlite3.Connection) -> None:
    """Takes the steps that are missing, each in one transaction. Raises SchemaError."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise SchemaError(f"the database has version {version}, this software knows {VERSION}")
    for number, step in enumerate(_STEPS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {step}")
        if number in _FILLED:
            _FILLED[number](connection)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")  # another executescript would commit before its first line
