"""What the parts of a mail give: the text to show, its HTML, and the files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from channels.contract import Attachment
from channels.email import smime, uuencoded
from channels.email.headers import one_line
from channels.email.html import from_text, sanitise, to_text
from channels.email.invitation import Invitation, read_invitation
from channels.email.mime import Part, default_filename, part_text, read_mail, safe_filename
from channels.email.tnef import unpack

MAX_SIGNED_DEPTH = 3
_SHOWN = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown"})
_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


@dataclass(slots=True)
class Found:
    """What the tree of parts holds: shown segments (text, html) in order, and files."""

    segments: list[tuple[str | None, str | None]] = field(default_factory=list)
    files: list[tuple[Part, bool]] = field(default_factory=list)
    loose: list[Attachment] = field(default_factory=list)  # found inside texts
    invitation: Invitation | None = None

    def add(self, other: Found) -> None:
        """Take over what another branch holds."""
        self.segments += other.segments
        self.take_files(other)

    def take_files(self, other: Found) -> None:
        """Take over the files of another branch, not its texts."""
        self.files += other.files
        self.loose += other.loose
        self.invitation = self.invitation or other.invitation


def _is_shown(part: Part) -> bool:
    return part.content_type in _SHOWN and part.disposition != "attachment" and not part.filename


def gather(part: Part, problems: list[str], *, related: bool = False, depth: int = 0) -> Found:
    """Everything in this part and below it."""
    found = Found()
    if part.content_type == "multipart/alternative":
        _alternative(part, problems, found, depth)
    elif part.content_type.startswith("multipart/"):
        if part.content_type == "multipart/encrypted":
            problems.append("encrypted (OpenPGP), only its recipients can read it")
        inside = part.content_type == "multipart/related"
        for child in part.children:
            found.add(gather(child, problems, related=inside, depth=depth))
    elif _is_shown(part):
        text = part_text(part, problems)
        if part.content_type == "text/html":
            found.segments.append((None, text))
        else:
            rest, files = uuencoded.extract(text)
            found.segments.append((rest, None))
            found.loose += [_loose(file) for file in files]
            if "-----BEGIN PGP MESSAGE-----" in text:
                problems.append("encrypted (OpenPGP), only its recipients can read it")
    else:
        _file(part, problems, found, related=related, depth=depth)
    return found


def _loose(file: uuencoded.UuFile) -> Attachment:
    return Attachment(safe_filename(file.name) or "file.bin", "application/octet-stream", file.data)


def _alternative(part: Part, problems: list[str], found: Found, depth: int) -> None:
    """The best version of each kind; two of one kind that differ are no versions of one text."""
    inner = [
        gather(child, problems, depth=depth)
        for child in part.children
        if child.content_type != "text/x-amp-html"
    ]
    texts = list(
        dict.fromkeys(text for one in inner for text, _ in one.segments if text and text.strip())
    )
    htmls = [html for one in inner for _, html in one.segments if html and html.strip()]
    plain = "\n\n".join(text.strip("\n") for text in texts) if len(texts) > 1 else "".join(texts)
    if texts or htmls:
        found.segments.append((plain if texts else None, htmls[-1] if htmls else None))
    for one in inner:
        found.take_files(one)


def _file(part: Part, problems: list[str], found: Found, *, related: bool, depth: int) -> None:
    inline = part.disposition == "inline" or (related and part.content_id is not None)
    found.files.append((part, inline and part.content_type.startswith("image/")))
    if part.content_type == "text/calendar":
        found.invitation = read_invitation(part.data, part.charset)
    if part.content_type in _PKCS7:
        kind = smime.kind_of(part.data)
        signed = smime.signed_content(part.data) if kind == "signed" else None
        if signed is not None and depth < MAX_SIGNED_DEPTH:
            _, inner, noted = read_mail(signed)
            problems += noted
            found.add(gather(inner, problems, depth=depth + 1))
        elif kind != "signed":
            problems.append("encrypted (S/MIME), only its recipients can read it")


def bodies(found: Found) -> tuple[str, str | None]:
    """The whole text, and the whole HTML when any part of it was HTML."""
    if found.invitation is not None and not any(text or html for text, html in found.segments):
        found.segments.append((found.invitation.as_text(), None))
    texts, htmls = [], []
    for text, html in found.segments:
        shown = to_text(html) if text is None and html is not None else text or ""
        texts.append(shown.rstrip() if len(found.segments) > 1 else shown)
        htmls.append(sanitise(html) if html is not None else from_text(text or ""))
    has_html = any(html is not None for _, html in found.segments)
    text = "\n\n".join(part for part in texts if part.strip()) if len(texts) > 1 else "".join(texts)
    return text, "\n".join(htmls) if has_html else None


def _unwrapped(part: Part) -> list[Attachment]:
    """The files inside a winmail.dat, so that people without Outlook can open them."""
    if not part.content_type.endswith("ms-tnef") and part.filename.lower() != "winmail.dat":
        return []
    return [
        Attachment(
            filename=safe_filename(file.name) or f"attachment-{number}.bin",
            content_type=one_line(file.content_type) or "application/octet-stream",
            data=file.data,
            inline=bool(file.content_id),
            content_id=one_line(file.content_id).strip("<>") or None,
        )
        for number, file in enumerate(unpack(part.data), 1)
    ]


def attachments(found: Found) -> tuple[Attachment, ...]:
    """The files, each under a name of its own."""
    out: list[Attachment] = []
    taken: set[str] = set()

    def add(file: Attachment) -> None:
        name = file.filename
        if name in taken:
            stem, dot, ending = name.rpartition(".")
            count = len(taken) + 1
            name = f"{stem} ({count}){dot}{ending}" if stem else f"{name} ({count})"
        taken.add(name)
        out.append(replace(file, filename=name))

    for number, (part, inline) in enumerate(found.files, 1):
        name = default_filename(part, number)
        itself = Attachment(name, part.content_type, part.data, inline, part.content_id)
        for file in _unwrapped(part) or [itself]:
            add(file)
    for file in found.loose:
        add(file)
    return tuple(out)
