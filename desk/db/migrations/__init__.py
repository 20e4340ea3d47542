"""Alembic's scripts; run through `desk.db.migrate`."""
