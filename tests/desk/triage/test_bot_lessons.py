"""What the bot is taught, through the API: intents, examples, CSV, conflicts, pending changes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from tests.desk.triage.conftest import API, BotDesk


async def call(
    client: httpx.AsyncClient, method: str, path: str, body: Any = None, status: int = 200
) -> Any:
    answer = await client.request(method, f"{API}/bot{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content and "json" in answer.headers["content-type"] else None


async def intent(bot: BotDesk, *texts: str, **more: Any) -> dict[str, Any]:
    name = more.pop("name", f"matter_{uuid4().hex[:8]}")
    made = await call(bot.lead, "POST", "/intents", {"name": name, **more}, 201)
    if texts:
        body = {"text": "\n".join(texts), "language": "en"}
        await call(bot.lead, "POST", f"/intents/{made['id']}/examples", body, 201)
    found: dict[str, Any] = made
    return found


async def pending(bot: BotDesk) -> tuple[int, int]:
    found = await call(bot.lead, "GET", "/intents")
    return found["added"], found["removed"]


async def test_an_editor_counts_what_the_model_in_force_has_not_learnt(bot: BotDesk) -> None:
    before = await pending(bot)
    made = await intent(bot, "Do you ship to the moon?", "Do you ship to the moon?", "Moon parcel")
    assert await pending(bot) == (before[0] + 2, before[1])
    rows = (await call(bot.lead, "GET", f"/intents/{made['id']}/examples"))["items"]
    await call(bot.lead, "DELETE", f"/examples/{rows[0]['id']}", status=204)
    assert await pending(bot) == (before[0] + 1, before[1])
    await call(bot.lead, "PATCH", f"/intents/{made['id']}", {"enabled": False})
    assert await pending(bot) == before
    await call(bot.lead, "DELETE", f"/intents/{made['id']}", status=204)
    assert await pending(bot) == before


async def test_pasted_lines_have_their_languages_made_out(bot: BotDesk) -> None:
    made = await intent(bot)
    body = {"text": "איפה אפשר לקנות אוהל?\n\nWhere can I buy a tent?\n  我在哪里可以买帐篷？ "}
    added = await call(bot.lead, "POST", f"/intents/{made['id']}/examples", body, 201)
    assert added == {"added": 3, "lines": 3}
    found = await call(bot.lead, "GET", f"/intents/{made['id']}/examples")
    assert {one["language"] for one in found["items"]} == {"he", "en", "zh"}
    (hebrew,) = (await call(bot.lead, "GET", f"/intents/{made['id']}/examples?language=he"))[
        "items"
    ]
    assert hebrew["text"] == "איפה אפשר לקנות אוהל?"
    (named,) = (await call(bot.lead, "GET", "/intents?q=buy a TENT"))["items"]
    assert (named["id"], named["examples"]) == (made["id"], {"he": 1, "en": 1, "zh": 1})
    await call(bot.lead, "DELETE", f"/intents/{made['id']}", status=204)


async def test_a_name_that_is_taken_or_none_is_refused_with_what_to_write(bot: BotDesk) -> None:
    made = await intent(bot)
    other = await intent(bot)
    await call(bot.lead, "PATCH", f"/intents/{other['id']}", {"name": made["name"]}, 409)
    refused = await call(bot.lead, "POST", "/intents", {"name": "Größe"}, 422)
    assert "small letters" in str(refused)
    new = f"renamed_{uuid4().hex[:6]}"
    inbox = await bot.chat(forms=[{"intent": made["name"], "fields": []}])
    await call(bot.lead, "PATCH", f"/intents/{made['id']}", {"name": new})
    setting = await call(bot.lead, "GET", f"/inboxes/{inbox.id}")
    assert [form["intent"] for form in setting["forms"]] == [new]
    for one in (made, other):
        await call(bot.lead, "DELETE", f"/intents/{one['id']}", status=204)


async def test_csv_is_looked_at_first_then_taken_in_and_comes_out_again(bot: BotDesk) -> None:
    name = f"csv_{uuid4().hex[:8]}"
    text = (
        f'\ufeffIntent,Language,Text\r\n{name},en,"Where, please, is it?"\r\n'
        f"{name},,איפה זה נמצא בבקשה?\r\nNot a name,en,hello\r\n"
        f"{name},en,=SUM(A1)\r\n{name},en,\r\n"
    )
    body = {"csv": text, "dry_run": True}
    looked = await call(bot.lead, "POST", "/examples/import", body)
    assert (looked["added"], looked["intents"]) == (3, [name])
    assert [one["line"] for one in looked["problems"]] == [4, 6]
    names = {one["name"] for one in (await call(bot.lead, "GET", "/intents"))["items"]}
    assert name not in names
    done = await call(bot.lead, "POST", "/examples/import", body | {"dry_run": False})
    assert done == looked
    out = await bot.lead.get(f"{API}/bot/examples.csv")
    assert out.headers["content-type"].startswith("text/csv")
    lines = [line for line in out.text.splitlines() if line.startswith(name)]
    assert f'{name},en,"Where, please, is it?"' in lines
    assert f"{name},en,'=SUM(A1)" in lines
    assert f"{name},he,איפה זה נמצא בבקשה?" in lines
    again = await call(bot.lead, "POST", "/examples/import", {"csv": out.text})
    assert (again["added"], again["intents"], again["problems"]) == (0, [], [])
    refused = await call(bot.lead, "POST", "/examples/import", {"csv": "a,b\n1,2"}, 422)
    assert "intent,language,text" in str(refused)
    (made,) = (await call(bot.lead, "GET", f"/intents?q={name}"))["items"]
    await call(bot.lead, "DELETE", f"/intents/{made['id']}", status=204)


async def test_two_intents_that_say_the_same_are_shown_and_one_is_moved(bot: BotDesk) -> None:
    one = await intent(bot, "How do I wash the sleeping bag?", "Washing instructions")
    other = await intent(bot, "How do I wash the sleeping bag", "Which tent is the lightest?")
    pairs = (await call(bot.lead, "GET", "/conflicts"))["items"]
    (pair,) = [
        pair
        for pair in pairs
        if {pair["one"]["intent"], pair["other"]["intent"]} == {one["name"], other["name"]}
    ]
    assert {pair["one"]["text"], pair["other"]["text"]} == {
        "How do I wash the sleeping bag?",
        "How do I wash the sleeping bag",
    }
    side = pair["one"] if pair["one"]["intent"] == other["name"] else pair["other"]
    body = {"intent_id": one["id"]}
    await call(bot.lead, "POST", f"/examples/{side['example_id']}/move", body, 204)
    pairs = (await call(bot.lead, "GET", "/conflicts"))["items"]
    assert not [
        pair for pair in pairs if one["name"] in (pair["one"]["intent"], pair["other"]["intent"])
    ]
    counts = {
        row["id"]: row["examples"] for row in (await call(bot.lead, "GET", "/intents"))["items"]
    }
    assert (counts[one["id"]], counts[other["id"]]) == ({"en": 3}, {"en": 1})
    for made in (one, other):
        await call(bot.lead, "DELETE", f"/intents/{made['id']}", status=204)


async def test_an_intent_that_is_switched_off_is_not_answered_any_more(bot: BotDesk) -> None:
    inbox = await bot.chat()
    (gift,) = (await call(bot.lead, "GET", "/intents?q=gift_card"))["items"]
    body = {"inbox_id": str(inbox.id), "text": "Do you sell gift cards?"}
    on = await call(bot.lead, "POST", "/try", body)
    assert "gift" in str(on["why"]["intents"][0])
    await call(bot.lead, "PATCH", f"/intents/{gift['id']}", {"enabled": False})
    try:
        off = await call(bot.lead, "POST", "/try", body)
        assert "two years" not in str(off["bubbles"])
        assert "gift_card" not in str(off["bubbles"])
    finally:
        await call(bot.lead, "PATCH", f"/intents/{gift['id']}", {"enabled": True})


async def test_only_those_who_look_after_the_bot_get_in(bot: BotDesk) -> None:
    _, agent = await bot.whole.agent("agent")
    for method, path in (
        ("GET", "/intents"),
        ("POST", "/intents"),
        ("GET", "/conflicts"),
        ("GET", "/examples.csv"),
        ("POST", "/examples/import"),
        ("POST", "/try"),
        ("POST", "/forms/preview"),
        ("GET", "/defaults"),
        ("PUT", "/defaults"),
        ("DELETE", f"/intents/{uuid4()}"),
        ("DELETE", f"/examples/{uuid4()}"),
    ):
        answer = await agent.request(method, f"{API}/bot{path}", json={})
        assert answer.status_code == 403, (method, path)
