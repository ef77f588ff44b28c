"""Steps of the tables that officers brought (portal.store.schema): who they are, what they did, what they put up.

A step never changes once shipped.
"""

from __future__ import annotations

STEPS: tuple[str, ...] = (
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
