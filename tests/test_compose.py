"""compose.yaml, Dockerfile and .env.example describe a desk that exists.

No container engine is needed: what can be wrong without one is checked here.
"""

from __future__ import annotations

import ipaddress
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from desk import settings
from tools import settings as pages

ROOT = Path(__file__).parents[1]
COMPOSE = ROOT / "compose.yaml"
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::[-?][^}]*)?\}")
OPTIONAL = re.compile(r"^# ([A-Z_]+)=", re.MULTILINE)
GIVEN = re.compile(r"^([A-Z_]+)=(.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))
    return document


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def test_it_has_the_shape_that_compose_reads(compose: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "tests/support/compose.schema.json").read_text("utf-8"))
    jsonschema.validate(compose, schema, cls=jsonschema.Draft202012Validator)


def test_the_scaled_form_is_all_there(services: dict[str, Any]) -> None:
    needed = {"migrate", "web", "worker", "proxy", "postgres", "redis", "meilisearch", "rasa"}
    assert needed == set(services)


def test_whatever_is_waited_for_can_be_waited_for(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, f"{name} waits for {other}, which is not there"
            if how["condition"] == "service_completed_successfully":
                assert services[other]["restart"] == "no"
            if how["condition"] == "service_healthy":
                assert "disable" not in services[other]["healthcheck"]
            assert not services[other].get("profiles"), f"{name} waits for an optional service"


def test_volumes_networks_and_files_exist(compose: dict[str, Any]) -> None:
    used = set()
    for service in compose["services"].values():
        assert set(service["networks"]) <= set(compose["networks"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).is_file(), f"{source} is mounted but does not exist"
            else:
                used.add(source)
        if "build" in service:
            assert (ROOT / service["build"] / "Dockerfile").is_file()
    assert used == set(compose["volumes"])


def test_the_desk_believes_the_proxy_and_nobody_else(compose: dict[str, Any]) -> None:
    services = compose["services"]
    address = services["proxy"]["networks"]["desk"]["ipv4_address"]
    subnet = compose["networks"]["desk"]["ipam"]["config"][0]["subnet"]
    assert ipaddress.ip_address(address) in ipaddress.ip_network(subnet)
    for name in ("web", "worker"):
        assert services[name]["environment"]["DESK_TRUSTED_PROXIES"] == address


def test_no_secret_is_written_down(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|_KEY$", variable):
                assert VARIABLE.fullmatch(value), f"{name}: {variable} is written into the file"
    for variable, value in GIVEN.findall((ROOT / ".env.example").read_text("utf-8")):
        if re.search(r"PASSWORD|SECRET|TOKEN|_KEY$", variable):
            assert value == "", f".env.example proposes a value for {variable}"


def test_every_variable_is_in_the_example_with_a_line_about_it() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    known = {name for name, _ in GIVEN.findall(text)} | set(OPTIONAL.findall(text))
    assert set(VARIABLE.findall(COMPOSE.read_text("utf-8"))) <= known
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if GIVEN.match(line) or OPTIONAL.match(line):
            assert lines[number - 1].startswith("# "), f"{line} is not explained"


def test_every_desk_variable_is_a_setting() -> None:
    files = [COMPOSE, ROOT / "Dockerfile", ROOT / ".env.example"]
    files += sorted((ROOT / "deploy").iterdir())
    named = {name for file in files for name in re.findall(r"DESK_[A-Z_]+", file.read_text())}
    assert named - set(settings.documented()) == set()


def test_the_example_and_the_page_name_every_setting() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    assert pages.example(example) == example, "run `make settings`"
    assert pages.PAGE.read_text("utf-8") == pages.page(), "run `make settings`"


def test_every_command_of_the_desk_exists(services: dict[str, Any]) -> None:
    docker = re.findall(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    commands = [service["command"] for service in services.values() if "build" in service]
    commands += [json.loads(command) for command in docker]
    assert commands
    for program, *arguments in commands:
        assert program == "desk"
        outcome = subprocess.run(
            [Path(sys.executable).with_name("desk"), *arguments, "--help"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert outcome.returncode == 0, outcome.stderr


def test_the_image_runs_as_an_ordinary_user_from_files_that_exist() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE)[-1] != "root"
    assert not re.search(r"\b(curl|wget)\b", text)
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), f"the image copies {source}, which does not exist"


def test_the_entrance_leads_to_the_web_processes(services: dict[str, Any]) -> None:
    text = (ROOT / "deploy/Caddyfile").read_text("utf-8")
    name = re.search(r"name (\S+)", text)
    port = re.search(r"port (\d+)", text)
    assert name is not None
    assert name[1] in services
    assert port is not None
    assert f"EXPOSE {port[1]} " in (ROOT / "Dockerfile").read_text("utf-8")
