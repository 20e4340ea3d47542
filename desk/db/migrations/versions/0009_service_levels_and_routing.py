"""Service levels and routing: policies, calendars, ledgers, clocks; agents' work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sla_book",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_sla_book")),
    )
    op.create_table(
        "sla_entry",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("author", sa.String(length=20), nullable=False),
        sa.Column("start", JSON, nullable=True),
        sa.Column("voids", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("ticket_id", "seq", name=op.f("pk_sla_entry")),
    )
    op.create_table(
        "sla_firing",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("recipient", sa.String(length=100), nullable=False),
        sa.Column("covered", sa.Boolean(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "key", name=op.f("pk_sla_firing")),
    )
    with op.batch_alter_table("sla_firing", schema=None) as batch_op:
        batch_op.create_index("ix_sla_firing_fired_at", ["fired_at"], unique=False)

    op.create_table(
        "sla_outcome",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("metric", sa.String(length=20), nullable=False),
        sa.Column("policy", sa.String(length=60), nullable=False),
        sa.Column("priority", sa.String(length=20), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("ticket_id", "key", name=op.f("pk_sla_outcome")),
    )
    with op.batch_alter_table("sla_outcome", schema=None) as batch_op:
        batch_op.create_index("ix_sla_outcome_ended_at", ["ended_at"], unique=False)

    op.create_table(
        "sla_policy",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policy")),
    )
    op.create_table(
        "sla_standing",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("policy", sa.String(length=60), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_sla_standing")),
    )
    with op.batch_alter_table("sla_standing", schema=None) as batch_op:
        batch_op.create_index("ix_sla_standing_next_step_at", ["next_step_at"], unique=False)
        batch_op.create_index("ix_sla_standing_policy", ["policy"], unique=False)

    op.create_table(
        "triage_setting",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_triage_setting")),
    )
    op.create_table(
        "agent_absence",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agent.id"],
            name=op.f("fk_agent_absence_agent_id_agent"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_absence")),
    )
    with op.batch_alter_table("agent_absence", schema=None) as batch_op:
        batch_op.create_index("ix_agent_absence_agent_id_ends", ["agent_id", "ends"], unique=False)

    op.create_table(
        "agent_work",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("windows", JSON, nullable=True),
        sa.Column("presence", sa.String(length=20), nullable=False),
        sa.Column("away_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("skills", JSON, nullable=False),
        sa.Column("slots", sa.Double(), nullable=False),
        sa.Column("costs", JSON, nullable=False),
        sa.Column("limits", JSON, nullable=False),
        sa.Column("pace_minutes", sa.Integer(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agent.id"],
            name=op.f("fk_agent_work_agent_id_agent"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agent_work")),
    )
    op.create_table(
        "sla_policy_version",
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["sla_policy.id"],
            name=op.f("fk_sla_policy_version_policy_id_sla_policy"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("policy_id", "version", name=op.f("pk_sla_policy_version")),
    )
    op.create_table(
        "ticket_routing",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("refused", JSON, nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("fk_ticket_routing_ticket_id_ticket"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_routing")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("ticket_routing")
    op.drop_table("sla_policy_version")
    op.drop_table("agent_work")
    with op.batch_alter_table("agent_absence", schema=None) as batch_op:
        batch_op.drop_index("ix_agent_absence_agent_id_ends")

    op.drop_table("agent_absence")
    op.drop_table("triage_setting")
    with op.batch_alter_table("sla_standing", schema=None) as batch_op:
        batch_op.drop_index("ix_sla_standing_policy")
        batch_op.drop_index("ix_sla_standing_next_step_at")

    op.drop_table("sla_standing")
    op.drop_table("sla_policy")
    with op.batch_alter_table("sla_outcome", schema=None) as batch_op:
        batch_op.drop_index("ix_sla_outcome_ended_at")

    op.drop_table("sla_outcome")
    with op.batch_alter_table("sla_firing", schema=None) as batch_op:
        batch_op.drop_index("ix_sla_firing_fired_at")

    op.drop_table("sla_firing")
    op.drop_table("sla_entry")
    op.drop_table("sla_book")
