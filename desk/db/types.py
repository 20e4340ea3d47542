"""Column types and the declarative base, as the desk's own models name them."""

from __future__ import annotations

from persistence.base import NAMING, Base, HasId, Json, UtcDateTime, new_id

__all__ = ["NAMING", "Base", "HasId", "Json", "UtcDateTime", "new_id"]
