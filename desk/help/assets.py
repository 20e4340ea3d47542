"""The help center's files: style, script and the brand's colours, under names of their content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from desk.knowledge.colour import shades

STATIC: Final = Path(__file__).parent / "static"
BUILT: Final = Path(__file__).parent.parent.parent / "frontend" / "build" / "help"
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


class Assets:
    """Read once. The script is missing until the frontend is built; pages work without it."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self.style = self._add(STATIC / "help.css")
        self.script = self._add(BUILT / "help.js")
        self.theme = self._add(BUILT / "theme.js")

    def _add(self, path: Path) -> str:
        if not path.is_file():
            return ""
        content = path.read_bytes()
        name = f"{hashlib.sha256(content).hexdigest()[:12]}/{path.name}"
        self._files[name] = content
        return f"/help/assets/{name}"

    def get(self, name: str) -> tuple[bytes, str] | None:
        """A file and its media type."""
        content = self._files.get(name)
        return (content, _TYPES[Path(name).suffix]) if content is not None else None


def brand_style(accent: str) -> str:
    """The brand's colour as the custom properties that the style uses."""
    found = shades(accent)
    solid = f"--solid:{found.solid};--solid-hover:{found.solid_hover};"
    light, dark = f"--accent:{found.light};{solid}", f"--accent:{found.dark};{solid}"
    return (
        f":root{{{light}}}"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
        f":root[data-theme=dark]{{{dark}}}"
    )
