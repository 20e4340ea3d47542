"""The lock files are complete, agree with pyproject.toml and name no host to install from."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements"
NPM_LOCK = ROOT / "frontend" / "package-lock.json"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)([^\\\n]*)", re.MULTILINE)
LOCKS = {  # lock file: what it is made from
    "base.txt": {"dependencies"},
    "bootstrap.txt": {"bootstrap"},
    "dev.txt": {"dependencies", "dev", "frontend"},
    "frontend.txt": {"frontend"},
}


@pytest.fixture(scope="module")
def project() -> dict[str, list[str]]:
    """What pyproject.toml asks for, by group."""
    document: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups: dict[str, list[str]] = document["dependency-groups"]
    return {"dependencies": document["project"]["dependencies"], **groups}


def pins(name: str) -> dict[str, set[Version]]:
    """Every package of a lock file with its versions (several where platforms differ)."""
    found: dict[str, set[Version]] = {}
    for package, version, _marker in PIN.findall((REQUIREMENTS / name).read_text("utf-8")):
        found.setdefault(canonicalize_name(package), set()).add(Version(version))
    return found


def test_every_lock_file_is_known() -> None:
    assert {path.name for path in REQUIREMENTS.iterdir()} == set(LOCKS)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host(name: str) -> None:
    assert "://" not in (REQUIREMENTS / name).read_text("utf-8")


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_carries_hashes(name: str) -> None:
    text = (REQUIREMENTS / name).read_text("utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    assert all("--hash=sha256:" in block for block in blocks if block.strip())


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_satisfies_pyproject(name: str, project: dict[str, list[str]]) -> None:
    locked = pins(name)
    for group in LOCKS[name]:
        for line in project[group]:
            wanted = Requirement(line)
            versions = locked.get(canonicalize_name(wanted.name), set())
            assert versions, f"{wanted.name} is not in {name}: run `make lock`"
            for version in versions:
                assert wanted.specifier.contains(version), f"{line} against {version}: `make lock`"


def test_product_and_developers_use_the_same_versions() -> None:
    developers = pins("dev.txt")
    for name in ("base.txt", "frontend.txt"):
        for package, versions in pins(name).items():
            assert versions == developers[package], f"{package} in {name}: run `make lock`"


def test_the_npm_lock_names_no_host_and_has_digests() -> None:
    packages = json.loads(NPM_LOCK.read_text("utf-8"))["packages"]
    for path, package in packages.items():
        assert "://" not in package.get("resolved", ""), path
        # A bundled package comes inside another one, whose digest covers it.
        apart = not package.get("link") and not package.get("inBundle")
        if path.startswith("node_modules/") and apart:
            assert package.get("integrity", "").startswith("sha"), path
