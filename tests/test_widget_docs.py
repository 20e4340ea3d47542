"""The snippets of docs/widget.md do what the page says, run as they stand there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desk.errors import NotAuthenticated
from desk.intake.visitors import Visitor, identified
from tests.support.absent import missing

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "widget.md").read_text("utf-8")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
SECRET = "an identity secret of the docs' test"
USER = {"id": 41, "email": "noor@shop.example", "name": "Noor נור"}
SCRIPT = 'src="https://desk.example/widget/loader.js" data-inbox="KEY"'
# A page that keeps the element that a snippet adds to it.
DOCUMENT = """
const added = [];
const element = () => ({
  dataset: {},
  setAttribute(name, value) { this.dataset[name.replace('data-', '')] = value; },
  remove() { added.splice(added.indexOf(this), 1); },
});
const body = { append: (one) => added.push(one), appendChild: (one) => added.push(one) };
globalThis.document = { createElement: element, body };
globalThis.window = { Parley: { shutdown() { globalThis.shut = true; } } };
"""


def block(language: str, holding: str) -> str:
    """The only snippet in this language that holds this text."""
    found = [code for kind, code in BLOCK.findall(PAGE) if kind == language and holding in code]
    assert len(found) == 1, found
    return str(found[0])


def section(title: str) -> str:
    """What stands under a heading."""
    return PAGE.partition(f"\n### {title}\n")[2].partition("\n##")[0]


def run(program: str, code: str, folder: Path, suffix: str) -> str:
    """Run a script with an interpreter of this machine; what it printed."""
    beside = Path(sys.executable).with_name(program)
    found = str(beside) if beside.exists() else shutil.which(program)
    if found is None:
        if program == "node":
            missing("There is no Node; run `make setup`.")
        pytest.skip(f"{program} is not installed here, and the desk itself does not need it")
    script = folder / f"snippet{suffix}"
    script.write_text(code, "utf-8")
    done = subprocess.run(
        [found, str(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def signed_in(language: str, folder: Path) -> str:
    """The token that the page's example in this language makes."""
    user, secret = json.dumps(json.dumps(USER)), json.dumps(SECRET)
    if language == "python":
        code = block("python", "def identity")
        more = f"import json\nprint(identity(json.loads({user}), {secret}))"
        return run("python", f"{code}\n{more}\n", folder, ".py")
    if language == "node":
        code = block("js", "function identity")
        more = f"console.log(identity(JSON.parse({user}), {secret}));"
        return run("node", f"{code}\n{more}\n", folder, ".cjs")
    if language == "php":
        code = block("php", "function identity")
        more = f"echo identity(json_decode({user}, true), {secret});"
        return run("php", f"<?php\n{code}\n{more}\n", folder, ".php")
    code = block("ruby", "def identity")
    return run("ruby", f"{code}\nputs identity(JSON.parse({user}), {secret})\n", folder, ".rb")


@pytest.mark.parametrize("language", ["python", "node", "php", "ruby"])
def test_an_identity_signed_as_the_page_says_is_taken(language: str, tmp_path: Path) -> None:
    token = signed_in(language, tmp_path)
    visitor = Visitor(str(uuid4()), UUID(int=1))
    known = identified(visitor, token, SECRET)
    assert (known.account, known.email, known.name) == ("41", USER["email"], USER["name"])
    with pytest.raises(NotAuthenticated):
        identified(visitor, token, "another secret that is long enough")


@pytest.mark.parametrize("place", ["Plain HTML", "WordPress", "Shopify"])
def test_the_line_is_the_same_wherever_it_goes(place: str) -> None:
    (_, code), *more = BLOCK.findall(section(place))
    assert not more
    assert code.count(f"<script async {SCRIPT}></script>") == 1


def test_the_tag_manager_s_snippet_adds_the_loader(tmp_path: Path) -> None:
    ((_, code),) = BLOCK.findall(section("Google Tag Manager"))
    inside = code.replace("<script>", "").replace("</script>", "")
    printed = run(
        "node", f"{DOCUMENT}{inside}\nconsole.log(JSON.stringify(added));", tmp_path, ".cjs"
    )
    (script,) = json.loads(printed)
    assert script["src"] == "https://desk.example/widget/loader.js"
    assert script["dataset"] == {"inbox": "KEY"}
    assert script["async"] is True


def test_the_react_hook_adds_the_loader_and_takes_it_away(tmp_path: Path) -> None:
    ((_, code),) = BLOCK.findall(section("React"))
    hook = code.replace("import { useEffect } from 'react';", "").replace("export ", "")
    printed = run(
        "node",
        f"{DOCUMENT}let clean; const useEffect = (effect) => {{ clean = effect(); }};\n{hook}\n"
        "useChat(); const before = JSON.stringify(added); clean();\n"
        "console.log(JSON.stringify([JSON.parse(before), added.length, globalThis.shut]));",
        tmp_path,
        ".cjs",
    )
    (script,), left, shut = json.loads(printed)
    assert script["src"] == "https://desk.example/widget/loader.js"
    assert script["dataset"] == {"inbox": "KEY"}
    assert (left, shut) == (0, True)
