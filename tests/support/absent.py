"""What to do about a part that the machine lacks."""

from __future__ import annotations

import os
from typing import Never

import pytest


def missing(what: str) -> Never:
    """Fail in continuous integration, where everything must be there; skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)
