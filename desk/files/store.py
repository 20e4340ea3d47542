"""Where blobs lie: files named by the SHA-256 of their content, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Protocol


class BlobStore(Protocol):
    """Content-addressed storage."""

    def put(self, data: bytes) -> str:
        """Store and return the SHA-256 in hex. Durable when it returns."""

    def get(self, sha256: str) -> bytes:
        """The content. Raises FileNotFoundError."""

    def path(self, sha256: str) -> Path:
        """Where the content can be read as a file."""


class LocalBlobs:
    """Blobs in a local folder: `<folder>/ab/cd/<sha256>`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the content lies."""
        if len(sha256) != 64 or not all(c in "0123456789abcdef" for c in sha256):  # noqa: PLR2004
            message = "not a SHA-256"
            raise FileNotFoundError(message)
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def put(self, data: bytes) -> str:
        """Write to a temporary file, sync, then rename."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256)
        if target.exists():
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The content."""
        return self.path(sha256).read_bytes()
