"""STOP, START and HELP: what a customer asks of the channel itself, in the languages they use."""

from __future__ import annotations

import unicodedata
from typing import Final

from channels.contract import Keyword

# The first lines are those that Twilio and the carriers act on by themselves
# (twilio.com/docs/messaging/tutorials/advanced-opt-out; CTIA Messaging Principles, 5.1.2).
_STOP: Final = (
    "stop", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "opt out",
    "arret", "arrete", "arrett", "arrêter", "désabonner", "désinscrire",  # French
    "alto", "baja", "parar", "cancelar", "darse de baja",  # Spanish
    "sair", "pare", "descadastrar",  # Portuguese
    "stopp", "abmelden", "abbestellen",  # German, Norwegian, Swedish
    "avslutt", "avmeld", "afmeld", "afmelden", "avsluta",  # Nordic, Dutch
    "basta", "annulla", "disiscrivimi",  # Italian
    "leiratkozom", "leiratkozás", "leállít",  # Hungarian
    "wypisz", "rezygnuję", "стоп", "отписаться",  # Polish, Russian
    "iptal",  # Turkish
    "הסר", "הסירו", "להסרה", "הסרה",  # Hebrew
    "إيقاف", "توقف", "إلغاء", "إلغاء الاشتراك",  # Arabic
    "退订", "退訂", "取消订阅", "取消訂閱", "td",  # Chinese
    "停止", "配信停止",  # Japanese
)  # fmt: skip
_START: Final = (
    "start", "unstop", "opt in", "subscribe",
    "commencer", "reprendre", "alta", "iniciar", "empezar", "comenzar", "começar",
    "anmelden", "starten", "anfangen", "begynn", "starta", "inizia",
    "feliratkozom", "indít", "старт", "başla",
    "התחל", "הרשמה", "ابدأ", "بدء", "اشتراك", "订阅", "訂閱", "开始", "開始", "再開",
)  # fmt: skip
_HELP: Final = (
    "help", "info", "aide", "ayuda", "ajuda", "hilfe", "hjelp", "hjälp", "hjælp", "hulp", "aiuto",
    "segítség", "súgó", "pomoc", "помощь", "yardım", "עזרה", "מידע", "مساعدة", "帮助", "幫助",
    "ヘルプ",
)  # fmt: skip
_BY_TWILIO: Final[dict[str, Keyword]] = {"STOP": "stop", "START": "start", "HELP": "help"}


def _bare(text: str) -> str:
    """Letters and digits alone, without case and marks."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in folded if c.isalnum())


_WORDS: Final[dict[str, Keyword]] = {
    **{_bare(word): "help" for word in _HELP},
    **{_bare(word): "start" for word in _START},
    **{_bare(word): "stop" for word in _STOP},
}
_LONGEST: Final = 40  # characters; a longer message is no keyword, whatever it says


def keyword_of(text: str, opt_out_type: str = "") -> Keyword | None:
    """The keyword that a message is. Only a message that is nothing else counts.

    `opt_out_type` is Twilio's own reading (Advanced Opt-Out); where it says one, it has already
    acted on it, so it decides.
    """
    told = _BY_TWILIO.get(opt_out_type.strip().upper())
    if told is not None:
        return told
    text = text.strip()
    return _WORDS.get(_bare(text)) if len(text) <= _LONGEST else None
