"""`desk bot train`, `evaluate`, `export` and `import`, run as the commands they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from desk.cli import main
from tests.desk.triage.conftest import ANSWERS, INTENTS


@pytest.fixture
def desk_command(
    desk_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    monkeypatch.setenv("DESK_DATABASE_URL", desk_database_url)
    monkeypatch.setenv("DESK_DATA_DIR", str(tmp_path / "data"))
    return CliRunner()


def run(command: CliRunner, *words: str, code: int = 0) -> Result:
    done = command.invoke(main, ["bot", *words])
    assert done.exit_code == code, done.output
    return done


def test_a_book_is_taken_in_trained_evaluated_and_given_out(
    desk_command: CliRunner, tmp_path: Path
) -> None:
    assert "desk bot train" in run(desk_command, "evaluate", code=1).output
    empty = run(desk_command, "train", code=1)
    assert "nothing to learn" in empty.output
    book = {
        "intents": [
            {
                "name": name,
                "titles": {"en": name},
                "answers": ANSWERS.get(name, {}),
                "examples": {
                    "en": [text for text in texts if text < "\u0590"],
                    "he": [text for text in texts if text > "\u0590"],
                },
            }
            for name, texts in INTENTS.items()
        ]
    }
    path = tmp_path / "book.json"
    path.write_text(json.dumps(book), encoding="utf-8")
    assert "3 of them new" in run(desk_command, "import", str(path), "--dry-run").output
    assert "3 intents created" in run(desk_command, "import", str(path)).output
    assert (
        "0 intents created, 3 changed, 0 examples" in run(desk_command, "import", str(path)).output
    )

    trained = run(desk_command, "train")
    assert "There was no model before." in trained.stdout
    assert "%" in trained.stderr

    printed = run(desk_command, "evaluate").output
    assert "thresholds for 2.0% wrong answers" in printed
    rows = {line.split()[0]: line.split() for line in printed.splitlines() if line[:1].isalpha()}
    assert rows["all"][1] == "18"
    assert rows["en"][1] == "12"
    assert rows["he"][1] == "6"
    assert "Foreign questions: 16, recognised" in printed
    assert "coverage  precision" in printed
    assert "Understanding: median" in printed
    assert "10.0% wrong answers" in run(desk_command, "evaluate", "--rate", "10").output

    out = tmp_path / "out.json"
    run(desk_command, "export", str(out))
    written = json.loads(out.read_text(encoding="utf-8"))["intents"]
    assert [one["name"] for one in written] == sorted(INTENTS)
    assert {text for one in written for texts in one["examples"].values() for text in texts} == {
        text for texts in INTENTS.values() for text in texts
    }
    sheet = tmp_path / "out.csv"
    run(desk_command, "export", str(sheet))
    sheet.write_text(
        sheet.read_text(encoding="utf-8")
        + "track_order,en,Where on earth is it?\r\nBad One,en,x\r\n",
        encoding="utf-8",
    )
    looked = run(desk_command, "import", str(sheet), "--dry-run").output
    assert "Line 21" in looked
    assert "1 examples new, 18 known already" in looked
    assert "1 examples new" in run(desk_command, "import", str(sheet)).output
    assert "0 examples new" in run(desk_command, "import", str(sheet)).output


def test_a_file_that_is_none_is_refused_with_the_place(
    desk_command: CliRunner, tmp_path: Path
) -> None:
    path = tmp_path / "book.json"
    path.write_text('{"intents": [{"name": 7}]}', encoding="utf-8")
    assert "$.intents[0].name" in run(desk_command, "import", str(path), code=1).output
    sheet = tmp_path / "book.csv"
    sheet.write_bytes("intent,text\ngrüße,Grüße".encode("latin-1"))
    assert "UTF-8" in run(desk_command, "import", str(sheet), code=1).output
