"""What customers and carriers tell us through Twilio."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest

from channels.contract import BadSignature, InboundMessage, RawPayload, StatusUpdate, Unparsable
from channels.sms.adapter import SmsChannel
from channels.sms.keywords import keyword_of
from channels.sms.numbers import e164, read_party
from channels.sms.webhook import read_form
from tests.channels.sms.samples import CONFIG, URL, form, signed, webhook, with_options

channel = SmsChannel()


def message(name: str) -> InboundMessage:
    (found,) = channel.parse(form(name), CONFIG)
    return cast("InboundMessage", found)


def status(name: str, url: str = URL) -> StatusUpdate:
    (found,) = channel.parse(form(name, url), CONFIG)
    return cast("StatusUpdate", found)


def test_a_text_message() -> None:
    found = message("sms")
    assert found.text == "Hei! Hvor er pakken min? 📦"
    assert (found.sender.kind, found.sender.value) == ("phone", "+4790000001")
    assert not found.sender.verified
    assert found.to[0].value == "+15005550006"
    assert found.external_id == f"SM{1:032x}"
    assert found.extra["FromCountry"] == "NO"
    assert found.keyword is None


def test_the_files_of_an_mms_are_named_for_fetching() -> None:
    found = message("mms")
    assert [one.content_type for one in found.media] == ["image/jpeg", "video/3gpp"]
    assert found.media[0].ref.startswith("https://api.twilio.com/")
    assert found.problems == ()


def test_a_file_that_was_announced_and_is_missing_is_told() -> None:
    found = channel.parse(webhook({"MessageSid": "MM1", "From": "+4790000001",
                                   "NumMedia": "2", "MediaUrl0": "https://x.example/1"}),
                          CONFIG)  # fmt: skip
    assert cast("InboundMessage", found[0]).problems == ("2 files were announced, 1 are named",)


def test_twilios_reading_of_stop_decides() -> None:
    assert message("stop-advanced").keyword == "stop"
    assert message("keyword-arret").keyword == "stop"


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("STOP", "stop"), (" stop. ", "stop"), ("Stop all", "stop"), ("OPT-OUT", "stop"),
        ("Arrêt", "stop"), ("ARRET", "stop"), ("Baja", "stop"), ("STOPP!", "stop"),
        ("הסר", "stop"), ("إلغاء", "stop"), ("退订", "stop"), ("ｓｔｏｐ", "stop"),
        ("START", "start"), ("unstop", "start"), ("HELP", "help"), ("Hjelp", "help"),
        ("stop sending me the wrong size", None), ("please help", None), ("yes", None),
        ("", None), ("!!!", None), ("don't stop", None), ("start over please", None),
    ],
)  # fmt: skip
def test_a_keyword_is_the_whole_message_in_any_language(text: str, keyword: str | None) -> None:
    assert keyword_of(text) == keyword


def test_short_codes_and_names_are_kept_and_are_no_phone_numbers() -> None:
    short, named = message("short-code"), message("alphanumeric")
    assert (short.sender.kind, short.sender.value) == ("sms", "12345")
    assert (named.sender.kind, named.sender.value) == ("sms", "BANK")
    assert read_party("90000001", "NO").value == "90000001"  # as long as a short code may be
    assert e164("(0)6 12 34 56 78", "FR") == "+33612345678"


def test_whatsapp_by_twilio_reads_like_a_message() -> None:
    place, button = message("whatsapp-location"), message("whatsapp-button")
    assert place.sender.value == "+4790000001"
    assert place.sender.name == "Kari Nordmann"
    assert place.text == "Shop Storgata 1 (59.91, 10.75)"
    assert place.conversation == "whatsapp:+4790000001"
    assert button.text == "Yes, please"
    assert button.extra["payload"] == "yes-1"
    assert button.in_reply_to == f"SM{77:032x}"


def test_an_empty_message_is_kept() -> None:
    assert message("empty").text == ""


@pytest.mark.parametrize(
    ("name", "state", "permanent", "words"),
    [
        ("status-queued", "sent", False, ""),
        ("status-sent", "sent", False, ""),
        ("status-delivered", "delivered", False, ""),
        ("status-read", "read", False, ""),
        ("status-undelivered", "failed", True, "no longer in service"),
        ("status-failed-21610", "failed", True, "opted out"),
        ("status-failed-30003", "failed", False, "switched off"),
    ],
)
def test_statuses(name: str, state: str, permanent: bool, words: str) -> None:
    found = status(name)
    assert (found.state, found.permanent) == (state, permanent)
    assert words in found.reason


def test_a_status_carries_the_carriers_time_and_our_key() -> None:
    found = status("status-delivered", f"{URL}?key=message-7")
    assert found.at == datetime(2026, 11, 25, 7, 12, tzinfo=UTC)
    assert found.key == "message-7"


def test_each_status_is_a_payload_of_its_own_in_the_customers_lane() -> None:
    names = ("sms", "status-sent", "status-delivered", "status-failed-30003")
    keys = [channel.key(form(name), CONFIG) for name in names]
    assert len({one.external_id for one in keys}) == len(keys)
    assert {one.lane for one in keys} == {"phone:+4790000001"}
    assert keys[1].external_id == f"SM{77:032x}:sent"


def test_a_message_of_another_account_is_refused() -> None:
    with pytest.raises(Unparsable, match="another account"):
        channel.parse(form("sms"), with_options(account_sid="AC" + "f" * 32))


def test_what_is_no_message_is_refused_in_words() -> None:
    with pytest.raises(Unparsable, match="MessageSid"):
        channel.parse(webhook({"CallSid": "CA1"}), CONFIG)
    with pytest.raises(Unparsable, match="status that is not known"):
        channel.parse(webhook({"MessageSid": "SM1", "MessageStatus": "teleported"}), CONFIG)


def test_the_answer_is_empty_twiml() -> None:
    answer = channel.accepted(form("sms"), CONFIG)
    assert b"<Response></Response>" in answer.body
    assert answer.content_type.startswith("text/xml")


class TestSignature:
    """X-Twilio-Signature, over the URL and the fields."""

    payload = form("sms")
    good = signed(payload, read_form(payload))

    def test_what_twilio_signed_passes(self) -> None:
        channel.verify(self.good, CONFIG)

    def test_a_default_port_in_the_url_makes_no_difference(self) -> None:
        url = URL.replace("desk.example", "desk.example:443")
        channel.verify(replace(self.good, url=url), CONFIG)

    def test_repeated_fields_are_signed_together(self) -> None:
        url = URL
        payload = replace(self.payload, body=b"MessageSid=SM1&MediaUrl=b&MediaUrl=a", url=url)
        channel.verify(signed(payload, read_form(payload)), CONFIG)

    @pytest.mark.parametrize(
        "change",
        [
            {"body": payload.body + b"&Extra=1"},
            {"body": payload.body.replace(b"pakken", b"pengene")},
            {"url": URL + "?key=1"},
            {"headers": {}},
            {"headers": {"x-twilio-signature": "AAAA"}},
            {"content_type": "application/json"},
        ],
    )
    def test_anything_else_does_not(self, change: dict[str, object]) -> None:
        with pytest.raises(BadSignature):
            channel.verify(replace(self.good, **change), CONFIG)  # type: ignore[arg-type]

    def test_another_accounts_token_does_not(self) -> None:
        other = signed(self.payload, read_form(self.payload), token="other")
        with pytest.raises(BadSignature):
            channel.verify(other, CONFIG)

    def test_a_json_body_is_covered_by_its_hash_in_the_url(self) -> None:
        body = b'{"MessageSid": "SM1", "From": "+4790000001", "Body": "hi"}'
        digest = "c2d5" * 16
        bad = RawPayload(body, {}, "application/json", f"{URL}?bodySHA256={digest}")
        with pytest.raises(BadSignature):
            channel.verify(signed(bad, {}), CONFIG)
        import hashlib

        url = f"{URL}?bodySHA256={hashlib.sha256(body).hexdigest()}"
        good = signed(replace(bad, url=url), {})
        channel.verify(good, CONFIG)
        assert cast("InboundMessage", channel.parse(good, CONFIG)[0]).text == "hi"

    def test_a_get_is_covered_by_its_url(self) -> None:
        url = f"{URL}?MessageSid=SM1&From=%2B4790000001&Body=hi"
        payload = signed(RawPayload(b"", {}, "", url, method="GET"), {})
        channel.verify(payload, CONFIG)
        assert channel.key(payload, CONFIG).external_id == "SM1"

    def test_a_shared_key_signs_with_sha256(self) -> None:
        payload = signed(self.payload, read_form(self.payload), algorithm="HMAC_SHA256")
        header = {"x-twilio-webhooks-signature-settings": "key=k1,algorithm=HMAC_SHA256"}
        channel.verify(replace(payload, headers={**payload.headers, **header}), CONFIG)
        with pytest.raises(BadSignature):
            channel.verify(payload, CONFIG)

    def test_without_a_token_nothing_passes(self) -> None:
        with pytest.raises(BadSignature, match="auth_token"):
            channel.verify(self.good, replace(CONFIG, secrets={}))
