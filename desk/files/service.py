"""Uploads and who may fetch a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.types import new_id
from desk.errors import Invalid, NotFound, TooLarge, TooLate
from desk.events import Kind
from desk.files import sniff
from desk.files.models import Attachment
from desk.files.store import BlobStore
from desk.unit_of_work import UnitOfWork

KEEP_UNUSED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on disk, not yet known to the database."""

    filename: str
    content_type: str
    size: int
    sha256: str


def keep(data: bytes, filename: str, declared: str, limit: int, blobs: BlobStore) -> Upload:
    """Check and store the content. Call outside of a transaction. Raises TooLarge, Invalid."""
    if not data:
        raise Invalid(errors=[("file", "is empty")])
    if len(data) > limit:
        raise TooLarge(
            f"A file may have at most {limit // (1024 * 1024)} MB; this one has "
            f"{len(data) / (1024 * 1024):.1f} MB.",
            limit=limit,
        )
    return Upload(
        filename=sniff.safe_name(filename),
        content_type=sniff.content_type(data, declared),
        size=len(data),
        sha256=blobs.put(data),
    )


def add(work: UnitOfWork, upload: Upload, owner: str) -> Attachment:
    """An attachment that waits for its message; `owner` (kind:id) alone may use it."""
    row = Attachment(
        id=new_id(),
        message_id=None,
        position=0,
        filename=upload.filename,
        content_type=upload.content_type,
        size=upload.size,
        sha256=upload.sha256,
        inline=False,
        content_id=None,
        state="stored",
        state_reason="",
        media=None,
        uploaded_by=owner,
        created_at=work.now,
    )
    work.session.add(row)
    return row


async def get(session: AsyncSession, file_id: UUID) -> Attachment:
    """An attachment. Raises NotFound."""
    row = await session.get(Attachment, file_id)
    if row is None:
        raise NotFound("There is no such file.")
    return row


async def prune(work: UnitOfWork) -> None:
    """Forget uploads that never got a message."""
    await work.session.execute(
        delete(Attachment).where(
            Attachment.message_id.is_(None), Attachment.created_at < work.now - KEEP_UNUSED
        )
    )


async def in_use(session: AsyncSession, sha256: str) -> bool:
    """Whether any attachment still names this content."""
    found = await session.scalar(select(Attachment.id).where(Attachment.sha256 == sha256).limit(1))
    return found is not None


async def ask_again(work: UnitOfWork, file_id: UUID) -> Attachment:
    """Have a file that could not be fetched asked for once more. Raises NotFound, TooLate."""
    row = await work.session.get(Attachment, file_id, with_for_update=True)
    if row is None or row.message_id is None:
        raise NotFound("There is no such file.")
    if row.state != "failed" or row.media is None:
        raise TooLate("Only a file that could not be fetched can be asked for again.")
    row.state, row.state_reason = "pending", ""
    work.record(Kind.FILE_ASKED, message_id=row.message_id, data={"file_id": str(row.id)})
    return row
