"""Reports that only say it in words, as the mail servers of the world phrase them."""
# ruff: noqa: E501 - sample mails stay in one piece

from __future__ import annotations

import pytest

from channels.email.parse import parse_email

REPORTS = (
    (
        "postmaster@n.example",
        "Undeliverable message",
        "------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\nkiji@example.net\n\n------- Returned Message --------\nFrom: a@b.c\n",
        "user_unknown",
    ),
    (
        "MAILER-DAEMON@x.example",
        "Delivery failure",
        "Unable to deliver message to the following address(es).\n\n<kiji@example.com>:\nThis user doesn't have a example.com account (kiji@example.com) [0]\n\n--- Original message follows.\n",
        "user_unknown",
    ),
    (
        "Mail Delivery System <Mailer-Daemon@x.example>",
        "Delivery status notification",
        "This is an automatically generated Delivery Status Notification.\n\nDelivery to the following recipients failed permanently:\n\n  * kiji@example.com\n\nReason: 550 5.1.1 <kiji@example.com> User unknown\n",
        "user_unknown",
    ),
    (
        "Postmaster@x.example",
        "There was an error sending your mail",
        "We had trouble delivering your message. Full details follow:\n\nSubject: 'Nyaan'\n\n1 error(s):\n\nSMTP Server <mta2.example.jp> rejected recipient <kiji@example.jp> \n  (Error following RCPT command). It responded as follows: [550 5.1.1 <kiji@example.jp>... User Unknown]\n",
        "user_unknown",
    ),
    (
        "postmaster@biglobe.ne.jp",
        "Returned mail: User full",
        "   ----- The following addresses had delivery problems -----\nkiji@xyz.biglobe.ne.jp\n\n   ----- Non-delivered information -----\nThe number of messages in recipient's mailbox exceeded the local limit.\n",
        "mailbox_full",
    ),
    (
        "no-reply@app.dion.ne.jp",
        "Mail System Error - Returned Mail",
        "Your mail sent on: Thu, 29 Apr 2010 11:04:47 +0900 \n     Could not be delivered to: <kiji@a.example.ne.jp>\n     As their mailbox is full. \n",
        "mailbox_full",
    ),
    (
        "MAILER-DAEMON@mf.example",
        "Message delivery has failed",
        "This is a permanent error.\nUnable to deliver message to: <kiji@example.org>\nDelivery failed for the following reason:\nServer mx22.example.org[192.0.2.222] failed with: 550 <kiji@example.org> No such user here\n\n\nThis has been a permanent failure.  No further delivery attempts will be made.\n",
        "user_unknown",
    ),
    (
        "postmaster@sc.example",
        "Undeliverable Mail",
        "Your message could not be sent.\nA transcript of the attempts to send the message follows.\nThe number of attempts made: 1\nAddressed To: kiji@example.com\n\nThu 29 Apr 2010 23:34:45 +0900\nFailed to send to identified host,\nkiji@example.com: [192.0.2.5], 550 kiji@example.com... No such user\n--- Message non-deliverable.\n",
        "filtered",
    ),
    (
        "post_master@vtext.com",
        "Undeliverable Message",
        "Error: No valid recipients for this MM\n\nMessage details:\n  RCPT TO: 0000000000@vtext.example.com\n",
        "user_unknown",
    ),
    (
        "postmaster@im.example",
        "Undeliverable Mail",
        "Unknown user: kiji@example.com\n\n\nOriginal message follows.\n\nReceived: x\n",
        "user_unknown",
    ),
    (
        "MAILER-DAEMON@q.example",
        "failure notice",
        "Hi. This is the qmail-send program at q.\n\n<kiji@example.jp>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n",
        "user_unknown",
    ),
    (
        "MAILER-DAEMON@q.example",
        "failure notice",
        "Hi. This is the qmail-send program at q.\n\n<kiji@example.jp>:\nCNAME lookup failed temporarily. (#4.4.3)\nI'm not going to try again; this message has been in the queue too long.\n\n--- Below this line is a copy of the message.\n",
        "expired",
    ),
    (
        "MAILER-DAEMON@q.example",
        "failure notice",
        "Hi. This is the qmail-send program at q.\n\n<kiji@example.jp>:\nSorry, I couldn't find any host named example.jp. (#5.1.2)\n\n--- Below this line is a copy of the message.\n",
        "host_unknown",
    ),
    (
        "MAILER-DAEMON@q.example",
        "failure notice",
        "<kiji@example.jp>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.\n",
        "expired",
    ),
    (
        "Mail Delivery System <Mailer-Daemon@e.example>",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  kiji@example.jp\n    all relevant MX records point to non-existent hosts\n\n------ This is a copy of the message, including all the headers. ------\n",
        "host_unknown",
    ),
    (
        "Mail Delivery System <Mailer-Daemon@e.example>",
        "Mail delivery failed: returning message to sender",
        "A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  kiji@example.jp\n    Unrouteable address\n",
        "user_unknown",
    ),
    (
        "Mail Delivery System <Mailer-Daemon@e.example>",
        "Warning: message 1abc delayed 24 hours",
        "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\nThe address to which the message has not yet been delivered is:\n\n  kiji@example.jp\n    Delay reason: Connection timed out\n\nNo action is required on your part. Delivery attempts will continue for\nsome time\n",
        "expired",
    ),
    (
        "postmaster@x.example",
        "Nicht zustellbar: Test",
        "Ihre Nachricht hat einige oder alle Empfänger nicht erreicht.\n\nkiji@example.de\n550 5.1.1 User unknown\n",
        "user_unknown",
    ),
    (
        "MAILER-DAEMON@yahoo.com",
        "Failure Notice",
        "Sorry, we were unable to deliver your message to the following address.\n\n<kiji@example.com>:\n554: delivery error: dd This user doesn't have a yahoo.com account (kiji@example.com) [0] - mta1.yahoo.com\n\n--- Below this line is a copy of the message.\n",
        "user_unknown",
    ),
    (
        "MAILER-DAEMON@yahoo.com",
        "Failure Notice",
        "Sorry, we were unable to deliver your message to the following address.\n\n<kiji@example.com>:\nUnable to deliver message after multiple retries, giving up.\n",
        "expired",
    ),
    (
        "System Administrator <postmaster@x.example>",
        "Undeliverable: hi",
        "Your message\n\n  To:      kiji@x.example\n  Subject: hi\n\ndid not reach the following recipient(s):\n\nkiji@x.example on Thu, 29 Apr 2007 16:51:51 -0500\n    The e-mail account does not exist at the organization this message was sent to.\n    <x.example #5.1.1>\n",
        "user_unknown",
    ),
    (
        "MAILER-DAEMON@x.example",
        "Returned mail: see transcript for details",
        "   ----- The following addresses had permanent fatal errors -----\n<kiji@example.jp>\n    (reason: 552 5.2.3 Message size exceeds fixed maximum message size (10485760))\n\n   ----- Transcript of session follows -----\n",
        "too_large",
    ),
)


@pytest.mark.parametrize(("sender", "subject", "text", "reason"), REPORTS)
def test_a_report_in_words_names_the_recipient_and_the_reason(
    sender: str, subject: str, text: str, reason: str
) -> None:
    body = text.replace("\n", "\r\n")
    head = f"From: {sender}\r\nTo: support@desk.example\r\nSubject: {subject}\r\n\r\n"
    mail = parse_email((head + body).encode())
    assert mail.automated == "bounce"
    assert mail.bounce is not None
    assert mail.bounce.reason == reason
    assert mail.bounce.recipient is not None
    assert mail.bounce.recipient.startswith(("kiji@", "0000000000@"))
    dead = reason in ("user_unknown", "host_unknown")
    assert mail.bounce.permanent is dead
    assert (mail.bounce.status or "").startswith(("4.", "5."))
