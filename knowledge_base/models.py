"""Articles and what is around them. People and tickets of the desk are plain ids here."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from persistence.base import Base, HasId

AUDIENCES = ("public", "signed-in", "internal")
STATES = ("draft", "review", "scheduled", "published", "archived")


class Category(HasId, Base):
    """A topic; one with a parent is a section of that topic."""

    __tablename__ = "article_category"
    __table_args__ = (
        Index("uq_article_category_slug", "slug", unique=True),
        Index("ix_article_category_parent_id_position", "parent_id", "position"),
    )

    slug: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("article_category.id"))
    icon: Mapped[str] = mapped_column(String(40), default="")
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CategoryLocale(Base):
    """A category's name in one language."""

    __tablename__ = "article_category_locale"

    category_id: Mapped[UUID] = mapped_column(
        ForeignKey("article_category.id", ondelete="CASCADE"), primary_key=True
    )
    locale: Mapped[str] = mapped_column(String(20), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(500), default="")


class Article(HasId, Base):
    """What is true of an article in every language. `version` counts changes of this row."""

    __tablename__ = "article"
    __table_args__ = (
        Index("ix_article_category_id_position", "category_id", "position"),
        Index("ix_article_updated_at_id", "updated_at", "id"),
        Index("ix_article_review_by", "review_by"),
        Index("uq_article_external_id", "external_id", unique=True),
    )

    category_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("article_category.id", ondelete="SET NULL")
    )
    source_locale: Mapped[str] = mapped_column(String(20))
    audience: Mapped[str] = mapped_column(String(20), default="public")
    tags: Mapped[list[str]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)
    featured: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[UUID | None]  # an agent
    review_by: Mapped[date | None]
    archived_at: Mapped[datetime | None]
    external_id: Mapped[str | None] = mapped_column(String(300))  # where it was imported from
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ArticleLocale(HasId, Base):
    """An article in one language.

    `head_id` is the newest version, being worked on in `state`; `published_id` is the one that
    readers see, if any. `version` counts the saves: a save says which one it was made on.
    """

    __tablename__ = "article_locale"
    __table_args__ = (
        Index("uq_article_locale_article_id_locale", "article_id", "locale", unique=True),
        Index("uq_article_locale_locale_slug", "locale", "slug", unique=True),
        Index("ix_article_locale_state_scheduled_at", "state", "scheduled_at"),
    )

    article_id: Mapped[UUID] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(String(20))
    slug: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20), default="draft")
    head_id: Mapped[UUID]
    published_id: Mapped[UUID | None]
    stamps: Mapped[list[str]] = mapped_column(default=list)  # see `paragraphs`
    version: Mapped[int] = mapped_column(default=1)
    reviewer_id: Mapped[UUID | None]  # who approved the head
    approved_at: Mapped[datetime | None]
    scheduled_at: Mapped[datetime | None]
    first_published_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class ArticleVersion(HasId, Base):
    """A text as it was saved. Once published it never changes."""

    __tablename__ = "article_version"
    __table_args__ = (
        Index("uq_article_version_locale_id_number", "locale_id", "number", unique=True),
    )

    locale_id: Mapped[UUID] = mapped_column(ForeignKey("article_locale.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(String(600), default="")
    body: Mapped[str] = mapped_column(Text)
    author_id: Mapped[UUID | None]
    author_name: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    stamps: Mapped[list[str]] = mapped_column(default=list)
    restored_from: Mapped[int | None]  # the number of the version that this is a copy of
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    published_at: Mapped[datetime | None]  # the first time


class Autosave(Base):
    """What an author typed and has not saved; one for each author and language."""

    __tablename__ = "article_autosave"

    locale_id: Mapped[UUID] = mapped_column(
        ForeignKey("article_locale.id", ondelete="CASCADE"), primary_key=True
    )
    author_id: Mapped[UUID] = mapped_column(primary_key=True)
    base_version: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(String(600), default="")
    body: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]


class Comment(HasId, Base):
    """A remark of the review. `anchor` is the hash of the paragraph that it is about."""

    __tablename__ = "article_comment"
    __table_args__ = (Index("ix_article_comment_locale_id_id", "locale_id", "id"),)

    locale_id: Mapped[UUID] = mapped_column(ForeignKey("article_locale.id", ondelete="CASCADE"))
    number: Mapped[int]  # of the version that was read
    kind: Mapped[str] = mapped_column(String(20), default="comment")  # approval, changes, request
    anchor: Mapped[str] = mapped_column(String(16), default="")
    quote: Mapped[str] = mapped_column(String(500), default="")
    text: Mapped[str] = mapped_column(String(5000))
    author_id: Mapped[UUID | None]
    author_name: Mapped[str] = mapped_column(String(200), default="")
    resolved_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Redirect(HasId, Base):
    """An address that an article had. It names the article, not an address: no loop is possible."""

    __tablename__ = "article_redirect"
    __table_args__ = (
        Index("uq_article_redirect_locale_slug", "locale", "slug", unique=True),
        Index("ix_article_redirect_article_id", "article_id"),
    )

    locale: Mapped[str] = mapped_column(String(20))
    slug: Mapped[str] = mapped_column(String(120))
    article_id: Mapped[UUID] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]


