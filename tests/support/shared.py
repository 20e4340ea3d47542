"""The public data beside the project: `../shared/data`, which may be absent."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
SPECS = DATA / "specs"


def needs_spec(name: str) -> pytest.MarkDecorator:
    """Skips where a provider's published description is not here."""
    return pytest.mark.skipif(
        not (SPECS / name).exists(), reason=f"../shared/data/specs/{name} is not here"
    )
