"""`desk kb import` and `desk kb export`, as somebody types them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from desk.cli import main


def run(*words: str) -> str:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_folder_goes_in_and_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DESK_LOG_LEVEL", "error")
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "tent.md").write_text("---\nid: tent\ntitle: Tent\n---\nPitch it.\n")
    (docs / "odd.md").write_text("---\nid: odd\ntitle: Odd\n---\n[gone](nowhere.md)\n")
    run("migrate")
    forecast = run("kb", "import", str(docs), "--dry-run")
    assert "2 new, 0 changed" in forecast
    assert "odd.md:5: nowhere.md leads to nothing in this folder" in forecast
    assert "2 new, 0 changed, 0 unchanged, 0 published, 2 waiting" in run("kb", "import", str(docs))
    assert "0 new, 0 changed, 2 unchanged, 2 published, 0 waiting" in run(
        "kb", "import", str(docs), "--publish"
    )
    archive = tmp_path / "out.zip"
    assert "2 texts written" in run("kb", "export", str(archive))
    assert any("Tent" in name or "tent" in name for name in zipfile.ZipFile(archive).namelist())
    assert "0 new, 0 changed, 2 unchanged" in run("kb", "import", str(archive), "--dry-run")
    result = CliRunner().invoke(main, ["kb", "import", str(tmp_path / "docs"), "--format", "csv"])
    assert result.exit_code == 1
    assert "there is no article in the format 'csv' here" in result.output
