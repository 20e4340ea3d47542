"""The index's tables, on both databases. All of it can be made again from the articles.

They are no models: SQLite's full-text table and PostgreSQL's lexemes have no form that both share.
"""

from __future__ import annotations

from sqlalchemy import Connection

# Tables whose names begin so belong to the index; comparing models with the schema skips them.
PREFIX = "search_"

_DOCUMENT = """
CREATE TABLE search_document (
    num {number} PRIMARY KEY,
    kind {text} NOT NULL,
    id {text} NOT NULL,
    space INTEGER NOT NULL,
    audience {text} NOT NULL,
    category {text} NOT NULL,
    section {text} NOT NULL,
    tags {text} NOT NULL,
    parent {text} NOT NULL,
    boost DOUBLE PRECISION NOT NULL,
    updated DOUBLE PRECISION NOT NULL,
    fingerprint {text} NOT NULL,
    title_length INTEGER NOT NULL,
    body_length INTEGER NOT NULL,
    title_terms {text} NOT NULL,
    strong_terms {text} NOT NULL,
    UNIQUE (kind, id)
)
"""
# Apart from what is filtered and ranked by, so that the rows that every search reads are short.
_TEXT = """
CREATE TABLE search_text (
    num {number} PRIMARY KEY,
    body_terms {text} NOT NULL,
    title {text} NOT NULL,
    title_places {bytes} NOT NULL,
    body {text} NOT NULL,
    body_places {bytes} NOT NULL
)
"""

_SHARED = (
    _DOCUMENT,
    _TEXT,
    # One for each kind and locale, with what ranking needs to know of all its documents.
    """
    CREATE TABLE search_space (
        id INTEGER PRIMARY KEY,
        kind {text} NOT NULL,
        locale {text} NOT NULL,
        documents BIGINT NOT NULL,
        length BIGINT NOT NULL,
        UNIQUE (kind, locale)
    )
    """,
    # The vocabulary: in how many documents each term is.
    """
    CREATE TABLE search_term (
        space INTEGER NOT NULL,
        term {text} NOT NULL,
        documents INTEGER NOT NULL,
        PRIMARY KEY (space, term)
    ){rowless}
    """,
    # Under what else a term is found: its stems, its parts, itself without one letter.
    """
    CREATE TABLE search_key (
        space INTEGER NOT NULL,
        key {text} NOT NULL,
        term {text} NOT NULL,
        PRIMARY KEY (space, key, term)
    ){rowless}
    """,
)

_SQLITE = {"number": "INTEGER", "text": "TEXT", "bytes": "BLOB", "rowless": " WITHOUT ROWID"}
# Terms are compared by code point, whatever the database's collation.
_POSTGRES = {"number": "BIGINT", "text": 'TEXT COLLATE "C"', "bytes": "BYTEA", "rowless": ""}

_SQLITE_OWN = (
    # Without the text (the documents have it) and without positions (ranking reads the streams).
    """
    CREATE VIRTUAL TABLE search_fts USING fts5(
        title, strong, body, content='', tokenize='ascii', detail=column
    )
    """,
    # Merges early: a search looks for each of its terms in every segment.
    "INSERT INTO search_fts (search_fts, rank) VALUES ('automerge', 2)",
)
_POSTGRES_OWN = (
    "CREATE TABLE search_lexemes (num BIGINT PRIMARY KEY, lexemes TSVECTOR NOT NULL)",
    # Without the pending list: a search after a change would have to read it through.
    "CREATE INDEX ix_search_lexemes ON search_lexemes USING gin (lexemes) WITH (fastupdate = off)",
)
_TABLES = ("search_document", "search_text", "search_space", "search_term", "search_key")


def create(connection: Connection) -> None:
    """Make the tables."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _SHARED:
        connection.exec_driver_sql(statement.format(**(_SQLITE if sqlite else _POSTGRES)))
    for statement in _SQLITE_OWN if sqlite else _POSTGRES_OWN:
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Remove the tables."""
    own = "search_fts" if connection.dialect.name == "sqlite" else "search_lexemes"
    for table in (own, *_TABLES):
        connection.exec_driver_sql(f"DROP TABLE {table}")
