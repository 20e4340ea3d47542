"""Mails damaged at random are still read, without one parser giving up.

A thousand here; `python -m tests.channels.email.fuzz` reads as many as it is asked to.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.channels.email import fuzz
from tests.channels.email.samples import ROOT

COUNT = 1000


def test_damaged_mail_is_read() -> None:
    found = fuzz.seeds()
    assert found
    for number in range(COUNT):
        fuzz.check(number, fuzz.damaged(number, found))


def test_a_number_is_always_the_same_mail() -> None:
    """What a long run reports can be looked at later, and its halves can be run apart."""
    found = fuzz.seeds()
    assert fuzz.damaged(7, found) == fuzz.damaged(7, found) != fuzz.damaged(8, found)


def test_the_command_names_what_was_not_read_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    original = fuzz.check

    def check(number: int, raw: bytes) -> None:
        assert number != 41, "made to fail"
        original(number, raw)

    monkeypatch.setattr(fuzz, "check", check)
    assert fuzz.main(["--first", "40", "--count", "4"]) == 1
    told = capsys.readouterr().out
    assert "mail 41 was not read" in told
    assert "4 mails in" in told
    assert "1 not read: 41" in told


def test_the_command_runs() -> None:
    command = [sys.executable, "-m", "tests.channels.email.fuzz", "--count", "20"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "20 mails in" in done.stdout
