"""Which mail was written by a machine: replies to it must not start a conversation of machines."""

from __future__ import annotations

import re

from channels.contract import Automated
from channels.email.headers import Headers

LOOP_HEADER = "X-Parley-Desk"

_AUTO_FIELDS = frozenset(
    [
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-auto-reply",
        "x-auto-reply-from",
        "x-autoreply-from",
        "x-mail-autoreply",
        "x-vacation",
        "x-out-of-office",
        "x-automatic-reply",
        "x-amazon-auto-reply",
        "x-cron-env",
        "x-ms-exchange-inbox-rules-loop",
        "x-zendesk-auto-reply",
    ]
)
_LIST_FIELDS = frozenset(
    [
        "list-id",
        "list-post",
        "list-unsubscribe",
        "list-owner",
        "list-help",
        "x-mailing-list",
        "mailing-list",
        "x-mailman-version",
        "x-beenthere",
        "x-ml-name",
        "x-campaign-id",
        "x-mailchimp-id",
    ]
)
_AUTO_PRECEDENCE = frozenset({"auto_reply", "auto-reply", "autoreply", "vacation"})
_LIST_PRECEDENCE = frozenset({"list", "bulk", "junk"})

# How out-of-office notes and auto-replies begin their subject, by language.
_AUTO_SUBJECTS = (
    # English
    r"auto(?:matic|mated)?[ -]?(?:reply|response|responder|answer)", r"auto(?=:)",
    r"out[ -]of[ -](?:the )?office(?: auto[ -]?reply| reply| message| notification)?",
    r"(?:i am |i'm )?(?:currently )?on (?:vacation|annual leave|holiday)", r"away from (?:my|"  # noqa: ISC004 - a table
    r"the) office",
    r"vacation (?:reply|message|notice|response)", r"ooo",
    # German
    r"automatische (?:antwort|r[üu]ckantwort|e-?mail-?antwort)", r"abwesenheits\w*", r"abwesend",
    r"(?:ich bin )?nicht im b[üu]ro", r"autom\. antwort", r"urlaubsnotiz",
    # French
    r"r[ée]ponse automatique", r"(?:message d['’])?absence(?: du bureau)?", r"absent\w* du bureau",
    r"notification d['’]absence",
    # Spanish, Portuguese, Italian, Catalan, Romanian
    r"respuesta autom[áa]tica", r"fuera de (?:la )?oficina", r"resposta autom[áa]tica",
    r"(?:fora|ausente) do escrit[óo]rio", r"aus[êe]ncia tempor[áa]ria", r"risposta automatica",
    r"fuori (?:sede|ufficio)", r"assente dall['’]ufficio", r"resposta autom[àa]tica",
    r"r[ăa]spuns automat",
    # Dutch, Danish, Norwegian, Swedish, Finnish
    r"automatisch(?:e)? (?:antwoord|beantwoording|reactie)", r"afwezig(?:heid\w*)?",
    r"niet op kantoor", r"automatisk svar", r"autosvar", r"automatiskt svar",
    r"frav[æa]r\w*", r"ikke p[åa] kontoret", r"fr[åa]nvaro\w*", r"automaattinen (?:vastaus|"  # noqa: ISC004 - a table
    r"poissaolo\w*)",
    # Polish, Czech, Slovak, Hungarian
    r"autoodpowied[źz]", r"odpowied[źz] automatyczna", r"automatyczna odpowied[źz]", r"poza biurem",
    r"automatick[áa] odpov[ěe][ďd]", r"mimo kancel[áa][řr]", r"automatikus v[áa]lasz", r"h[áa]zon k[íi]v[üu]l",  # noqa: E501 - one string
    # Russian, Ukrainian, Bulgarian, Greek, Turkish
    r"автоматический ответ", r"автоответ\w*", r"автоматична відповідь", r"автовідповідь",
    r"автоматичен отговор", r"αυτόματη απάντηση", r"otomatik (?:yan[ıi]t|cevap)",
    r"ofis d[ıi][şs][ıi]nda\w*",
    # Hebrew, Arabic, Chinese, Japanese, Korean, Vietnamese
    r"(?:תשובה|הודעה) אוטומטית", r"מענה אוטומטי", r"(?:ال)?رد (?:ال)?تلقائي", r"خارج المكتب",
    r"自动(?:回复|答复|回覆)", r"自動(?:回覆|回復|答覆|応答|返信)", r"不在(?:通知|メール)?", r"외출 중",  # noqa: E501 - one string
    r"자동 ?(?:회신|응답|답장)", r"부재 ?중", r"tr[ảa] l[ờo]i t[ựu] đ[ộo]ng",
)  # fmt: skip
_AUTO_SUBJECT = re.compile(
    rf"\s*[\[(【*]*\s*(?:{'|'.join(_AUTO_SUBJECTS)})\s*(?:$|[:：;,.!\-–—()\[\]】*|]|re\b|aw\b)",
    re.IGNORECASE,
)


def is_null_path(headers: Headers) -> bool:
    """Whether the envelope sender is empty, as reports and auto-replies must have it."""
    path = headers.raw("return-path").strip()
    return path in ("<>", "< >") or path.lower().startswith("<mailer-daemon")


def _auto_submitted(headers: Headers) -> str:
    """The Auto-Submitted keyword (RFC 3834); "" for "no" and for none."""
    word = re.match(r"\s*([\w-]*)", headers.raw("auto-submitted").lower())
    return "" if word is None or word[1] == "no" else word[1]


def _is_auto_reply(headers: Headers, subject: str) -> bool:
    precedence = {
        headers.raw(name).strip().lower() for name in ("precedence", "x-precedence", "preference")
    }
    if _auto_submitted(headers) == "auto-replied" or precedence & _AUTO_PRECEDENCE:
        return True
    if any(name in _AUTO_FIELDS for name, _ in headers.fields):
        return True
    if "disposition-notification" in headers.raw("content-type").lower():
        return True  # a read receipt (RFC 8098)
    if headers.raw("x-fc-machinegenerated").strip().lower() == "true":
        return True
    if "autorespond" in headers.raw("x-post-messageclass").lower():
        return True
    if any("autoresponder" in value.lower() for value in headers.all_raw("delivered-to")):
        return True
    source = headers.raw("x-ms-exchange-generated-message-source").lower()
    return bool(source) or _AUTO_SUBJECT.match(subject) is not None


def _is_list(headers: Headers) -> bool:
    precedence = headers.raw("precedence").strip().lower()
    return precedence in _LIST_PRECEDENCE or any(name in _LIST_FIELDS for name, _ in headers.fields)


def classify(headers: Headers, subject: str, *, bounced: bool) -> Automated | None:
    """What kind of machine wrote this, or None for a person. Headers count before words."""
    if bounced:
        return "bounce"
    if headers.has(LOOP_HEADER.lower()):
        return "loop"
    if _is_auto_reply(headers, subject):
        return "auto_reply"
    if _is_list(headers):
        return "list"
    if _auto_submitted(headers):
        return "auto_reply"
    if is_null_path(headers) and headers.has("in-reply-to"):
        return "auto_reply"
    return None
