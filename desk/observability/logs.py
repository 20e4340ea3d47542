"""Log lines: for people on a console, or JSON for machines. Configured once per process."""

from __future__ import annotations

import logging
import sys
from typing import Any

import httpx
import msgspec
import structlog
from structlog.typing import Processor

from desk.settings import Settings

_NOISY = (
    "alembic",
    "engineio",
    "httpcore",
    "httpx",
    "mail.log",
    "socketio",
    "uvicorn.access",
    "uvicorn.error",
)
# Local variables stay out of tracebacks: they hold secrets and customers' words.
_JSON_TRACEBACK = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


class _WithoutSecrets(logging.Filter):
    """Providers want tokens and proofs in paths and queries: of a URL only its host is shown."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the URLs among the line's parts; the line itself always goes on."""
        if isinstance(record.args, tuple):
            record.args = tuple(_host_only(part) for part in record.args)
        return True


def _host_only(part: object) -> object:
    if isinstance(part, str) and part.startswith(("http://", "https://")):
        part = httpx.URL(part)  # another filter has been here before
    if not isinstance(part, httpx.URL):
        return part
    port = f":{part.port}" if part.port else ""
    return f"{part.scheme}://{part.host}{port}/..."


_WITHOUT_SECRETS = _WithoutSecrets()


def configure(settings: Settings) -> None:
    """Send structlog's and the standard library's lines to stderr in one format."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[Processor] = (
        [_JSON_TRACEBACK, structlog.processors.JSONRenderer(_dumps)]
        if settings.log_format == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.getLogger("httpx").addFilter(_WITHOUT_SECRETS)


def _dumps(value: Any, **_: Any) -> str:  # noqa: ANN401 - structlog's signature
    return msgspec.json.encode(value, enc_hook=str).decode()
