"""What a file really is, by its bytes; the sender's word counts for little."""

from __future__ import annotations

import re
from typing import Final

import puremagic

# What a browser may show in place: raster images only. SVG and HTML can carry scripts.
SAFE_INLINE: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
_MARKUP: Final = re.compile(
    rb"^\s*(<\?xml|<!doctype|<html|<svg|<script|<body|<head|<iframe)", re.IGNORECASE
)
_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_TEXT_LIKE: Final = ("text/plain", "text/csv", "text/calendar", "application/json", "text/markdown")
_CLEAN_NAME: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]+')


def content_type(data: bytes, declared: str) -> str:
    """The sniffed type. Text keeps a harmless declared type; markup is always called markup."""
    for signature, found in _SIGNATURES:
        if data.startswith(signature):
            return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if _MARKUP.match(data[:512].lstrip(b"\xef\xbb\xbf")):
        return "image/svg+xml" if b"<svg" in data[:2048].lower() else "text/html"
    declared = declared.partition(";")[0].strip().lower()
    if b"\x00" not in data[:8192]:
        if declared.startswith(("image/", "audio/", "video/", "application/octet")):
            return "text/plain" if _is_utf8(data[:8192]) else "application/octet-stream"
        return declared if declared in _TEXT_LIKE else "text/plain"
    try:
        return puremagic.from_string(data[:65536], mime=True) or "application/octet-stream"
    except puremagic.PureError:
        return "application/octet-stream"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start > len(data) - 4  # cut in the middle of a character
    return True


def safe_name(name: str) -> str:
    """A file name without path, control and direction characters, at most 255 characters."""
    name = _CLEAN_NAME.sub("_", name).strip(" .") or "file"
    if len(name) <= 200:  # noqa: PLR2004
        return name
    stem, dot, suffix = name.rpartition(".")
    return f"{stem[: 199 - len(suffix)]}{dot}{suffix}" if dot and len(suffix) < 20 else name[:200]  # noqa: PLR2004
