"""A ticket that is deleted takes its ledger, clocks, steps and outcomes with it.

The engine's tables hold no foreign key to the desk's (docs/decisions/0007), so a trigger does what
a cascade would. A migration that rebuilds the table `ticket` on SQLite has to make it again.
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("sla_entry", "sla_standing", "sla_firing", "sla_outcome")


def upgrade() -> None:
    """Apply."""
    deletes = " ".join(f"DELETE FROM {table} WHERE ticket_id = OLD.id;" for table in TABLES)  # noqa: S608 - names of our own
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER ticket_promises AFTER DELETE ON ticket BEGIN {deletes} END")
        return
    op.execute(
        "CREATE FUNCTION ticket_promises() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {deletes} RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER ticket_promises AFTER DELETE ON ticket "
        "FOR EACH ROW EXECUTE FUNCTION ticket_promises()"
    )


def downgrade() -> None:
    """Revert."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER ticket_promises")
        return
    op.execute("DROP TRIGGER ticket_promises ON ticket")
    op.execute("DROP FUNCTION ticket_promises()")
