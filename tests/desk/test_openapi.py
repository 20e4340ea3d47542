"""The frontend's types are made from the API as it is."""

from __future__ import annotations

import json
from pathlib import Path

from desk.admin import write_openapi
from desk.app import create_app
from desk.settings import Settings

DOCUMENT = Path(__file__).parents[2] / "frontend" / "openapi.json"


def test_the_committed_document_is_the_apis_own(tmp_path: Path) -> None:
    settings = Settings.load({"DESK_DATA_DIR": str(tmp_path / "data")})
    written = tmp_path / "openapi.json"
    write_openapi(create_app(settings), str(written))
    assert json.loads(written.read_text()) == json.loads(DOCUMENT.read_text()), (
        "run `desk openapi frontend/openapi.json`, then `npm run api` in frontend/"
    )
