"""Uploads of every kind, read by the reader that understands them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from knowledge_base.exchange import csv_table, html_folder, markdown_folder, zendesk
from knowledge_base.exchange.articles import Imported, ImportRefused
from knowledge_base.exchange.tree import read_zip, write_zip

Format = Literal["auto", "markdown", "html", "zendesk", "csv"]

FORMATS: Final[tuple[Format, ...]] = ("auto", "markdown", "html", "zendesk", "csv")
_SUFFIXES: Final[Mapping[Format, tuple[str, ...]]] = {
    "markdown": markdown_folder.SUFFIXES,
    "html": html_folder.SUFFIXES,
    "zendesk": (".json",),
    "csv": (".csv", ".tsv"),
}
_ZIP: Final = b"PK\x03\x04"


def packed(uploads: Sequence[tuple[str, bytes]]) -> bytes:
    """Uploads as one archive; a single ZIP is taken as it is. Raises ImportRefused."""
    if len(uploads) == 1 and uploads[0][1].startswith(_ZIP):
        read_zip(uploads[0][1])
        return uploads[0][1]
    files: dict[str, bytes] = {}
    for name, data in uploads:
        plain = name.replace("\\", "/").strip("/")
        parts = [part for part in plain.split("/") if part not in {"", ".", ".."}]
        path = "/".join(parts) or "file"
        if path in files:
            message = f"two files are called {path}; send a folder as one ZIP file"
            raise ImportRefused(message)
        files[path] = data
    return write_zip(files)


def detect(files: Mapping[str, bytes]) -> Format:
    """The format that most of the files are in. Raises ImportRefused when none is."""
    counted = {
        kind: sum(path.lower().endswith(suffixes) for path in files)
        for kind, suffixes in _SUFFIXES.items()
    }
    best = max(counted, key=lambda kind: counted[kind])
    if not counted[best]:
        message = (
            "nothing here can be imported; send Markdown, HTML, a CSV table or the JSON of "
            "Zendesk's help center, alone or in a ZIP file"
        )
        raise ImportRefused(message)
    return best


def read(files: Mapping[str, bytes], kind: Format, default_locale: str) -> Imported:
    """What the files hold. Raises ImportRefused."""
    if kind == "auto":
        kind = detect(files)
    if kind == "markdown":
        found = markdown_folder.read_files(files, default_locale)
    elif kind == "html":
        found = html_folder.read_files(files, default_locale)
    elif kind == "zendesk":
        found = zendesk.read_files(files)
    else:
        found = _tables(files, default_locale)
    if not found.articles and not found.problems:
        message = f"there is no article in the format {kind!r} here"
        raise ImportRefused(message)
    return found


def _tables(files: Mapping[str, bytes], default_locale: str) -> Imported:
    tables = [
        csv_table.read_table(data, path, default_locale)
        for path, data in sorted(files.items())
        if path.lower().endswith(_SUFFIXES["csv"])
    ]
    return Imported(
        [article for table in tables for article in table.articles],
        [problem for table in tables for problem in table.problems],
    )
