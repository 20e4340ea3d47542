"""The mail inside an S/MIME message that is signed but not encrypted (RFC 8551, 3.5.2). Pure.

The signature is not checked; the file stays with the message, so that others can.
"""

from __future__ import annotations

from collections.abc import Iterator

_SEQUENCE, _OCTETS, _OBJECT_ID, _CONTENT_0 = 0x30, 0x04, 0x06, 0xA0
_CONSTRUCTED = 0x20
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_ENVELOPED = (bytes.fromhex("2a864886f70d010703"), bytes.fromhex("2a864886f70d0109100117"))
_COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
_MAX_DEPTH = 12
_INDEFINITE = 0x80


class _DerError(ValueError):
    """The bytes are no BER."""


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, where the content starts, its length; -1 for the indefinite form."""
    if at + 2 > len(data):
        raise _DerError
    tag, length, start = data[at], data[at + 1], at + 2
    if length == _INDEFINITE:
        return tag, start, -1
    if length > _INDEFINITE:
        size = length & 0x7F
        if size > 4 or start + size > len(data):  # noqa: PLR2004 - 4 GiB
            raise _DerError
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    if start + length > len(data):
        raise _DerError
    return tag, start, length


def _items(data: bytes, start: int, length: int, depth: int) -> Iterator[tuple[int, int, int, int]]:
    """The elements in a constructed one: tag, start, length of the content, where the next is."""
    if depth > _MAX_DEPTH:
        raise _DerError
    at, end = start, len(data) if length < 0 else start + length
    while at < end:
        if length < 0 and data[at : at + 2] == b"\0\0":
            return
        tag, begin, size = _head(data, at)
        after = begin + size if size >= 0 else _end(data, begin, depth + 1)
        yield tag, begin, size, after
        at = after


def _end(data: bytes, start: int, depth: int) -> int:
    """Where an element of indefinite length ends."""
    at = start
    for _, _, _, after in _items(data, start, -1, depth):
        at = after
    return at + 2


def _octets(data: bytes, tag: int, start: int, length: int, depth: int) -> bytes:
    if not tag & _CONSTRUCTED:
        return data[start : start + length]
    return b"".join(
        _octets(data, inner, at, size, depth + 1)
        for inner, at, size, _ in _items(data, start, length, depth)
    )


def kind_of(data: bytes) -> str:
    """What a pkcs7-mime file holds: "signed", "encrypted", "compressed"; "" for anything else."""
    head = data[:64]
    if _SIGNED_DATA in head:
        return "signed"
    if any(one in head for one in _ENVELOPED):
        return "encrypted"
    return "compressed" if _COMPRESSED in head else ""


def signed_content(data: bytes) -> bytes | None:
    """The signed MIME entity; None when there is none to be had. Never raises."""
    try:
        return _signed(data)
    except (_DerError, IndexError):
        return None


def _child(data: bytes, start: int, length: int, number: int) -> tuple[int, int, int]:
    for count, (tag, begin, size, _) in enumerate(_items(data, start, length, 0)):
        if count == number:
            return tag, begin, size
    raise _DerError


def _signed(data: bytes) -> bytes | None:
    if kind_of(data) != "signed":
        return None
    _, start, length = _head(data, 0)  # ContentInfo: type, [0] SignedData
    _, start, length = _child(data, start, length, 1)
    _, start, length = _child(data, start, length, 0)  # SignedData: version, digests, content, ...
    _, start, length = _child(data, start, length, 2)  # EncapsulatedContentInfo: type, [0] octets
    _, start, length = _child(data, start, length, 1)
    tag, start, length = _child(data, start, length, 0)
    return _octets(data, tag, start, length, 0)
