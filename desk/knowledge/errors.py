"""What the knowledge base refuses, in the desk's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass

from desk.errors import Conflict, Invalid, NotFound
from knowledge_base.errors import Clash, Refused, Unknown


@contextmanager
def told() -> Iterator[None]:
    """Inside, the engine's refusals become problem documents."""
    try:
        yield
    except Unknown as error:
        raise NotFound(error.detail) from error
    except Refused as error:
        raise Invalid(errors=error.errors) from error
    except Clash as error:
        extra = {name: _plain(value) for name, value in error.extra.items()}
        raise Conflict(error.detail, **extra) from error


def _plain(value: object) -> object:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
