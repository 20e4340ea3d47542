"""Bytes to text, whatever the sender claimed about them. Nothing here raises."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

# What senders write -> what they mean. Supersets, as browsers use them (WHATWG Encoding).
_MEANT = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ce": "mac_latin2",
}
# Python codecs that are not character sets, or that cost more than linear time.
_REFUSED = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
)
_SINGLE_BYTE_CLAIMS = frozenset({"cp1252", "cp1254", "latin_1", "iso8859-1", "iso8859-15"})
_SNIFF_BYTES = 32 * 1024
_MIN_SNIFF_BYTES = 8
_WESTERN = frozenset(
    "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœßÀÁÂÄÅÆÇÈÉÊËÍÎÑÓÔÖØÙÚÛÜŒ“”„‘’‚«»–—…€£§°¿¡\xa0´·"
)
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def codec_for(charset: str | None) -> str | None:
    """The Python codec for a declared charset; None when there is none that we know."""
    name = (charset or "").strip().strip("\"'").lower().removeprefix("charset=")
    name = _MEANT.get(name, name)
    if name.startswith(("x-cp", "cp-", "x-windows-")):
        name = "cp" + name.rsplit("cp", 1)[-1].rsplit("-", 1)[-1]
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if found.replace("-", "_") in _REFUSED else found


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8."""
    return _strict(data, "utf-8") is not None


def _western(data: bytes) -> str | None:
    """The text, when it is one in Latin letters with some marks: statistics need more of them."""
    marked = len(data) - len(data.translate(None, bytes(range(128, 256))))
    text = _strict(data, "cp1252")
    if text is None or marked * 3 > len(data):
        return None
    return text if all(char in _WESTERN for char in text if not char.isascii()) else None


def _guess(data: bytes) -> str:
    western = _western(data)
    if western is not None:
        return western
    sample = data[:_SNIFF_BYTES]
    best = from_bytes(sample, threshold=0.35).best() if len(sample) > _MIN_SNIFF_BYTES else None
    text = _strict(data, best.encoding) if best is not None else None
    return data.decode("cp1252", "replace") if text is None else text


def decode(data: bytes, charset: str | None = None) -> tuple[str, str | None]:  # noqa: C901 - one decision after the other
    """Decode text. Returns it with a sentence about what had to be mended, or None."""
    codec = codec_for(charset)
    if b"\x1b$" in data and (codec is None or codec == "utf-8"):
        text = _strict(data, "iso2022_jp_ext")
        if text is not None:
            return _clean(text), None if charset is None else "text was ISO-2022-JP"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = _strict(data, "utf-16")
        if text is not None:
            return _clean(text), None
    as_utf8 = _strict(data, "utf-8-sig")
    if as_utf8 is not None and (codec in (None, "utf-8") or codec in _SINGLE_BYTE_CLAIMS):
        claimed_other = codec != "utf-8" and not data.isascii() and charset is not None
        known = f"text was UTF-8, not {_name(charset)}" if claimed_other else None
        if codec is None and charset is not None:
            known = f"unknown charset {_name(charset)}"
        return _clean(as_utf8), known
    if codec is not None:
        text = _strict(data, codec)
        if text is not None:
            return _clean(text), None
    if as_utf8 is not None:
        return _clean(as_utf8), f"text was UTF-8, not {_name(charset)}"
    if codec is not None and codec != "utf-8":
        return _clean(data.decode(codec, "replace")), f"text is not valid {_name(charset)}"
    return _clean(_guess(data)), f"charset guessed, {_name(charset)} did not fit"


def _name(charset: str | None) -> str:
    return _NOT_TEXT.sub("", charset or "none")[:40]


# C1 controls are Windows-1252 that went through a wrong conversion (as in HTML's references).
_C1 = {
    0x80 + number: char
    for number, char in enumerate(bytes(range(0x80, 0xA0)).decode("cp1252", "replace"))
    if char != "\ufffd"
}


def _clean(text: str) -> str:
    """Without NUL and lone surrogates, which databases and JSON refuse."""
    text = text.replace("\x00", "").translate(_C1) if not text.isascii() or "\x00" in text else text
    return text.encode("utf-8", "replace").decode("utf-8")
