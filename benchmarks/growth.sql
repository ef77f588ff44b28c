-- Registrations in bulk, made from the one that is there (benchmarks/growth.py): every row and key that the product
-- would have written, the keys as random as its own. Long texts are cut: a registration has to find its place among keys.

CREATE TEMP TABLE many AS
    WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < :size)
    SELECT n, 200000000 + n AS number, '株式会社見本建設' || n AS name, printf('99%014d', n) AS company,
        lower(hex(randomblob(32))) AS card, lower(hex(randomblob(32))) AS statement,
        strftime('%Y-%m-%dT%H:%M:%f000Z', 1700000000 + n, 'unixepoch') AS at
    FROM count;

INSERT INTO contractors
    SELECT m.number, m.name, c.postal_code, c.address, c.representative, c.representative_title,
        m.number || char(10) || m.name
    FROM many m, (SELECT * FROM contractors LIMIT 1) c;

INSERT INTO company_ids (company_id) SELECT company FROM many;

INSERT INTO companies
    SELECT m.company, m.number, '', c.contractor, c.form, '', '', m.at, m.at
    FROM many m, (SELECT * FROM companies LIMIT 1) c;

CREATE TEMP TABLE ends AS
    WITH RECURSIVE each(term, company) AS (
        SELECT name, company FROM many
        UNION ALL SELECT substr(term, 2), company FROM each WHERE length(term) > 1
    )
    SELECT term, company FROM each
    UNION ALL SELECT company, company FROM many
    UNION ALL SELECT number, company FROM many;

INSERT INTO company_terms SELECT term, company FROM temp.ends ORDER BY term, company;

INSERT INTO statements
    SELECT m.statement, s.type, lower(hex(randomblob(32))), substr(s.cms, 1, 400), substr(s.evidence, 1, 400),
        m.card, m.at
    FROM many m, (SELECT * FROM statements WHERE type = 'registration' LIMIT 1) s;

INSERT INTO registrations
    SELECT m.card, '', m.company, r.state, r.contractor, r.form, r.remarks, '[]', r.issuer, 9000000000 + m.n,
        substr(r.certificate, 1, 400), m.statement, NULL, m.at, m.at
    FROM many m, (SELECT * FROM registrations LIMIT 1) r;

INSERT INTO history (at, company_id, certificate_sha256, act, state, statement, sections)
    SELECT m.at, m.company, m.card, 'registered', r.state, m.statement, '[]'
    FROM many m, (SELECT * FROM registrations LIMIT 1) r;

INSERT INTO outbox (reference, recipient, subject, body, created, since, state, next_try, sent)
    SELECT lower(hex(randomblob(16))), 'keiri' || m.n || two.n || '@example.jp', o.subject, substr(o.body, 1, 400),
        m.at, m.at, 'sent', m.at, m.at
    FROM many m, (SELECT 1 AS n UNION ALL SELECT 2) two, (SELECT * FROM outbox LIMIT 1) o;
