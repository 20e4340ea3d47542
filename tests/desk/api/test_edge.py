"""What every answer carries, and what is seen of the desk from outside: health, metrics, logs."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import httpx
import pytest
import structlog
from litestar import Response, get
from sqlalchemy import text
from structlog.testing import capture_logs

from desk.api.authentication import PUBLIC
from desk.api.security_headers import content_security_policy
from desk.observability import logs
from desk.settings import Settings
from tests.desk.house import House, build, running


async def test_security_headers_are_on_every_answer(house: House) -> None:
    client = await house.signed_in()
    requests = [
        ("GET", "/api/v1/session", 200),
        ("GET", "/api/v1/audit", 403),
        ("GET", "/nowhere", 404),
        ("PUT", "/api/v1/agents", 405),
        ("POST", "/api/v1/tokens", 422),
        ("GET", "/health/live", 200),
        ("GET", "/schema", 200),
    ]
    for method, path, status in requests:
        answer = await client.request(method, path)
        assert answer.status_code == status, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-request-id"]
        assert "strict-transport-security" not in answer.headers
        private = answer.headers.get("cache-control") == "no-store"
        assert private == path.startswith("/api/")


async def test_over_https_the_browser_is_told_to_stay_there(desk_database_url: str) -> None:
    async with running(build(desk_database_url, public_url="https://desk.example")) as house:
        client = house.client()
        await house.agent()
        answer = await client.post(
            "/api/v1/session",
            json={"email": "agent@desk.test", "password": "correct horse battery"},
        )
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert "; secure" in answer.headers["set-cookie"].lower()
        assert "wss://desk.example" in answer.headers["content-security-policy"]


async def test_a_page_made_to_be_framed_keeps_its_own_policy(desk_database_url: str) -> None:
    policy = content_security_policy("http://desk.test", frame_ancestors="https://shop.example")

    @get("/frame", opt={PUBLIC: True})
    async def frame() -> Response[str]:
        return Response("hello", headers={"Content-Security-Policy": policy})

    async with running(build(desk_database_url, frame)) as house:
        answer = await house.client().get("/frame")
    assert answer.headers.get_list("content-security-policy") == [policy]
    assert "x-frame-options" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_request_id_is_taken_over_or_made(house: House) -> None:
    client = house.client()
    given = await client.get("/health/live", headers={"X-Request-ID": "trace-0123456789"})
    assert given.headers["x-request-id"] == "trace-0123456789"
    for bad in ("short", "with space in it", "x" * 500, 'quote"inside'):
        made = await client.get("/health/live", headers={"X-Request-ID": bad})
        assert made.headers["x-request-id"] != bad
        assert len(made.headers["x-request-id"]) == 32


async def test_the_access_log_names_the_route_and_never_the_query(house: House) -> None:
    client = await house.signed_in("admin")
    with capture_logs() as lines:
        await client.get("/api/v1/audit?cursor=secret-thing")
        await client.delete("/api/v1/tokens/01a201b6-42e7-7061-84fe-dfaa3c4be99d")
        await house.client().get("/wp-admin/secret-thing")
    access = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["route"], line["status"]) for line in access] == [
        ("GET", "/api/v1/audit", 422),
        ("DELETE", "/api/v1/tokens/{token_id}", 404),
        ("GET", "(none)", 404),
    ]
    assert access[0]["agent_id"] is not None
    assert access[2]["agent_id"] is None
    assert access[0]["ms"] >= 0
    assert "secret-thing" not in json.dumps(access)


async def test_live_and_ready(house: House) -> None:
    client = house.client()
    assert (await client.get("/health/live")).json()["status"] == "ok"
    ready = await client.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json()["checks"] == {"database": "ok", "migrations": "ok", "queue": "ok"}


async def test_not_ready_says_what_is_wrong(house: House) -> None:
    client = house.client()
    house.queue.running = False
    async with house.core.units.write() as work:
        await work.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "ok"
    assert "0000" in answer.json()["checks"]["migrations"]
    assert answer.json()["checks"]["queue"] == "the queue does not run"


async def test_metrics_show_requests_jobs_and_events(house: House) -> None:
    client = await house.signed_in()
    await client.get("/api/v1/agents")
    await client.get("/wp-login.php")
    house.core.metrics.socket_opened("/agent")
    shown = (await client.get("/metrics")).text
    assert 'desk_http_requests_total{method="GET",route="/api/v1/agents",status="200"} 1.0' in shown
    assert 'route="(none)",status="404"' in shown
    assert "wp-login" not in shown
    assert 'desk_jobs{state="ready"} 3.0' in shown
    assert 'desk_sockets{namespace="/agent"} 1.0' in shown
    assert 'desk_events_total{kind="session.started"} 1.0' in shown
    assert "process_resident_memory_bytes" in shown


async def test_metrics_without_a_token_are_for_this_machine(house: House) -> None:
    assert (await house.client().get("/metrics")).status_code == 200
    assert (await house.client(ip="203.0.113.9").get("/metrics")).status_code == 403
    proxied = await house.client().get("/metrics", headers={"X-Forwarded-For": "1.2.3.4"})
    assert proxied.status_code == 403


async def test_metrics_with_a_token_ask_for_it(desk_database_url: str) -> None:
    async with running(build(desk_database_url, metrics_token="let me see")) as house:
        client = house.client(ip="203.0.113.9")
        assert (await client.get("/metrics")).status_code == 401
        wrong = await client.get("/metrics", headers={"Authorization": "Bearer no"})
        assert wrong.status_code == 401
        right = await client.get("/metrics", headers={"Authorization": "Bearer let me see"})
        assert right.status_code == 200


@pytest.fixture
def logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs._NOISY}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


@pytest.mark.usefixtures("logging_restored")
async def test_calls_to_providers_are_logged_without_their_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Telegram has its token in the path, Meta a proof of the app's secret in the query."""
    logs.configure(Settings(log_format="json", log_level="info"))
    logging.getLogger("httpx").setLevel(logging.INFO)
    transport = httpx.MockTransport(lambda _request: httpx.Response(200))
    async with httpx.AsyncClient(transport=transport) as client:
        await client.post("https://api.provider.example/bot123:SECRET/send")
        await client.get("https://graph.provider.example/me", params={"appsecret_proof": "PROOF"})
    told = capsys.readouterr().err
    assert "SECRET" not in told
    assert "PROOF" not in told
    assert "POST https://api.provider.example/... " in told
    assert "200 OK" in told


@pytest.mark.usefixtures("logging_restored")
def test_json_lines_hold_the_request_id_and_other_libraries_lines_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(Settings(log_format="json", log_level="info"))
    log = structlog.get_logger("desk.test")
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        log.info("something", count=1)
        log.debug("quiet")
        logging.getLogger("elsewhere").warning("old %s", "style")
        try:
            int("why")
        except ValueError:
            log.exception("broke")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["something", "old style", "broke"]
    assert {line["request_id"] for line in lines} == {"abc"}
    assert lines[0]["level"] == "info"
    assert lines[0]["logger"] == "desk.test"
    assert lines[0]["timestamp"].endswith("Z")
    assert "why" in json.dumps(lines[2]["exception"])
