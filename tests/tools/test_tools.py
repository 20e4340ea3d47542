"""What somebody sees who types `make` on a machine that is not quite right."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap, console, frontend, serve, system

ROOT = Path(__file__).parents[2]


def test_the_environment_is_not_made_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stamp = tmp_path / "parley.json"
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    assert not bootstrap.is_ready("run")
    stamp.write_text(json.dumps({"fingerprint": bootstrap.fingerprint(), "level": "run"}))
    assert bootstrap.is_ready("run")
    assert not bootstrap.is_ready("test")
    stamp.write_text(json.dumps({"fingerprint": "of older locks", "level": "test"}))
    assert not bootstrap.is_ready("run")


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST", (3, 99))
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(console.Trouble, match=r"needs Python 3\.99 or newer"):
        bootstrap.suitable_python()


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("npm error code ENOTFOUND", "Check the network"),
        ("Temporary failure in name resolution", "Check the network"),
        ("SSL: CERTIFICATE_VERIFY_FAILED", "not trusted"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("npm error code EINTEGRITY", "not the one that the lock file names"),
        ("[Errno 13] Permission denied: '.venv/lib'", "belong to another user"),
        ("something else", ""),
    ],
)
def test_common_causes_come_with_a_remedy(output: str, advice: str) -> None:
    found = console.remedy(output)
    assert advice in found
    assert bool(found) is bool(advice)


def test_a_failed_command_shows_its_beginning_and_its_end(tmp_path: Path) -> None:
    script = "import sys\nfor n in range(200): print('line', n)\nsys.exit(3)"
    with pytest.raises(console.CommandFailed) as failure:
        console.run([sys.executable, "-c", script], cwd=tmp_path)
    text = str(failure.value)
    assert "ended with code 3" in text
    assert "line 0\n" in text
    assert "line 100" not in text
    assert text.endswith("line 199")


def test_a_busy_port_is_named_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        for name in serve.PORTS:
            monkeypatch.setenv(name, "0")
        assert serve.busy_ports() == []
        monkeypatch.setenv("DESK_PORT", str(port))
        (sentence,) = serve.busy_ports()
    assert f"127.0.0.1:{port}" in sentence
    assert f"DESK_PORT={port + 100} make run" in sentence


@pytest.mark.parametrize(
    ("output", "accepted"),
    [
        ("npm error code EUSAGE\nMissing: binding-android@ from lock file", True),
        ("npm error code EUSAGE\nMissing: binding-android@1.2.3 from lock file", True),
        ("npm error code EUSAGE\nMissing: svelte@5.0.0 from lock file", False),
        (
            "npm error code EUSAGE\nInvalid: a@1\nMissing: binding-android@ from lock file",
            False,
        ),
        ("npm error code ENOTFOUND", False),
    ],
)
def test_only_a_lack_of_optional_packages_is_forgiven(
    output: str, accepted: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(frontend, "FRONTEND", tmp_path)
    packages = {"node_modules/binding": {"optionalDependencies": {"binding-android": "1.2.3"}}}
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    assert frontend.lacks_optional_only(output) is accepted


def test_the_frontend_is_rebuilt_for_sources_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(frontend, "FRONTEND", tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "page.svelte").write_text("<h1>Parley</h1>")
    before = frontend.digest_of_sources()
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "page.js").write_text("built")
    assert frontend.digest_of_sources() == before
    (tmp_path / "app" / "page.svelte").write_text("<h1>Desk</h1>")
    assert frontend.digest_of_sources() != before


def test_an_ordinary_user_learns_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "browser", lambda: None)
    monkeypatch.setattr(system, "dovecot", lambda: None)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/apt-get")
    with pytest.raises(console.Trouble, match="sudo apt-get install -y chromium dovecot-imapd"):
        system.ensure()


def test_every_target_of_the_makefile_is_explained_and_leads_somewhere() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    listed = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert listed is not None
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in listed[1].split():
        assert f"make {target} " in shown.stdout
    for module in re.findall(r"-m tools\.(\w+)", text):
        assert (ROOT / "tools" / f"{module}.py").is_file()
