"""Which language a text is in: `detect`.

Two statistical detectors, `eldc` (60 languages, C) and `py3langid` (140, where the first has no
answer), weighed with the letters, words and spellings that tell close languages apart. Both are
young packages: they are used here and nowhere else, through instances of our own.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping

import eldc
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from bot import language_hints as hints

_NOISE = re.compile(
    r"""<[^<>]{1,200}>              # markup
    |(?:https?://|www\.)\S+         # addresses
    |[\w.+-]+@[\w-]+\.[\w.-]+       # mail addresses
    |(?<!\w)[@#]\w+                 # mentions and tags
    |[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*  # numbers, and codes with digits
    """,
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MOST = 1000  # characters looked at: more changes no answer
_SHORT = 12  # letters: below this the contact's locale counts
_STARTS = [first for first, _, _ in hints.SCRIPTS]
_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split()) for language, words in hints.WORDS.items()
}
_SPELLINGS = {language: re.compile(pattern) for language, pattern in hints.SPELLINGS.items()}
_JAPANESE = hints.JAPANESE_HAN - hints.SIMPLIFIED - hints.TRADITIONAL
_SIMPLIFIED = hints.SIMPLIFIED - hints.TRADITIONAL
_TRADITIONAL = hints.TRADITIONAL - hints.SIMPLIFIED
_ALIASES = {"nb": "no", "iw": "he", "in": "id", "cmn": "zh", "yue": "zh", "fil": "tl", "ckb": "ku"}

# Weights of the evidence, in natural logarithms of odds.
_ELDC = 16.0  # a full point of eldc's score
_LANGID = 0.5  # one unit of py3langid's log probability
_LETTER = 1.2  # the square root of the letters that only one language has
_FOREIGN = 2.0
_WORDS_WEIGHT = 1.2
_SPELLING = 0.8
_LOCALE = 4.0


def detect(
    text: str,
    k: int = 3,
    *,
    among: Collection[str] | None = None,
    locale: str | None = None,
) -> list[tuple[str, float]]:
    """Return up to `k` (BCP 47 code, probability), the likeliest first; [] without any letter.

    `among` restricts the answer to these tags and returns them as they are spelled there (`nb`,
    `pt-BR`, `zh-Hant`). `locale` is what the contact is known to write; it counts for very short
    texts, and decides alone where there is no letter at all.
    """
    candidates = tuple(sorted(set(among))) if among else None
    words, lower, scripts = _look_at(text)
    if not scripts:
        known = _spelled(_base(locale), candidates, lower) if locale else None
        return [(known, 1.0)] if known and k > 0 else []
    scores = _scores(words, lower, scripts, candidates)
    letters = sum(scripts.values())
    if locale and letters < _SHORT:
        home = _base(locale)
        if home in scores:
            scores[home] += _LOCALE * (1 - letters / _SHORT)
    found: dict[str, float] = {}
    for language, probability in _softmax(scores).items():
        tag = _spelled(language, candidates, lower)
        if tag is not None:
            found[tag] = found.get(tag, 0.0) + probability
    ranking = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return ranking[:k]


def chinese_script(text: str) -> str:
    """`Hans` or `Hant`, by the characters that only one of them writes; `Hans` on a tie."""
    simple = sum(character in _SIMPLIFIED for character in text)
    return "Hant" if sum(character in _TRADITIONAL for character in text) > simple else "Hans"


def _look_at(text: str) -> tuple[str, str, Counter[str]]:
    """The text without noise, its lower-cased form, and its letters counted by script."""
    clean = unicodedata.normalize("NFC", text[: _MOST * 2])
    clean = " ".join(_NOISE.sub(" ", clean).split())[:_MOST]
    if clean.isupper():
        clean = clean.lower()
    lower = clean.lower()
    scripts = Counter(script for character in lower if (script := _script(character)))
    return clean, lower, scripts


@functools.lru_cache(maxsize=4096)
def _script(character: str) -> str:
    if not character.isalpha() and unicodedata.category(character)[0] != "M":
        return ""
    point = ord(character)
    for first, last, name in hints.SCRIPTS:
        if first <= point <= last:
            return name
    return ""


def _scores(
    clean: str, lower: str, scripts: Counter[str], candidates: tuple[str, ...] | None
) -> dict[str, float]:
    """The logarithm of each language's odds."""
    script = _main_script(scripts)
    possible = _written_in(script, scripts)
    if (
        possible
        and len(possible) == 1
        and (candidates is None or possible[0] in _bases(candidates))
    ):
        return {possible[0]: 0.0}
    wanted = _bases(candidates) if candidates else None
    if possible:
        inside = [language for language in possible if wanted is None or language in wanted]
        # None of the desk's languages is written so: the scripts cannot help.
        wanted = frozenset(inside) if inside else wanted
    if possible is None and wanted is not None:
        latin = frozenset(wanted - _NOT_LATIN)
        wanted = latin or wanted
    scores = _statistics(clean, wanted)
    _weigh_letters(scores, lower)
    _weigh_words(scores, lower)
    if script == "han" and ("zh" in scores or "ja" in scores):
        _weigh_han(scores, lower)
    for language in scores:
        scores[language] += hints.PRIOR.get(language, 0.0)
    return scores


_NOT_LATIN = frozenset(
    language for languages in hints.WRITTEN_IN.values() for language in languages
) - {"sr", "ku", "kk"}


def _main_script(scripts: Counter[str]) -> str:
    """The script that carries the sentence: brand names in Latin letters do not."""
    if scripts["kana"]:
        scripts = scripts.copy()
        scripts["kana"] += scripts["han"]  # one writing system
    total = sum(scripts.values())
    others = [(count, name) for name, count in scripts.items() if name != "latin"]
    if others:
        count, name = max(others)
        if count * 3 >= total:
            return name
    return "latin"


def _written_in(script: str, scripts: Counter[str]) -> tuple[str, ...] | None:
    """The languages of a script, or None when only statistics can tell."""
    if script == "latin":
        return None
    if script == "kana":
        # A Chinese text may quote a kana; a Japanese sentence has many.
        return ("ja",) if scripts["kana"] * 12 >= scripts["han"] else ("zh", "ja")
    return hints.WRITTEN_IN.get(script)


@functools.lru_cache(maxsize=1)
def _langid() -> LanguageIdentifier:
    """An instance of our own; its languages are never restricted."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@functools.lru_cache(maxsize=64)
def _eldc(wanted: frozenset[str] | None) -> eldc.instance | None:
    """A detector for these languages; None when it knows none of them."""
    eldc.init()
    detector = eldc.instance()
    detector.set_scores(20)
    if wanted is not None:
        known = sorted({_TO_ELDC.get(code, code) for code in wanted} & set(eldc.LANGUAGES))
        if not known:
            return None
        detector.set_languages(known)
    return detector


_TO_ELDC = {"id": "ms", "nn": "no"}  # what eldc calls them, or takes them for


def _statistics(clean: str, wanted: frozenset[str] | None) -> dict[str, float]:
    detector = _eldc(wanted)
    raw = detector.detect_details(clean).scores if detector else {}
    scores = {code: score * _ELDC for code, score in raw.items()}
    for code, seen_as in (*_TO_ELDC.items(), ("gl", "pt")):
        if seen_as in scores:
            scores[code] = scores[seen_as]
    guesses = dict(_langid().rank(clean))
    languages = wanted if wanted is not None else frozenset(scores) or frozenset(guesses)
    best = max(scores.values(), default=0.0)
    result = {}
    for language in languages:
        guess = guesses.get(_FROM_LANGID.get(language, language), 0.0)
        missing = best - _ELDC * 0.4 if scores else 0.0
        result[language] = scores.get(language, missing) + _LANGID * math.log(guess + 1e-6)
    return result


_FROM_LANGID = {"no": "no", "nn": "nn"}


def _weigh_letters(scores: dict[str, float], lower: str) -> None:
    """Letters that only one of the candidates has speak for it; foreign ones against."""
    counts = Counter(lower)
    for language in scores:
        own = sum(counts[letter] for letter in hints.LETTERS.get(language, ""))
        foreign = sum(counts[letter] for letter in hints.FOREIGN.get(language, ""))
        scores[language] += _LETTER * min(2.0, math.sqrt(own)) if own else 0.0
        scores[language] -= _FOREIGN * min(2.0, math.sqrt(foreign))


def _weigh_words(scores: dict[str, float], lower: str) -> None:
    tokens = _WORD.findall(lower)
    if not tokens:
        return
    for language in scores:
        common = _WORDS.get(language)
        if common:
            hits = sum(token in common for token in tokens)
            scores[language] += _WORDS_WEIGHT * math.sqrt(hits)
        pattern = _SPELLINGS.get(language)
        if pattern:
            scores[language] += _SPELLING * min(2, len(pattern.findall(lower)))


def _weigh_han(scores: dict[str, float], lower: str) -> None:
    """Characters that only Chinese or only Japanese writes."""
    japanese = sum(character in _JAPANESE for character in lower)
    chinese = sum(character in _SIMPLIFIED or character in _TRADITIONAL for character in lower)
    kana = sum(_script(character) == "kana" for character in lower)
    if "ja" in scores:
        scores["ja"] += 3.0 * min(2, japanese) + 2.0 * min(2, kana)
    if "zh" in scores:
        scores["zh"] += 3.0 * min(2, chinese)


def _softmax(scores: Mapping[str, float]) -> dict[str, float]:
    top = max(scores.values())
    exponents = {language: math.exp(score - top) for language, score in scores.items()}
    total = sum(exponents.values())
    return {language: value / total for language, value in exponents.items()}


def _base(tag: str) -> str:
    """The language of a BCP 47 tag, as it is called here: `no` for `nb-NO`, `zh` for `zh-TW`."""
    language = tag.replace("_", "-").split("-")[0].lower()
    return _ALIASES.get(language, language)


@functools.lru_cache(maxsize=256)
def _bases(candidates: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_base(tag) for tag in candidates)


def _spelled(language: str, candidates: tuple[str, ...] | None, text: str) -> str | None:
    """The tag of `candidates` for a language; without candidates, the language itself."""
    if candidates is None:
        return language
    tags = [tag for tag in candidates if _base(tag) == language]
    if len(tags) > 1 and language == "zh":
        wanted = chinese_script(text)
        for tag in tags:
            if _chinese_script_of(tag) == wanted:
                return tag
    return tags[0] if tags else None


def _chinese_script_of(tag: str) -> str:
    parts = {part.lower() for part in tag.replace("_", "-").split("-")}
    return "Hant" if parts & {"hant", "tw", "hk", "mo"} else "Hans"
