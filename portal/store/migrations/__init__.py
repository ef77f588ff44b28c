"""The tables' revisions, by Alembic, for SQLite and PostgreSQL alike. Loaded only where a database is older."""
