"""Readers whom a site has signed in: who proves it, and how the pages remember.

The proof is the site's signed identity, which the widget has anyway. From it come two things,
encrypted and dated: a link (minutes), which the widget puts under what it shows, and the cookie
that the link is exchanged for (a working day, HttpOnly, for `/help` alone). Both end at once when
the inbox is switched off or its identity secret is exchanged.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import quote, urlsplit
from uuid import UUID

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from litestar.datastructures import Cookie
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncSession

from desk.errors import NotAuthenticated
from desk.inboxes import repository as inboxes
from desk.inboxes.models import Inbox
from desk.intake.chat import Chat
from desk.intake.visitors import Visitor, VisitorTokens

COOKIE: Final = "parley_reader"
SECONDS: Final = {"link": 15 * 60, "cookie": 12 * 3600}
Kind = Literal["link", "cookie"]
_MARK: Final = 16  # characters of the secret's fingerprint


class _Proof(msgspec.Struct, array_like=True):
    kind: Annotated[str, Meta(max_length=10)]
    inbox_id: UUID
    account: str
    mark: str


@dataclass(frozen=True, slots=True)
class Reader:
    """A customer whom the site of this inbox has signed in."""

    inbox_id: UUID
    account: str


class Readers:
    """Makes and reads links and cookies."""

    def __init__(self, secret: str, chat: Chat, tokens: VisitorTokens) -> None:
        digest = hashlib.sha256(b"help-readers:" + secret.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))
        self._key = digest
        self._chat = chat
        self._tokens = tokens

    async def issue(self, session: AsyncSession, reader: Reader, kind: Kind) -> str:
        """A proof for the reader. Raises NotAuthenticated when the inbox is off."""
        inbox = await inboxes.get(session, reader.inbox_id)
        if inbox is None or not inbox.active:
            raise NotAuthenticated("This chat is switched off.")
        proof = _Proof(kind, reader.inbox_id, reader.account, self._mark(inbox))
        return self._fernet.encrypt(msgspec.json.encode(proof)).decode()

    async def read(self, session: AsyncSession, text: str, kind: Kind) -> Reader | None:
        """Who that is; None for a proof that is forged, old, of the other kind, or ended."""
        if not text:
            return None
        try:
            plain = self._fernet.decrypt(text.encode(), ttl=SECONDS[kind])
            proof = msgspec.json.decode(plain, type=_Proof)
        except (InvalidToken, UnicodeEncodeError, msgspec.MsgspecError):
            return None
        inbox = await inboxes.get(session, proof.inbox_id)
        if proof.kind != kind or inbox is None or not inbox.active:
            return None
        if not hmac.compare_digest(proof.mark, self._mark(inbox)):
            return None
        return Reader(proof.inbox_id, proof.account)

    async def of_widget(self, session: AsyncSession, authorization: str) -> Reader | None:
        """The reader behind a visitor's token; None for anonymous ones and for no token."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return None
        try:
            visitor = self._tokens.read(token.strip())
        except NotAuthenticated:
            return None
        inbox = await inboxes.get(session, visitor.inbox_id)
        if not visitor.account or inbox is None or not inbox.active:
            return None
        return Reader(visitor.inbox_id, visitor.account)

    async def of_site(self, session: AsyncSession, key: str, identity: str) -> Reader:
        """The reader whom the site's own signed identity names. Raises NotAuthenticated."""
        inbox = await inboxes.by_address(session, "webchat", key)
        if inbox is None or not inbox.active:
            raise NotAuthenticated("There is no chat under this key; check `inbox`.")
        visitor: Visitor = self._chat.identify(inbox, self._tokens.anonymous(inbox.id), identity)
        return Reader(inbox.id, str(visitor.account))

    def _mark(self, inbox: Inbox) -> str:
        """Changes with the inbox's identity secret."""
        secret = self._chat.box.open(inbox.secrets).get("identity_secret", "")
        return hmac.new(self._key, secret.encode(), hashlib.sha256).hexdigest()[:_MARK]


def cookie(public_url: str, value: str) -> Cookie:
    """Strictly necessary, for as long as the browser runs; an empty value removes it."""
    return Cookie(
        key=COOKIE,
        value=value,
        path="/help",
        max_age=None if value else 0,
        httponly=True,
        samesite="lax",
        secure=public_url.startswith("https://"),
    )


def way_in(base: str, link: str, path: str) -> str:
    """The address that signs a reader in and leads on to a page."""
    return f"{base}/help/enter?t={quote(link)}&to={quote(path, safe='')}"


def page_of(path: str) -> str:
    """The page to lead on to: one of the help center, never another site."""
    parts = urlsplit(path.strip())
    inside = parts.path == "/help" or parts.path.startswith("/help/")
    plain = "\\" not in path and ".." not in parts.path.split("/") and path.isprintable()
    if parts.scheme or parts.netloc or not inside or not plain or parts.path == "/help/enter":
        return "/help"
    return parts.path + (f"?{parts.query}" if parts.query else "")
