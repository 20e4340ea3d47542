"""`make settings`: write docs/settings.md and .env.example from the settings' own descriptions."""

from __future__ import annotations

from desk import settings
from tools.console import ROOT

PAGE = ROOT / "docs" / "settings.md"
EXAMPLE = ROOT / ".env.example"
MARK = "# --- The desk (written by `make settings`) ---\n"


def defaults() -> dict[str, str]:
    """Return each variable's default as it would be written in the environment."""
    plain = settings.Settings()
    return {
        name: _text(getattr(plain, name.removeprefix(settings.PREFIX).lower()))
        for name in settings.documented()
    }


def page() -> str:
    """Return docs/settings.md."""
    values = defaults()
    rows = "".join(
        f"| `{name}` | {f'`{values[name]}`' if values[name] else ''} | {doc} |\n"
        for name, doc in settings.documented().items()
    )
    return (
        "# Settings\n\n"
        "Read once from the environment when a process starts; an unknown `DESK_` variable or a "
        "value that makes no sense stops it with a sentence. This page is written by "
        "`make settings`.\n\n"
        f"| Variable | Default | What it does |\n|---|---|---|\n{rows}"
    )


def example(current: str) -> str:
    """Return .env.example: what is above the mark stays, what is below is written anew."""
    values = defaults()
    lines = "".join(
        f"\n# {doc}\n# {name}={values[name]}\n" for name, doc in settings.documented().items()
    )
    return current.partition(MARK)[0] + MARK + lines


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    EXAMPLE.write_text(example(EXAMPLE.read_text("utf-8")), "utf-8")
