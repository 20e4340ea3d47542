"""Words that make a message urgent or angry, and those that turn them round, in ten languages.

Kept small on purpose: each word should be one that a customer in a hurry or in anger does write,
and hardly ever one that does neither. Words are compared without case; a `*` at the end stands
for any ending. In Hebrew and Arabic a prefix letter may stand before a word; Chinese and
Japanese are searched without word boundaries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language: `urgent` and `angry` words, `negators`, and whether it writes spaces.

    A negator counts within the three words before a word; where `negated_after` it may also
    follow directly (Japanese puts it at the end).
    """

    urgent: tuple[str, ...]
    angry: tuple[str, ...]
    negators: tuple[str, ...]
    spaces: bool = True
    prefixes: str = ""
    negated_after: bool = False


LEXICONS: Final[Mapping[str, Lexicon]] = {
    "en": Lexicon(
        urgent=(
            "urgent", "urgently", "asap", "as soon as possible", "immediately", "emergency",
            "critical", "right now", "right away", "deadline", "production down", "outage",
            "time-sensitive", "today at the latest", "cannot wait", "can't wait",
        ),
        angry=(
            "angry", "furious", "unacceptable", "terrible", "awful", "horrible", "disgrac*",
            "ridiculous", "worst", "outrag*", "scam", "fraud", "lawyer", "sue", "disappoint*",
            "fed up", "disgust*", "useless", "refund immediately", "never again", "complaint",
        ),
        negators=("not", "no", "never", "isn't", "aren't", "wasn't", "don't", "doesn't", "nothing",
                  "without", "non", "hardly", "nor"),
    ),
    "he": Lexicon(
        urgent=("דחוף", "דחופה", "בדחיפות", "מיידי", "מיידית", "מיד", "בהקדם", "חירום", "קריטי",
                "עכשיו"),
        angry=("כועס", "כועסת", "עצבני", "עצבנית", "זועם", "זועמת", "שערורייה", "מחפיר", "גרוע",
               "גרועה", "נורא", "מזעזע", "מאוכזב", "מאוכזבת", "הונאה", "תביעה", "עורך דין",
               "בושה", "תלונה", "חוצפה"),
        negators=("לא", "אין", "אינו", "אינה", "בלי", "אף"),
        prefixes="והבכלמש",
    ),
    "ar": Lexicon(
        urgent=("عاجل", "عاجلة", "عاجلا", "فورا", "فوري", "حالا", "طارئ", "طوارئ", "مستعجل",
                "ضروري", "باسرع وقت", "الان"),
        angry=("غاضب", "غاضبة", "سيئ", "سيئة", "اسوا", "فظيع", "مخيب", "مستاء", "مستاءة",
               "احتيال", "نصب", "محامي", "شكوى", "غير مقبول", "فضيحة", "عار"),
        negators=("لا", "ليس", "ليست", "لم", "لن", "بدون", "ما", "مو", "مش"),
        prefixes="وفبلك",
    ),
    "es": Lexicon(
        urgent=("urgente", "urgentemente", "urgencia", "cuanto antes", "lo antes posible",
                "inmediatamente", "de inmediato", "emergencia", "crítico", "ahora mismo",
                "ya mismo"),
        angry=("enfadad*", "furios*", "indignad*", "inaceptable", "pésim*", "horrible", "terrible",
               "vergüenza", "estafa", "fraude", "abogado", "denuncia", "decepcion*", "hart*",
               "queja", "ridículo", "peor"),
        negators=("no", "nunca", "jamás", "sin", "tampoco", "ni", "nada"),
    ),
    "de": Lexicon(
        urgent=("dringend*", "eilig*", "eilt", "sofort*", "umgehend", "unverzüglich", "notfall",
                "kritisch", "schnellstmöglich", "so schnell wie möglich", "asap",
                "keinen aufschub"),
        angry=("wütend", "sauer", "unverschämt*", "inakzeptabel", "unmöglich*", "schrecklich*",
               "furchtbar", "katastroph*", "betrug", "anwalt", "enttäusch*", "frechheit",
               "beschwerde", "empört", "schlechteste*", "unzumutbar", "skandal"),
        negators=("nicht", "kein", "keine", "keinen", "keiner", "nie", "niemals", "ohne", "weder"),
    ),
    "fr": Lexicon(
        urgent=("urgent", "urgente", "urgence", "immédiatement", "tout de suite", "au plus vite",
                "le plus vite possible", "dès que possible", "sans délai", "critique"),
        angry=("furieux", "furieuse", "colère", "inacceptable", "scandal*", "honteux", "honte",
               "horrible", "catastroph*", "arnaque", "fraude", "avocat", "déçu*", "inadmissible",
               "réclamation", "ras le bol", "lamentable", "pire"),
        negators=("pas", "ne", "jamais", "sans", "aucun", "aucune", "rien", "ni", "n'est", "non"),
        negated_after=True,
    ),
    "nb": Lexicon(
        urgent=("haster", "hastesak", "akutt", "snarest", "umiddelbart", "øyeblikkelig", "straks",
                "nødsituasjon", "kritisk", "så fort som mulig", "med en gang"),
        angry=("sint", "rasende", "forbannet", "uakseptabel*", "skandale*", "elendig*",
               "forferdelig*", "svindel", "advokat", "skuffe*", "klage", "verste", "frekt",
               "håpløs*", "skammelig"),
        negators=("ikke", "ikkje", "ingen", "aldri", "uten", "verken", "ei"),
        negated_after=True,
    ),
    "hu": Lexicon(
        urgent=("sürgős*", "azonnal*", "haladéktalanul", "vészhelyzet", "kritikus",
                "minél előbb", "mielőbb", "amint lehet", "rögtön"),
        angry=("dühös", "felháborít*", "felháborodott*", "elfogadhatatlan", "borzalmas*",
               "szörnyű*", "botrány*", "csalás", "csaló*", "ügyvéd*", "csalódott*", "csalódás",
               "panasz*", "szégyen", "pofátlan*", "legrosszabb"),
        negators=("nem", "ne", "nincs", "soha", "sem", "nélkül", "semmi"),
    ),
    "zh": Lexicon(
        urgent=("紧急", "緊急", "加急", "马上", "馬上", "立刻", "立即", "尽快", "盡快", "十万火急",
                "赶紧", "急需", "很急"),
        angry=("生气", "生氣", "愤怒", "憤怒", "无法接受", "無法接受", "不能接受", "太差", "垃圾",
               "骗子", "騙子", "诈骗", "詐騙", "投诉", "投訴", "律师", "律師", "失望", "糟糕",
               "恶心"),
        negators=("不", "没", "沒", "没有", "無", "无", "别", "並非", "并非"),
        spaces=False,
    ),
    "ja": Lexicon(
        urgent=("至急", "緊急", "大至急", "早急", "すぐに", "今すぐ", "直ちに", "急ぎ", "急いで",
                "一刻も早く"),
        angry=("怒って", "怒り", "許せ", "最悪", "最低", "ひどい", "酷い", "詐欺", "弁護士",
               "がっかり", "失望", "クレーム", "苦情", "ふざけ", "納得できない", "納得いかない"),
        negators=("ではない", "ではありません", "じゃない", "なくて", "ありません", "ではなく"),
        spaces=False,
        negated_after=True,
    ),
}  # fmt: skip

# The written Norwegians share a lexicon; so do the Chineses.
SAME: Final[Mapping[str, str]] = {"no": "nb", "nn": "nb", "iw": "he"}