class Related(Base):
    """An article that is named under another, by an editor's choice."""

    __tablename__ = "article_related"

    article_id: Mapped[UUID] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    related_id: Mapped[UUID] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(default=0)


class ArticleFile(HasId, Base):
    """A picture or download of an article. The content is kept outside, by its SHA-256."""

    __tablename__ = "article_file"
    __table_args__ = (
        Index("ix_article_file_article_id", "article_id"),
        Index("ix_article_file_sha256", "sha256"),
    )

    article_id: Mapped[UUID] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    sha256: Mapped[str] = mapped_column(String(64))
    filename: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    alt: Mapped[str] = mapped_column(String(500), default="")
    width: Mapped[int | None]
    height: Mapped[int | None]
    uploaded_by: Mapped[UUID | None]
    created_at: Mapped[datetime]


class Feedback(HasId, Base):
    """A reader's yes or no under an article. `visitor` is a hash that changes every day."""

    __tablename__ = "article_feedback"
    __table_args__ = (
        Index("uq_article_feedback_locale_id_visitor", "locale_id", "visitor", unique=True),
    )

    locale_id: Mapped[UUID] = mapped_column(ForeignKey("article_locale.id", ondelete="CASCADE"))
    number: Mapped[int]  # of the version that was read
    helpful: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(String(1000), default="")
    visitor: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]


class Search(HasId, Base):
    """A search that somebody made, without who it was. What looks like personal data is masked."""

    __tablename__ = "article_search"
    __table_args__ = (
        Index("ix_article_search_created_at", "created_at"),
        Index("ix_article_search_locale_query", "locale", "query"),
    )

    source: Mapped[str] = mapped_column(String(20))  # help, widget, agent, bot
    locale: Mapped[str] = mapped_column(String(20))
    query: Mapped[str] = mapped_column(String(200))
    results: Mapped[int]
    clicked_id: Mapped[UUID | None]
    clicked_position: Mapped[int | None]  # counts from 1
    escalated_at: Mapped[datetime | None]
    visitor: Mapped[str] = mapped_column(String(40), default="")  # forgotten after the window
    created_at: Mapped[datetime]


class Citation(HasId, Base):
    """An article was given as an answer, by the bot or by an agent, in a ticket."""

    __tablename__ = "article_citation"
    __table_args__ = (
        Index("ix_article_citation_article_id_created_at", "article_id", "created_at"),
        Index("ix_article_citation_ticket_id", "ticket_id"),
        Index("ix_article_citation_contact_id", "contact_id"),
        Index("ix_article_citation_created_at", "created_at"),
    )

    article_id: Mapped[UUID] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    locale: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]  # of the version that was quoted
    source: Mapped[str] = mapped_column(String(20))  # bot, agent
    ticket_id: Mapped[UUID | None]
    contact_id: Mapped[UUID | None]
    question: Mapped[str] = mapped_column(String(200), default="")
    helped: Mapped[bool | None]
    escalated_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
