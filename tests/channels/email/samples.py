"""Where the mails are that the tests read."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "channels" / "email" / "fixtures"
SHARED = ROOT.parent / "shared" / "data" / "mail"
if not SHARED.exists():  # a worktree lies one level deeper
    SHARED = ROOT.parent.parent / "shared" / "data" / "mail"

needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="../shared/data/mail is not here")


def fixture(name: str) -> bytes:
    """A mail of our own."""
    return (FIXTURES / name).read_bytes()


def one_line(text: str) -> str:
    """Without differences in white space."""
    return " ".join(text.split())
