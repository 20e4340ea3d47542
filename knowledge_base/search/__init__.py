"""Search: one port, three engines (SQLite, PostgreSQL, Meilisearch), one normaliser."""
