from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from knowledge_base.exchange import tree
from knowledge_base.exchange.articles import ImportRefused


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return packed.getvalue()


def test_a_folder_on_disk(tmp_path: Path) -> None:
    (tmp_path / "docs" / ".git").mkdir(parents=True)
    (tmp_path / "docs" / ".git" / "x.md").write_text("# Hidden")
    (tmp_path / "docs" / "a.md").write_text("# A")
    (tmp_path / "docs" / "link.md").symlink_to("/etc/hostname")
    (tmp_path / "docs" / "etc").symlink_to("/etc")
    assert tree.read_tree(tmp_path) == {"docs/a.md": b"# A"}
    with pytest.raises(ImportRefused, match="is not a folder"):
        tree.read_tree(tmp_path / "absent")


def test_an_archive_and_back() -> None:
    files = {"a.md": b"# A", "de/b.md": b"# B", "files/x/y.png": b"png"}
    packed = tree.write_zip(files)
    assert tree.read_zip(packed) == files
    assert tree.write_zip(files) == packed


def test_the_folder_around_an_archive_is_left_out() -> None:
    packed = zipped(**{"kb-main/a.md": b"1", "kb-main/de/b.md": b"2", "__MACOSX/a.md": b"3"})
    assert tree.read_zip(packed) == {"a.md": b"1", "de/b.md": b"2"}


def test_paths_that_lead_out_are_passed_over() -> None:
    packed = zipped(
        **{"../../etc/x.md": b"1", "/abs.md": b"2", "a/../../y.md": b"3", "ok.md": b"4"}
    )
    assert tree.read_zip(packed) == {"ok.md": b"4"}


def test_bombs_and_broken_archives_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImportRefused, match="cannot be read"):
        tree.read_zip(b"PK\x03\x04 not really")
    monkeypatch.setattr(tree, "MOST_BYTES", 1000)
    with pytest.raises(ImportRefused, match="import it in parts"):
        tree.read_zip(zipped(**{"a.md": b"x" * 2000}))
