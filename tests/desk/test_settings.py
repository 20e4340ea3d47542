"""Settings: defaults that run, errors that name the variable, documentation that agrees."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import msgspec
import pytest

from desk.errors import ConfigurationError
from desk.settings import Settings, documented, secret_key

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_an_empty_environment_is_enough() -> None:
    settings = Settings.load({})
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.host == settings.smtp_host == "127.0.0.1"
    assert settings.data_path == Path.cwd() / "data"
    assert settings.database_url == f"sqlite+inline:///{Path.cwd()}/data/desk.sqlite3"
    assert settings.is_sqlite
    assert settings.queue == "embedded"
    assert settings.worker
    assert not settings.demo


def test_reading_creates_nothing(tmp_path: Path) -> None:
    Settings.load({"DESK_DATA_DIR": str(tmp_path / "data")})
    assert list(tmp_path.iterdir()) == []


def test_values_are_read_as_people_write_them() -> None:
    settings = Settings.load(
        {
            "DESK_PORT": "9000",
            "DESK_DEMO": "Yes",
            "DESK_WORKER": "off",
            "DESK_LMTP": "1",
            "DESK_SMTP_ENABLED": "0",
            "DESK_LOG_FORMAT": "json",
            "DESK_PUBLIC_URL": "https://help.example/",
            "DESK_MAX_MESSAGE_BYTES": "",
            "PATH": "/usr/bin",
        }
    )
    assert (settings.port, settings.public_url) == (9000, "https://help.example")
    assert (settings.demo, settings.worker, settings.lmtp, settings.smtp_enabled) == (
        True,
        False,
        True,
        False,
    )
    assert settings.log_format == "json"
    assert settings.max_message_bytes == Settings().max_message_bytes, "empty means the default"


@pytest.mark.parametrize("word", ["on", "no", "true", "1"])
def test_text_that_looks_like_a_switch_stays_text(word: str) -> None:
    assert Settings.load({"DESK_METRICS_TOKEN": word}).metrics_token == word


@pytest.mark.parametrize(
    ("url", "jobs", "queue"),
    [
        ("sqlite+inline:///x", "auto", "embedded"),
        ("postgresql+psycopg://h/d", "auto", "procrastinate"),
        ("postgresql+psycopg://h/d", "embedded", "embedded"),
    ],
)
def test_the_queue_follows_the_database(url: str, jobs: str, queue: str) -> None:
    assert Settings.load({"DESK_DATABASE_URL": url, "DESK_JOBS": jobs}).queue == queue


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DESK_PORT", "eighty"),
        ("DESK_PORT", "65536"),
        ("DESK_WORKER", "perhaps"),
        ("DESK_WORKER_CONCURRENCY", "0"),
        ("DESK_SESSION_HOURS", "99999"),
        ("DESK_LOG_LEVEL", "loud"),
        ("DESK_LOG_FORMAT", "xml"),
        ("DESK_JOBS", "cron"),
        ("DESK_MAX_MESSAGE_BYTES", "-1"),
        ("DESK_SECRET_KEY", "short"),
    ],
)
def test_an_error_names_the_variable_and_says_what_it_holds(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.load({variable: value})
    assert variable in caught.value.detail
    if variable != "DESK_SECRET_KEY":
        assert documented()[variable] in caught.value.detail


def test_the_queue_beyond_one_machine_needs_its_database() -> None:
    with pytest.raises(ConfigurationError, match=r"DESK_JOBS.*PostgreSQL"):
        Settings.load({"DESK_JOBS": "procrastinate"})


def test_an_unknown_variable_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"DESK_PROT is not a setting.*DESK_PORT"):
        Settings.load({"DESK_PROT": "80"})


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings.load({}).port = 1  # type: ignore[misc]


def test_every_setting_says_what_it_does() -> None:
    assert all(len(text) > 10 and text.endswith(".") for text in documented().values())


def test_the_documentation_agrees() -> None:
    row = re.compile(r"^\| `(DESK_\w+)` \| (.*?) \| (.*) \|$", re.MULTILINE)
    rows = row.findall(DOCS.read_text("utf-8"))
    defaults = {
        f"DESK_{name.upper()}": default
        for name, default in zip(
            Settings.__struct_fields__, Settings.__struct_defaults__, strict=True
        )
    }
    expected = []
    for variable, text in documented().items():
        default = defaults[variable]
        shown = msgspec.json.encode(default).decode().strip('"')
        expected.append((variable, f"`{shown}`" if shown else "", text))
    assert rows == expected


class TestSecretKey:
    def test_a_configured_one_is_used(self, tmp_path: Path) -> None:
        key = "k" * 32
        settings = Settings.load({"DESK_SECRET_KEY": key, "DESK_DATA_DIR": str(tmp_path)})
        assert secret_key(settings) == key
        assert list(tmp_path.iterdir()) == []

    def test_otherwise_one_is_made_once_for_this_machine(self, tmp_path: Path) -> None:
        settings = Settings.load({"DESK_DATA_DIR": str(tmp_path / "data")})
        first = secret_key(settings)
        assert len(first) >= 32
        assert secret_key(settings) == first
        (file,) = (tmp_path / "data").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        other = Settings.load({"DESK_DATA_DIR": str(tmp_path / "other")})
        assert secret_key(other) != first
