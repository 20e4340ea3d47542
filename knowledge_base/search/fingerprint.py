"""A fingerprint of a document: equal exactly when indexing it again would change nothing."""

from __future__ import annotations

import hashlib
import json

from knowledge_base.search.engine import SearchDocument

# Part of every fingerprint: raise it when the normaliser or the tables change, and a reconcile
# finds every document stale.
VERSION = 1


def fingerprint(document: SearchDocument) -> str:
    """Return 16 hexadecimal digits."""
    updated = document.updated_at.isoformat() if document.updated_at else ""
    parts = [
        VERSION,
        document.id,
        document.locale,
        document.title,
        document.body,
        document.summary,
        list(document.keywords),
        list(document.tags),
        document.category,
        document.section,
        document.audience,
        updated,
        document.boost,
        document.parent,
    ]
    packed = json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(packed, digest_size=8).hexdigest()
