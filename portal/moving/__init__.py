"""From a SQLite file into PostgreSQL, whole or not at all."""
