"""When an address is given up for dead, and what only looks like a failure report."""
# ruff: noqa: E501 - sample mails stay in one piece

from __future__ import annotations

import pytest

from channels.contract import Bounce, InboundMessage
from channels.email.parse import parse_email

WHO = "kiji@example.jp"


def report(text: str, subject: str = "Undelivered Mail Returned to Sender", **fields: str) -> bytes:
    head = {
        "From": "MAILER-DAEMON@mx.example",
        "To": "support@desk.example",
        "Subject": subject,
        "Content-Type": "text/plain; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    return ("".join(f"{k}: {v}\r\n" for k, v in head.items()) + "\r\n" + text).encode()


def bounce_of(text: str, subject: str = "Undelivered Mail Returned to Sender") -> Bounce:
    mail = parse_email(report(text.replace("\n", "\r\n"), subject))
    assert mail.bounce is not None
    return mail.bounce


@pytest.mark.parametrize(("words", "dead"), [
    (f"<{WHO}>: host mx.example[192.0.2.1] said: 550 {WHO}: User unknown (in reply to RCPT TO command)", True),
    (f"<{WHO}>: host mx.example[192.0.2.1] said: 550 5.1.1 User unknown", True),
    (f"{WHO}\n  192.0.2.1 does not like recipient.\nRemote host said: 550 no such user", True),
    (f"  {WHO}\n    SMTP error from remote mail server after RCPT TO:<{WHO}>:\n    550 unknown user", True),
    (f"{WHO}: The recipient name is not recognized (000C05A6) Unknown Recipient", True),
    (f"<{WHO}>\nmail.local: unknown user: kiji\n554 <{WHO}>... Service unavailable", True),
    # Filters claim it after they have read the mail; nothing says that the address is wrong.
    (f"<{WHO}>: host mx.example said: 550 Unknown user {WHO} (in reply to end of DATA command)", False),
    (f">>> DATA\n<<< 550 Unknown user {WHO}\n554 5.0.0 Service unavailable", False),
    (f"<{WHO}>: 550 unknown user", False),
    # It was the sender that was refused.
    (f"  {WHO}\n    SMTP error from remote mail server after MAIL FROM:<a@desk.example>:\n    553 5.1.0 desk.example does not exist", False),
    (f"{WHO}\nConnected to 192.0.2.1 but sender was rejected.\nRemote host said: 550 no such user here", False),
    # The mailbox exists.
    (f"<{WHO}>: 552 5.1.1 Boite du destinataire pleine. OFR_417", False),
    (f"<{WHO}>: user is over quota. (#5.1.1)", False),
    (f"The user(s) account is disabled.\n<{WHO}>: 550 user unknown (in reply to RCPT TO command)", False),
    (f"<{WHO}>: 550 5.1.1 Adresse d au moins un destinataire invalide. LPN105_416", True),
    (f"  {WHO}\n    an MX or SRV record indicated no SMTP service", True),
    (f"  {WHO}\n    all host address lookups failed permanently", True),
    (f"Sorry, I couldn't find any host named example.jp. (#5.1.2)\n<{WHO}>:", True),
])  # fmt: skip
def test_an_address_is_dead_only_when_that_is_proven(words: str, *, dead: bool) -> None:
    bounce = bounce_of(words)
    assert bounce.permanent is dead, bounce
    assert bounce.recipient == WHO


@pytest.mark.parametrize("subject", [
    "Unzustellbar: Paket", "Nicht zustellbar: Paket", "Non remis : colis", "No se puede entregar: pedido",
    "Mancata consegna: pacco", "Impossibile recapitare: pacco", "Onbestelbaar: pakket", "Niedostarczalne: paczka",
    "Kan inte levereras: paket", "Kan ikke leveres: pakke", "Nedoručitelné: balík", "Kézbesíthetetlen: csomag",
    "Teslim edilemedi: paket", "Falha na entrega: pacote", "Не удается доставить: заказ", "配信不能: 荷物",
    "メッセージを配信できません", "系统退信", "無法傳遞: 包裹", "Message you sent blocked by our bulk email filter",
    "NOTICE: mail delivery status.", "DELIVERY FAILURE: User not listed", "Mail could not be delivered",
])  # fmt: skip
def test_reports_are_known_in_many_languages(subject: str) -> None:
    mail = parse_email(report(f"<{WHO}>\r\n\r\n#5.2.2", subject))
    assert mail.automated == "bounce"
    assert (mail.bounce and mail.bounce.recipient) == WHO


def test_a_delay_is_temporary() -> None:
    text = (
        f"Your message has not yet been delivered to <{WHO}>. No action is required on your part."
    )
    bounce = bounce_of(text, "Warning: message 1ab-2 delayed 24 hours")
    assert not bounce.permanent
    assert (bounce.status or "").startswith("4.")


ARF = f"""--b
Content-Type: text/plain

This is an email abuse report for an email message.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Some/1.0
Version: 1
Original-Rcpt-To: <{WHO}>

--b
Content-Type: message/rfc822

From: support@desk.example
Message-ID: <ours@desk.example>

Hello
--b--
"""


def _complaints() -> dict[str, bytes]:
    kind = "multipart/report; report-type=feedback-report; boundary=b"
    hotmail = f"--b\n\nx\n--b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: {WHO}\nMessage-ID: <ours@desk.example>\n\nHi\n--b--\n"
    return {
        "rfc5965": report(ARF.replace("\n", "\r\n"), "FW: your mail", Content_Type=kind),
        "as text": report(ARF.replace("message/feedback-report", "text/plain"), "FW: x", Content_Type="multipart/mixed; boundary=b"),
        "hotmail": report(hotmail, "complaint about message from 192.0.2.1", From="staff@hotmail.com", Content_Type="multipart/mixed; boundary=b"),
    }  # fmt: skip


@pytest.mark.parametrize("form", ["rfc5965", "as text", "hotmail"])
def test_a_complaint_is_no_dead_address(form: str) -> None:
    mail = parse_email(_complaints()[form])
    assert mail.bounce is not None
    assert (mail.bounce.reason, mail.bounce.permanent) == ("feedback", False)
    assert mail.bounce.recipient == WHO
    assert mail.bounce.original_message_id == "ours@desk.example"


DSN_LINES = f"Final-Recipient: rfc822; {WHO}\r\nAction: failed\r\nStatus: 5.1.1\r\n"


def _others() -> dict[str, InboundMessage]:
    person = {"From": "anna@example.org"}
    receipt = "multipart/report; report-type=disposition-notification; boundary=b"
    mdn = "--b\r\n\r\nYour message was read.\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822;anna@example.org\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--b--\r\n"
    whole = f"--b\r\n\r\nWhat does this mean?\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n{DSN_LINES}\r\n--b--\r\n"
    return {
        "forwarded as text": parse_email(report("What does this mean?\r\n\r\n" + DSN_LINES, "Fwd: Undelivered Mail", **person)),
        "answered": parse_email(report("Why?\r\n\r\n> 550 5.1.1 user unknown", "Re: Undelivered Mail Returned to Sender", **person)),
        "forwarded in parts": parse_email(report(whole, "Fwd: Undelivered Mail", Content_Type="multipart/mixed; boundary=b", **person)),
        "news": parse_email(report("Version 5.1.1 is out. The limit of 550 users was exceeded.", "Release notes", From="no-reply@shop.example")),
        "failed payment": parse_email(report("Your payment failed (error 550).", "Payment failed", From="noreply@shop.example")),
        "read receipt": parse_email(report(mdn, "Read: your order", Content_Type=receipt, **person)),
        "asks about one": parse_email(report("My mail to you came back, 550 5.1.1. Please help.", "Mail problem", **person)),
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(_others()))
def test_a_person_who_speaks_of_a_report_has_written_none(name: str) -> None:
    mail = _others()[name]
    assert mail.bounce is None
    assert mail.automated == ("auto_reply" if name == "read receipt" else None)
