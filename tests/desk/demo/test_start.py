"""`desk demo` from outside: as a newcomer meets it."""

from __future__ import annotations

import re
import smtplib
import socket
import subprocess
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.desk.demo.conftest import Running, command, environment, free_ports, run

pytestmark = pytest.mark.timeout(300)  # each start loads a desk's history

SECONDS = 15  # patience under load; on a quiet machine all of it is there in one or two


def eventually(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + SECONDS
    while True:
        found = look()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def newest(agent: httpx.Client, subject: str) -> Any:
    items = agent.get("/api/v1/tickets?limit=5").json()["items"]
    return next((item for item in items if item["subject"] == subject), None)


def send(demo: Running, subject: str, text: str) -> str:
    mail = EmailMessage()
    mail["From"] = "Newcomer <newcomer@customer.example>"
    mail["To"] = "support@demo.example"
    mail["Subject"] = subject
    mail["Message-ID"] = message_id = f"<{uuid4()}@customer.example>"
    mail.set_content(text)
    with smtplib.SMTP("127.0.0.1", demo.ports["SMTP"], timeout=10) as server:
        server.send_message(mail)
    return message_id


@pytest.mark.parametrize("login", ["agent", "lead", "editor", "admin"])
def test_every_login_works_and_is_told(demo: Running, login: str) -> None:
    with demo.sign_in(login) as agent:
        session = agent.get("/api/v1/session").json()
    assert session["agent"]["role"] == login
    assert session["desk"]["demo"] is True
    assert f"{login}@demo.example" in demo.words
    assert "parley-demo" in demo.words


def test_there_is_something_to_look_at(demo: Running) -> None:
    with demo.sign_in("agent") as agent:
        rows: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            page = agent.get(f"/api/v1/tickets?limit=200&cursor={cursor}").json()
            rows += page["items"]
            cursor = page["next_cursor"]
        inboxes = agent.get("/api/v1/inboxes").json()["items"]
        teams = agent.get("/api/v1/teams").json()["items"]
        agents = agent.get("/api/v1/agents").json()["items"]
        counts = agent.get("/api/v1/tickets/counts").json()
    assert len(rows) >= 300
    assert len({row["locale"] for row in rows}) == 10
    assert {"new", "open", "pending", "resolved", "closed"} <= {row["status"] for row in rows}
    unread = sum(row["unread"] for row in rows)
    assert 0 < unread < 60
    assert counts["mine"] > 0
    assert {inbox["address"] for inbox in inboxes} >= {"support@demo.example", "demo-shop"}
    assert len(teams) == 4
    assert 6 <= len(agents) <= 8


def test_a_mail_opens_a_ticket_and_its_answer_lands_in_the_sink(demo: Running) -> None:
    subject = f"Do you sell maps? {uuid4().hex[:6]}"
    message_id = send(demo, subject, "Of the whole coast, please.")
    with demo.sign_in("agent") as agent:
        ticket = eventually(lambda: newest(agent, subject))
        assert ticket, "the mail is a ticket"
        assert ticket["contact"]["name"] == "Newcomer"
        answer = agent.post(
            f"/api/v1/tickets/{ticket['id']}/messages",
            json={
                "kind": "reply",
                "text": "We do: sheet 1 to 12.",
                "client_id": str(uuid4()),
                "last_seen_seq": ticket["last_seq"],
            },
        )
        assert answer.status_code == 201, answer.text

        def in_sink() -> Any:
            items = agent.get("/demo/mail.json").json()["items"]
            return next((m for m in items if "newcomer@customer.example" in m["recipients"]), None)

        mail = eventually(in_sink)
        assert mail, "the answer was sent"
        assert mail["in_reply_to"] == message_id
        assert "sheet 1 to 12" in mail["text"]
        page = httpx.get(f"{demo.url}/demo/mail/{mail['id']}")
        assert page.status_code == 200
        assert "sheet 1 to 12" in page.text

        back = httpx.post(
            f"{demo.url}/demo/mail",
            data={
                "from": "newcomer@customer.example",
                "to": re.search(r'name="to"[^>]*value="([^"]+)"', page.text)[1],  # type: ignore[index]
                "subject": f"Re: {subject}",
                "text": "All twelve, please.",
                "in_reply_to": mail["message_id"],
            },
        )
        assert back.status_code == 303
        thread = eventually(
            lambda: len(agent.get(f"/api/v1/tickets/{ticket['id']}/messages").json()["items"]) == 3
        )
        assert thread, "the answer to the answer is in the same ticket"


def test_the_sinks_page_keeps_to_the_desks_policy(demo: Running) -> None:
    page = httpx.get(f"{demo.url}/demo/mail")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "<style" not in page.text
    assert "<script>" not in page.text
    assert 'style="' not in page.text
    for name in re.findall(r'(?:href|src)="(/demo/mail/page\.[a-z]+)"', page.text):
        assert httpx.get(f"{demo.url}{name}").status_code == 200
    strange = httpx.post(
        f"{demo.url}/demo/mail",
        data={"from": "a@b.example", "text": "x"},
        headers={"origin": "http://elsewhere.example"},
    )
    assert strange.status_code == 403


def test_the_shop_embeds_the_widget_from_another_origin(demo: Running) -> None:
    page = httpx.get(f"http://127.0.0.1:{demo.ports['SHOP']}/")
    assert page.status_code == 200
    assert "__DESK_ORIGIN__" not in page.text
    assert f"{demo.url}/widget/loader.js" in page.text
    assert "demo-shop" in page.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert f"frame-src {demo.url}" in policy
    config = httpx.get(f"{demo.url}/api/widget/v1/config/demo-shop").json()
    assert f"http://127.0.0.1:{demo.ports['SHOP']}" in config["origins"]
    assert config["email_fallback"] == "support@demo.example"
    assert config["locales"] == ["en", "he"]
    assert httpx.get(f"http://127.0.0.1:{demo.ports['SHOP']}/../pyproject.toml").status_code == 404


@pytest.mark.parametrize("busy", ["", "SMTP", "SHOP", "SINK"])
def test_a_busy_port_is_one_sentence(busy: str, tmp_path: Path) -> None:
    ports = free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[busy]))
        taken.listen()
        ended = subprocess.run(
            command(),
            env=environment(tmp_path / "data", ports),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    variable = f"DESK_{busy}_PORT" if busy else "DESK_PORT"
    assert ended.returncode == 1
    assert variable in ended.stderr
    assert str(ports[busy]) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data").exists(), "nothing half started"


def test_a_second_start_is_quick_and_keeps_what_was_done(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = run(folder)
    try:
        send(first, "Keep me", "please")
        with first.sign_in("agent") as agent:
            assert eventually(lambda: newest(agent, "Keep me"))
    finally:
        first.stop()
    (folder / "mine.txt").write_text("not the desk's")
    second = run(folder)
    try:
        assert "Loading" not in second.words
        with second.sign_in("agent") as agent:
            assert newest(agent, "Keep me")
            assert len(agent.get("/api/v1/tickets?limit=200").json()["items"]) == 200
            # The sink and the shop have moved; the inboxes know.
            config = agent.get("/api/widget/v1/config/demo-shop").json()
        assert f"http://127.0.0.1:{second.ports['SHOP']}" in config["origins"]
    finally:
        second.stop()
    assert second.seconds < max(8, first.seconds), "nothing was loaded again"
    third = run(folder, "--fresh")
    try:
        assert "Loading" in third.words
        with third.sign_in("agent") as agent:
            assert not newest(agent, "Keep me")
    finally:
        third.stop()
    assert (folder / "mine.txt").read_text() == "not the desk's"


def test_it_never_plays_with_a_real_desk(tmp_path: Path) -> None:
    env = environment(tmp_path / "data", free_ports())
    desk = command()[:-1]
    subprocess.run([*desk, "migrate"], env=env, check=True, capture_output=True, timeout=60)
    created = [*desk, "agent", "create", "--email", "ada@company.example", "--name", "Ada"]
    subprocess.run(
        created,
        env={**env, "PARLEY_NEW_PASSWORD": "a long enough one"},
        check=True,
        capture_output=True,
        timeout=60,
    )
    before = (tmp_path / "data" / "desk.sqlite3").stat().st_size
    for option in ((), ("--fresh",)):
        ended = subprocess.run(
            command(*option), env=env, capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 1
        assert "desk run" in ended.stderr
    assert (tmp_path / "data" / "desk.sqlite3").stat().st_size == before


def test_it_runs_on_postgresql_without_a_worker(postgres_url: str, tmp_path: Path) -> None:
    settings = {"DESK_DATABASE_URL": postgres_url, "DESK_WORKER": "false"}
    first = run(tmp_path / "data", **settings)
    first.stop()
    second = run(tmp_path / "data", **settings)
    try:
        with second.sign_in("lead") as lead:
            page = lead.get("/api/v1/tickets?limit=1").json()["items"]
        assert 1300 <= page[0]["number"] < 1320, "loaded once"
        assert "Loading" not in second.words
    finally:
        second.stop()
    third = run(tmp_path / "data", "--fresh", **settings)
    try:
        with third.sign_in("lead") as lead:
            assert 1300 <= lead.get("/api/v1/tickets?limit=1").json()["items"][0]["number"] < 1320
    finally:
        third.stop()
