"""What the domain's routes need beyond `core`: files, channels and the inboxes' secrets."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from channels.registry import Registry
from desk.files.links import FileLinks
from desk.files.store import BlobStore
from desk.inboxes.secrets import SecretBox
from desk.intake.webhooks import Ingress


@dataclass(frozen=True, slots=True)
class Shelf:
    """Injected as `shelf`."""

    blobs: BlobStore
    channels: Registry
    box: SecretBox
    ingress: Ingress
    links: FileLinks


InjectedShelf = NamedDependency[SkipValidation[Shelf]]
