"""How databases were made before there were revisions: numbered steps, counted in `PRAGMA user_version`.

Kept as it was, so that such a database is brought over as it is found.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

STEPS: tuple[str, ...] = (
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
    """
    CREATE TABLE officers (              -- who may log in to the agency's own pages; one who left keeps the row
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        issuer TEXT NOT NULL,            -- RFC 4514, as the certificate's
        serial TEXT NOT NULL,            -- decimal
        certificate_sha256 TEXT,         -- NULL: named by issuer and serial alone
        added TEXT NOT NULL,
        removed TEXT
    ) STRICT;
    CREATE UNIQUE INDEX officers_card ON officers (issuer, serial) WHERE removed IS NULL;

    CREATE TABLE officer_sessions (      -- apart from bidders': no row of one is ever looked up as the other's
        key TEXT PRIMARY KEY,            -- SHA-256 of the cookie's value
        csrf TEXT NOT NULL,
        officer INTEGER REFERENCES officers (id),  -- NULL before login
        certificate BLOB,                -- likewise
        created TEXT NOT NULL,
        expires TEXT NOT NULL,
        pending TEXT                     -- JSON: the decision that is being confirmed (officer_rows.Pending)
    ) STRICT;
    CREATE INDEX officer_sessions_expires ON officer_sessions (expires);

    CREATE TABLE officer_log (           -- what officers did, in order; nothing is ever changed or taken out
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        officer INTEGER REFERENCES officers (id),  -- NULL: by the command line
        who TEXT NOT NULL,               -- the name at that time
        act TEXT NOT NULL,
        reception TEXT NOT NULL,         -- 受付番号 of the registration concerned, else ''
        before TEXT NOT NULL,            -- what stood there, as people read it
        after TEXT NOT NULL,
        reason TEXT NOT NULL,
        statement TEXT REFERENCES statements (sha256)  -- what the officer's card signed for it, if it did
    ) STRICT;
    CREATE INDEX officer_log_reception ON officer_log (reception, id);
    CREATE INDEX officer_log_officer ON officer_log (officer, id);
    CREATE UNIQUE INDEX officer_log_statement ON officer_log (statement) WHERE statement IS NOT NULL;
    CREATE TRIGGER officer_log_stays BEFORE UPDATE ON officer_log
        BEGIN SELECT RAISE(ABORT, 'the log of officers is only written on'); END;
    CREATE TRIGGER officer_log_is_kept BEFORE DELETE ON officer_log
        BEGIN SELECT RAISE(ABORT, 'the log of officers is only written on'); END;

    CREATE TABLE company_terms (         -- what a company is found by: 企業ID, 業者番号, and each end of its 商号
        term TEXT NOT NULL,              -- without what people write differently; a prefix of an end is a part
        company_id TEXT NOT NULL REFERENCES companies (company_id) ON DELETE CASCADE,
        PRIMARY KEY (term, company_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX company_terms_company ON company_terms (company_id);
    CREATE INDEX registrations_state ON registrations (state, created);
    CREATE INDEX registrations_created ON registrations (created);
    """,
    """
    CREATE TABLE news (                  -- お知らせ on the first page; one that was taken down keeps the row
        id INTEGER PRIMARY KEY,
        once TEXT NOT NULL UNIQUE,       -- of the form that it came in: sent twice, it stands once
        day TEXT NOT NULL,
        text TEXT NOT NULL,
        removed TEXT
    ) STRICT;

    CREATE TABLE days (                  -- single days beside the settings' hours, before which they go
        day TEXT PRIMARY KEY,
        open INTEGER NOT NULL            -- 1: 臨時利用日, 0: 臨時休止日
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE emergency (             -- one row while everything for bidders is stopped
        id INTEGER PRIMARY KEY CHECK (id = 1),
        ja TEXT NOT NULL,
        en TEXT NOT NULL,
        since TEXT NOT NULL
    ) STRICT;

    CREATE TABLE inquiries (             -- 問い合わせ番号 that people of a visit were told, for some months
        inquiry TEXT PRIMARY KEY,
        at TEXT NOT NULL,
        code TEXT NOT NULL,
        path TEXT NOT NULL,              -- as the route table knows it
        fact TEXT NOT NULL,              -- without personal data
        certificate_sha256 TEXT NOT NULL,  -- of the card that had logged in, else ''
        category TEXT NOT NULL
    ) STRICT;
    CREATE INDEX inquiries_at ON inquiries (at);

    CREATE INDEX outbox_recipient ON outbox (recipient, id);
    CREATE INDEX outbox_state ON outbox (state, id);
    """,
)


def make(path: Path, version: int) -> None:
    """A database that has taken so many steps."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        for number, step in enumerate(STEPS[:version], 1):
            db.executescript(f"BEGIN IMMEDIATE; {step}")
            db.execute(f"PRAGMA user_version = {number}")
            db.execute("COMMIT")
