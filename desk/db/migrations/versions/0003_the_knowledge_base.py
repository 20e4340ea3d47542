"""The knowledge base."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "article_category",
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("icon", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["article_category.id"],
            name=op.f("fk_article_category_parent_id_article_category"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_category")),
    )
    with op.batch_alter_table("article_category", schema=None) as batch_op:
        batch_op.create_index(
            "ix_article_category_parent_id_position", ["parent_id", "position"], unique=False
        )
        batch_op.create_index("uq_article_category_slug", ["slug"], unique=True)

    op.create_table(
        "article_search",
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("query", sa.String(length=200), nullable=False),
        sa.Column("results", sa.Integer(), nullable=False),
        sa.Column("clicked_id", sa.Uuid(), nullable=True),
        sa.Column("clicked_position", sa.Integer(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visitor", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_search")),
    )
    with op.batch_alter_table("article_search", schema=None) as batch_op:
        batch_op.create_index("ix_article_search_created_at", ["created_at"], unique=False)
        batch_op.create_index("ix_article_search_locale_query", ["locale", "query"], unique=False)

    op.create_table(
        "article",
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("source_locale", sa.String(length=20), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("featured", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("review_by", sa.Date(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("external_id", sa.String(length=300), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["article_category.id"],
            name=op.f("fk_article_category_id_article_category"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
    )
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.create_index(
            "ix_article_category_id_position", ["category_id", "position"], unique=False
        )
        batch_op.create_index("ix_article_review_by", ["review_by"], unique=False)
        batch_op.create_index("ix_article_updated_at_id", ["updated_at", "id"], unique=False)
        batch_op.create_index("uq_article_external_id", ["external_id"], unique=True)

    op.create_table(
        "article_category_locale",
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["article_category.id"],
            name=op.f("fk_article_category_locale_category_id_article_category"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("category_id", "locale", name=op.f("pk_article_category_locale")),
    )
    op.create_table(
        "article_citation",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("question", sa.String(length=200), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_article_citation_article_id_article"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_citation")),
    )
    with op.batch_alter_table("article_citation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_article_citation_article_id_created_at", ["article_id", "created_at"], unique=False
        )
        batch_op.create_index("ix_article_citation_contact_id", ["contact_id"], unique=False)
        batch_op.create_index("ix_article_citation_created_at", ["created_at"], unique=False)
        batch_op.create_index("ix_article_citation_ticket_id", ["ticket_id"], unique=False)

    op.create_table(
        "article_file",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(length=500), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_article_file_article_id_article"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_file")),
    )
    with op.batch_alter_table("article_file", schema=None) as batch_op:
        batch_op.create_index("ix_article_file_article_id", ["article_id"], unique=False)
        batch_op.create_index("ix_article_file_sha256", ["sha256"], unique=False)

    op.create_table(
        "article_locale",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("head_id", sa.Uuid(), nullable=False),
        sa.Column("published_id", sa.Uuid(), nullable=True),
        sa.Column("stamps", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_article_locale_article_id_article"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_locale")),
    )
    with op.batch_alter_table("article_locale", schema=None) as batch_op:
        batch_op.create_index(
            "ix_article_locale_state_scheduled_at", ["state", "scheduled_at"], unique=False
        )
        batch_op.create_index(
            "uq_article_locale_article_id_locale", ["article_id", "locale"], unique=True
        )
        batch_op.create_index("uq_article_locale_locale_slug", ["locale", "slug"], unique=True)

    op.create_table(
        "article_redirect",
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_article_redirect_article_id_article"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_redirect")),
    )
    with op.batch_alter_table("article_redirect", schema=None) as batch_op:
        batch_op.create_index("ix_article_redirect_article_id", ["article_id"], unique=False)
        batch_op.create_index("uq_article_redirect_locale_slug", ["locale", "slug"], unique=True)

    op.create_table(
        "article_related",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("related_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_article_related_article_id_article"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["related_id"],
            ["article.id"],
            name=op.f("fk_article_related_related_id_article"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "related_id", name=op.f("pk_article_related")),
    )
    op.create_table(
        "help_center",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("accent", sa.String(length=7), nullable=False),
        sa.Column("logo_sha256", sa.String(length=64), nullable=True),
        sa.Column("logo_type", sa.String(length=40), nullable=False),
        sa.Column("default_locale", sa.String(length=20), nullable=False),
        sa.Column("locales", JSON, nullable=False),
        sa.Column("taglines", JSON, nullable=False),
        sa.Column("notices", JSON, nullable=False),
        sa.Column("links", JSON, nullable=False),
        sa.Column("mail_inbox_id", sa.Uuid(), nullable=True),
        sa.Column("chat_inbox_id", sa.Uuid(), nullable=True),
        sa.Column("indexed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_inbox_id"],
            ["inbox.id"],
            name=op.f("fk_help_center_chat_inbox_id_inbox"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["mail_inbox_id"],
            ["inbox.id"],
            name=op.f("fk_help_center_mail_inbox_id_inbox"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_help_center")),
    )
    op.create_table(
        "article_autosave",
        sa.Column("locale_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.String(length=600), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["locale_id"],
            ["article_locale.id"],
            name=op.f("fk_article_autosave_locale_id_article_locale"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("locale_id", "author_id", name=op.f("pk_article_autosave")),
    )
    op.create_table(
        "article_comment",
        sa.Column("locale_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("anchor", sa.String(length=16), nullable=False),
        sa.Column("quote", sa.String(length=500), nullable=False),
        sa.Column("text", sa.String(length=5000), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["locale_id"],
            ["article_locale.id"],
            name=op.f("fk_article_comment_locale_id_article_locale"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_comment")),
    )
    with op.batch_alter_table("article_comment", schema=None) as batch_op:
        batch_op.create_index("ix_article_comment_locale_id_id", ["locale_id", "id"], unique=False)

    op.create_table(
        "article_feedback",
        sa.Column("locale_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("visitor", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["locale_id"],
            ["article_locale.id"],
            name=op.f("fk_article_feedback_locale_id_article_locale"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_feedback")),
    )
    with op.batch_alter_table("article_feedback", schema=None) as batch_op:
        batch_op.create_index(
            "uq_article_feedback_locale_id_visitor", ["locale_id", "visitor"], unique=True
        )

    op.create_table(
        "article_version",
        sa.Column("locale_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.String(length=600), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("stamps", JSON, nullable=False),
        sa.Column("restored_from", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["locale_id"],
            ["article_locale.id"],
            name=op.f("fk_article_version_locale_id_article_locale"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_version")),
    )
    with op.batch_alter_table("article_version", schema=None) as batch_op:
        batch_op.create_index(
            "uq_article_version_locale_id_number", ["locale_id", "number"], unique=True
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("article_version", schema=None) as batch_op:
        batch_op.drop_index("uq_article_version_locale_id_number")

    op.drop_table("article_version")
    with op.batch_alter_table("article_feedback", schema=None) as batch_op:
        batch_op.drop_index("uq_article_feedback_locale_id_visitor")

    op.drop_table("article_feedback")
    with op.batch_alter_table("article_comment", schema=None) as batch_op:
        batch_op.drop_index("ix_article_comment_locale_id_id")

    op.drop_table("article_comment")
    op.drop_table("article_autosave")
    op.drop_table("help_center")
    op.drop_table("article_related")
    with op.batch_alter_table("article_redirect", schema=None) as batch_op:
        batch_op.drop_index("uq_article_redirect_locale_slug")
        batch_op.drop_index("ix_article_redirect_article_id")

    op.drop_table("article_redirect")
    with op.batch_alter_table("article_locale", schema=None) as batch_op:
        batch_op.drop_index("uq_article_locale_locale_slug")
        batch_op.drop_index("uq_article_locale_article_id_locale")
        batch_op.drop_index("ix_article_locale_state_scheduled_at")

    op.drop_table("article_locale")
    with op.batch_alter_table("article_file", schema=None) as batch_op:
        batch_op.drop_index("ix_article_file_sha256")
        batch_op.drop_index("ix_article_file_article_id")

    op.drop_table("article_file")
    with op.batch_alter_table("article_citation", schema=None) as batch_op:
        batch_op.drop_index("ix_article_citation_ticket_id")
        batch_op.drop_index("ix_article_citation_created_at")
        batch_op.drop_index("ix_article_citation_contact_id")
        batch_op.drop_index("ix_article_citation_article_id_created_at")

    op.drop_table("article_citation")
    op.drop_table("article_category_locale")
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_index("uq_article_external_id")
        batch_op.drop_index("ix_article_updated_at_id")
        batch_op.drop_index("ix_article_review_by")
        batch_op.drop_index("ix_article_category_id_position")

    op.drop_table("article")
    with op.batch_alter_table("article_search", schema=None) as batch_op:
        batch_op.drop_index("ix_article_search_locale_query")
        batch_op.drop_index("ix_article_search_created_at")

    op.drop_table("article_search")
    with op.batch_alter_table("article_category", schema=None) as batch_op:
        batch_op.drop_index("uq_article_category_slug")
        batch_op.drop_index("ix_article_category_parent_id_position")

    op.drop_table("article_category")
