"""The email channel stands alone, and each of its options is documented."""

from __future__ import annotations

import re
import subprocess
import sys

from channels.email.adapter import EmailChannel
from channels.email.manifest import MANIFEST
from tests.channels.email.samples import ROOT

SOURCES = sorted((ROOT / "channels" / "email").rglob("*.py"))


def test_every_option_that_is_read_is_documented_and_the_other_way_round() -> None:
    desk = ROOT / "desk" / "intake" / "welcome.py"  # what the desk itself does with mail
    sources = [*SOURCES, desk]
    text = "\n".join(path.read_text() for path in sources if path.name != "manifest.py")
    options = set(re.findall(r"options\.get\(\s*\"(\w+)\"", text))
    secrets = set(re.findall(r"secrets\.get\(\s*\"(\w+)\"", text))
    assert options | {"api_url"} == set(MANIFEST.options)  # read by the shared HTTP client
    assert secrets == set(MANIFEST.secrets)
    assert all(
        line.endswith(".") for line in (*MANIFEST.options.values(), *MANIFEST.secrets.values())
    )


def test_the_adapter_is_what_the_manifest_says() -> None:
    assert EmailChannel.kind == MANIFEST.kind == "email"
    assert EmailChannel.capabilities.undo_seconds == 10
    assert EmailChannel.capabilities.html


def test_it_needs_neither_the_desk_nor_a_web_framework() -> None:
    inside = [path.relative_to(ROOT).with_suffix("") for path in SOURCES]
    names = ", ".join(".".join(path.parts) for path in inside if path.name != "__init__")
    code = (
        f"import sys, {names}\n"
        "others = {'desk', 'litestar', 'socketio', 'sqlalchemy', 'procrastinate'}\n"
        "strange = others & set(sys.modules)\n"
        "sys.exit(str(strange) if strange else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
