"""The desk's settings: frozen, read once from `DESK_*` environment variables, each documented.

Nothing else in the project reads the environment. `docs/settings.md` is checked against
`documented()` by a test.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args, get_type_hints

import msgspec
from msgspec import Meta

from desk.errors import ConfigurationError

PREFIX = "DESK_"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be configured from outside, with defaults that suit one machine."""

    host: Annotated[str, Meta(description="Address the web process listens on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port of the web process.")] = 8080
    public_url: Annotated[
        str,
        Meta(
            description=(
                "URL under which browsers and providers reach the desk, no slash at the "
                "end. Default: http://HOST:PORT."
            )
        ),
    ] = ""
    data_dir: Annotated[
        str, Meta(description="Folder for the database, attachments and generated secrets.")
    ] = "data"
    database_url: Annotated[
        str,
        Meta(
            description=(
                "SQLAlchemy URL: sqlite+inline:///PATH (default, in the data folder), "
                "sqlite+aiosqlite:///PATH for slow disks, or "
                "postgresql+psycopg://USER:PASSWORD@HOST/DB."
            )
        ),
    ] = ""
    redis_url: Annotated[
        str,
        Meta(
            description=(
                "redis:// URL for live updates between several web processes. Empty: one process."
            )
        ),
    ] = ""
    jobs: Annotated[
        Literal["auto", "embedded", "procrastinate"],
        Meta(description=("Job queue. auto: embedded on SQLite, procrastinate on PostgreSQL.")),
    ] = "auto"
    worker: Annotated[
        bool,
        Meta(
            description=(
                "Whether the web process also runs jobs and listeners. Off when `desk "
                "worker` runs beside it."
            )
        ),
    ] = True
    worker_concurrency: Annotated[
        int, Meta(ge=1, le=64, description="How many jobs run at once in one process.")
    ] = 8
    secret_key: Annotated[
        str,
        Meta(
            description=(
                "At least 32 characters; signs tokens and encrypts inbox secrets. Default: "
                "generated once into the data folder. Set it when several machines run the "
                "desk."
            )
        ),
    ] = ""
    session_hours: Annotated[
        int,
        Meta(
            ge=1, le=24 * 90, description="Hours of inactivity after which an agent signs in again."
        ),
    ] = 12
    smtp_host: Annotated[str, Meta(description="Address the SMTP listener binds to.")] = "127.0.0.1"
    smtp_port: Annotated[
        int,
        Meta(
            ge=0,
            le=65535,
            description="Port of the SMTP listener for inbound mail. 0: any free one.",
        ),
    ] = 8025
    smtp_enabled: Annotated[bool, Meta(description="Whether inbound mail is taken over SMTP.")] = (
        True
    )
    lmtp: Annotated[bool, Meta(description="Speak LMTP instead of SMTP on that port.")] = False
    max_message_bytes: Annotated[
        int, Meta(ge=1024, description="Largest mail or webhook body that is taken, in bytes.")
    ] = 50 * 1024 * 1024
    max_attachment_bytes: Annotated[
        int, Meta(ge=1024, description="Largest file an agent or visitor may upload, in bytes.")
    ] = 25 * 1024 * 1024
    trusted_proxies: Annotated[
        str,
        Meta(
            description=(
                "Comma-separated addresses of reverse proxies whose X-Forwarded-For is believed."
            )
        ),
    ] = ""
    log_format: Annotated[Literal["console", "json"], Meta(description="How logs are written.")] = (
        "console"
    )
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="Least severe line that is logged."),
    ] = "info"
    metrics_token: Annotated[
        str,
        Meta(
            description=("Bearer token that /metrics asks for. Empty: answered on loopback only.")
        ),
    ] = ""
    login_attempts: Annotated[
        int,
        Meta(
            ge=1,
            description=(
                "Failed sign-ins per address and account within five minutes before a pause."
            ),
        ),
    ] = 10
    api_rate: Annotated[int, Meta(ge=1, description="API requests per minute and caller.")] = 1200
    webhook_rate: Annotated[
        int, Meta(ge=1, description="Webhook requests per minute, inbox and calling network.")
    ] = 12_000
    visitor_rate: Annotated[
        int, Meta(ge=1, description="Chat messages per minute and visitor.")
    ] = 30
    email_handover_seconds: Annotated[
        int,
        Meta(
            ge=0, description=("After how many seconds an unseen chat answer is also sent by mail.")
        ),
    ] = 60
    meilisearch_url: Annotated[
        str,
        Meta(
            description=(
                "URL of a Meilisearch server for the knowledge base. Empty: the database searches."
            )
        ),
    ] = ""
    meilisearch_key: Annotated[str, Meta(description="API key of that Meilisearch server.")] = ""
    rasa_url: Annotated[
        str, Meta(description=("URL of a Rasa server for the bot. Empty: the embedded engine."))
    ] = ""
    rasa_token: Annotated[str, Meta(description="Token of that Rasa server.")] = ""
    demo: Annotated[
        bool, Meta(description="Demo mode: demo data, a mail sink and a demo shop.")
    ] = False
    shop_port: Annotated[
        int,
        Meta(
            ge=0,
            le=65535,
            description=(
                "Demo mode: port of the shop page that embeds the widget from another origin."
            ),
        ),
    ] = 8081
    sink_port: Annotated[
        int,
        Meta(
            ge=0,
            le=65535,
            description=("Demo mode: port of the SMTP sink that receives what the desk sends."),
        ),
    ] = 8026

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read `DESK_*` variables. Raises ConfigurationError naming the variable and the mend."""
        source = os.environ if environ is None else environ
        values: dict[str, object] = {}
        known = set(cls.__struct_fields__)
        switches = {name for name, hint in get_type_hints(cls).items() if hint is bool}
        for name, text in source.items():
            if not name.startswith(PREFIX):
                continue
            field = name.removeprefix(PREFIX).lower()
            if field not in known:
                near = ", ".join(sorted(PREFIX + k.upper() for k in known))
                raise ConfigurationError(f"{name} is not a setting. There are: {near}.")
            if text != "":
                values[field] = _switch(text) if field in switches else text
        try:
            settings = msgspec.convert(values, cls, strict=False)
        except msgspec.ValidationError as error:
            where = str(error)
            field = where.rpartition("$.")[2].rstrip("`") if "$." in where else ""
            doc = documented().get(PREFIX + field.upper(), "")
            raise ConfigurationError(f"{PREFIX}{field.upper()}: {where}. {doc}".strip()) from error
        return settings.completed()

    def completed(self) -> Settings:
        """Fill in the values that follow from others. Creates nothing on disk."""
        public = self.public_url or f"http://{self.host}:{self.port}"
        database = self.database_url
        if not database:
            database = f"sqlite+inline:///{Path(self.data_dir).absolute() / 'desk.sqlite3'}"
        if self.secret_key and len(self.secret_key) < 32:  # noqa: PLR2004 - stated in the description
            raise ConfigurationError("DESK_SECRET_KEY must have at least 32 characters.")
        if self.jobs == "procrastinate" and database.startswith("sqlite"):
            raise ConfigurationError(
                "DESK_JOBS=procrastinate needs PostgreSQL: set DESK_DATABASE_URL, or use auto."
            )
        return msgspec.structs.replace(self, public_url=public.rstrip("/"), database_url=database)

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is in use."""
        return self.database_url.startswith("sqlite")

    @property
    def queue(self) -> Literal["embedded", "procrastinate"]:
        """The job queue after `auto` is resolved."""
        if self.jobs != "auto":
            return self.jobs
        return "embedded" if self.is_sqlite else "procrastinate"

    @property
    def data_path(self) -> Path:
        """The data folder, absolute."""
        return Path(self.data_dir).absolute()


def _switch(text: str) -> str:
    """Booleans as people write them."""
    lowered = text.strip().lower()
    if lowered in {"yes", "on", "true"}:
        return "true"
    if lowered in {"no", "off", "false"}:
        return "false"
    return text


def documented() -> dict[str, str]:
    """Every variable and what it does, in the order of the class."""
    result: dict[str, str] = {}
    hints = get_type_hints(Settings, include_extras=True)
    for field in Settings.__struct_fields__:
        meta = next((a for a in get_args(hints[field]) if isinstance(a, Meta)), None)
        result[PREFIX + field.upper()] = (meta.description or "") if meta else ""
    return result


def secret_key(settings: Settings) -> str:
    """The configured key, or one generated once into the data folder (mode 0600)."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_path / "secret.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    return path.read_text().strip()
