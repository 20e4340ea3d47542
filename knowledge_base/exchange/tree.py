"""The files of an import or export: read from a folder or a ZIP archive, packed into one.

Paths have `/` between their parts and never lead out of the folder.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Mapping
from pathlib import Path

from knowledge_base.exchange.articles import ImportRefused

MOST_BYTES = 500_000_000  # unpacked
MOST_FILES = 100_000
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same archive


def read_tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder; hidden ones and symbolic links are passed over."""
    if not folder.is_dir():
        message = f"{folder} is not a folder"
        raise ImportRefused(message)
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        linked = any((folder / part).is_symlink() for part in [relative, *relative.parents])
        if _hidden(relative.as_posix()) or linked or not path.is_file():
            continue
        total += path.stat().st_size
        _check(total, len(files), str(folder))
        files[relative.as_posix()] = path.read_bytes()
    return files


def read_zip(data: bytes) -> dict[str, bytes]:
    """The same from an archive. A single folder around everything is left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files: dict[str, bytes] = {}
            total = 0
            for info in archive.infolist():
                path = posixpath.normpath(info.filename.replace("\\", "/"))
                if info.is_dir() or path.startswith(("/", "..")) or _hidden(path):
                    continue
                total += info.file_size
                _check(total, len(files), "the archive")
                files[path] = archive.read(info)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        message = f"the archive cannot be read: {error}; send a ZIP file without a password"
        raise ImportRefused(message) from error
    roots = {path.partition("/")[0] for path in files}
    if len(roots) == 1 and all("/" in path for path in files):
        files = {path.partition("/")[2]: data for path, data in files.items()}
    return files


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """An archive of an export."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _hidden(path: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.split("/"))


def _check(total: int, count: int, what: str) -> None:
    """An entry that unpacks to more than it declares fails on its checksum."""
    if total > MOST_BYTES or count >= MOST_FILES:
        message = (
            f"{what} holds more than {MOST_BYTES:,} bytes or {MOST_FILES:,} files; "
            "import it in parts"
        )
        raise ImportRefused(message)
