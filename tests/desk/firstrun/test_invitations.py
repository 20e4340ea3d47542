"""Invitations: one link, one use, one week."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest

from desk.firstrun.rules import invitation_of, invitation_token
from tests.desk.house import House, sign_in
from tests.desk.sink import body_of
from tests.desk.whole import Whole

SECRET_WORDS = "a password of one's own"


async def invite(client: httpx.AsyncClient, email: str = "bo@desk.test", **more: Any) -> str:
    """Invite somebody; the token in the link."""
    answer = await client.post("/api/v1/invitations", json={"email": email, **more})
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["url"].partition("#")[2]
    return token


async def accept(house: House, token: str, **more: Any) -> httpx.Response:
    body = {"token": token, "password": SECRET_WORDS, **more}
    return await house.client().post("/api/v1/invitations/accept", json=body)


async def test_the_link_lets_a_colleague_in_once(house: House) -> None:
    admin = await house.signed_in("admin")
    token = await invite(admin, role="lead")
    seen = await house.client().post("/api/v1/invitations/look", json={"token": token})
    assert seen.json() == {"desk": "Parley", "email": "bo@desk.test", "name": "bo"}
    answer = await accept(house, token, name="Bo Berg")
    assert answer.status_code == 201, answer.text
    assert (answer.json()["agent"]["name"], answer.json()["agent"]["role"]) == ("Bo Berg", "lead")
    assert (await sign_in(house.client(), "bo@desk.test", SECRET_WORDS)).status_code == 201
    again = await accept(house, token, password="another password")
    assert again.status_code == 410
    assert (await sign_in(house.client(), "bo@desk.test", "another password")).status_code == 401


async def test_a_link_runs_out_and_a_new_one_voids_it(house: House) -> None:
    admin = await house.signed_in("admin")
    first = await invite(admin)
    second = await invite(admin)
    assert (await accept(house, first)).status_code == 404
    house.clock.forward(days=7)
    refused = await accept(house, second)
    assert refused.status_code == 410
    assert "new one" in refused.json()["detail"]


async def test_a_deactivated_agent_s_link_is_dead(house: House) -> None:
    admin = await house.signed_in("admin")
    answer = await admin.post("/api/v1/invitations", json={"email": "bo@desk.test"})
    agent = answer.json()["agent"]["id"]
    await admin.patch(f"/api/v1/agents/{agent}", json={"active": False})
    assert (await accept(house, answer.json()["url"].partition("#")[2])).status_code == 404


async def test_forged_tokens_are_refused(house: House) -> None:
    admin = await house.signed_in("admin")
    token = await invite(admin)
    known = invitation_of(house.core.secret, token)
    forged = [
        "",
        "nonsense",
        known.hex,
        f"{known.hex}.",
        invitation_token("another secret", known),
        invitation_token(house.core.secret, UUID(int=7)),
        f"{token}x",
        "é" * 50,
    ]
    for text in forged:
        assert (await accept(house, text)).status_code == 404, text
    assert (await accept(house, token)).status_code == 201


async def test_whoever_works_here_already_is_not_invited(house: House) -> None:
    admin = await house.signed_in("admin")
    await house.agent("agent", email="known@desk.test")
    answer = await admin.post("/api/v1/invitations", json={"email": "KNOWN@desk.test"})
    assert answer.status_code == 409
    assert "works here already" in answer.json()["detail"]


async def test_without_a_mail_inbox_there_is_only_the_link(house: House) -> None:
    admin = await house.signed_in("admin")
    answer = await admin.post("/api/v1/invitations", json={"email": "bo@desk.test"})
    assert answer.json()["mailed"] is False


async def test_short_passwords_are_refused(house: House) -> None:
    token = await invite(await house.signed_in("admin"))
    assert (await accept(house, token, password="short")).status_code in {400, 422}
    assert (await accept(house, token)).status_code == 201


@pytest.mark.parametrize(("locale", "words"), [("en", "Choose a password"), ("he", "בחירת סיסמה")])
async def test_the_mail_brings_the_link_in_the_invited_s_language(
    mailing: Whole, locale: str, words: str
) -> None:
    _, admin = await mailing.agent("admin")
    answer = await admin.post(
        "/api/v1/invitations", json={"email": f"{locale}@colleague.test", "locale": locale}
    )
    assert answer.json()["mailed"] is True
    await mailing.settled()
    mail = mailing.sink.to(f"{locale}@colleague.test")[-1]
    text = body_of(mail)
    assert words in text
    assert answer.json()["url"] in text
