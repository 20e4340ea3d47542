"""Articles and queries of known answers for the search benchmark."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from bench.search_words import LANGUAGES, Stock, joined, stock
from knowledge_base.search.engine import SearchDocument

COMPOUNDING = ("de", "nb", "hu")
HEADS = {"he": ("ה", "ב", "ל", "ו", "מ", "ש", "וה", "של".replace("של", "ש")),
         "ar": ("ال", "و", "ب", "ل", "وال", "بال")}  # fmt: skip
ATTACHED = 0.25  # of the Hebrew and Arabic words have a proclitic
AMBIGUOUS = 5  # titles that answer a query equally well, at most
_FOLDED = str.maketrans(
    {
        "ä": "a", "ö": "o", "ü": "u", "Ä": "A", "Ö": "O", "Ü": "U", "ß": "ss", "ø": "o", "å": "a",
        "æ": "ae", "Ø": "O", "Å": "A", "á": "a", "é": "e", "í": "i", "ó": "o", "ú": "u", "ő": "o",
        "ű": "u", "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي",
    }
)  # fmt: skip
_VOWELS = "\u064e\u064f\u0650\u05b7\u05b8\u05b4"


@dataclass(frozen=True)
class Article:
    """A document and the words it was made of."""

    document: SearchDocument
    title: tuple[str, ...]  # as written
    bare: tuple[str, ...]  # without proclitics
    body: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]  # of compounds in the title


@dataclass(frozen=True)
class Asked:
    """A query, and the article that is to be among the first."""

    kind: str
    text: str
    language: str
    wanted: str


class Corpus:
    """`size` articles; `which` chooses the word stock."""

    def __init__(self, size: int, which: int, seed: int) -> None:
        self._random = Random(seed)
        self.stocks = {language: stock(language, which, self._random) for language in LANGUAGES}
        self.articles = [
            self._article(str(number), LANGUAGES[number % len(LANGUAGES)]) for number in range(size)
        ]

    def _words(self, chosen: Stock, count: int) -> list[str]:
        """Some words are much commoner than others."""
        last = len(chosen.words) - 1
        return [chosen.words[int(last * self._random.random() ** 1.7)] for _ in range(count)]

    def _attach(self, language: str, words: Sequence[str]) -> list[str]:
        heads = HEADS.get(language)
        if heads is None:
            return list(words)
        return [
            self._random.choice(heads) + word if self._random.random() < ATTACHED else word
            for word in words
        ]

    def _article(self, id_: str, language: str) -> Article:
        random, chosen = self._random, self.stocks[language]
        bare = self._words(chosen, random.randint(3, 5))
        parts: list[tuple[str, str]] = []
        if language in COMPOUNDING and random.random() < 0.5:
            one, two = random.choice(chosen.parts), random.choice(chosen.parts)
            bare[random.randrange(len(bare))] = one + two.lower()
            parts.append((one, two.lower()))
        title = self._attach(language, bare)
        body = self._attach(language, self._words(chosen, random.randint(40, 120)))
        body[random.randrange(len(body))] = random.choice(title)
        document = SearchDocument(
            id=id_,
            locale=language,
            title=joined(language, title, random),
            body=joined(language, body, random),
            category=f"category {random.randrange(12)}",
            tags=[f"tag {random.randrange(30)}"],
            audience="public",
            updated_at=datetime(2026, 1, 1, tzinfo=UTC)
            + timedelta(minutes=random.randrange(400_000)),
        )
        return Article(document, tuple(title), tuple(bare), tuple(body), tuple(parts))

    def queries(self, each: int) -> Iterator[Asked]:
        """Up to `each` queries of every kind and language that has it."""
        titles = _Titles(self.articles)
        by_language: dict[str, list[Article]] = defaultdict(list)
        for article in self.articles:
            by_language[article.document.locale].append(article)
        for kind, make in _KINDS.items():
            for language in LANGUAGES:
                asked = 0
                for article in self._random.sample(
                    by_language[language], len(by_language[language])
                ):
                    if asked == each:
                        break
                    text = make(article, self._random, titles)
                    if text:
                        asked += 1
                        yield Asked(kind, text, language, article.document.id)


class _Titles:
    """In how many titles a word, and a run of characters, is."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.words: Counter[tuple[str, str]] = Counter()
        self.runs: Counter[tuple[str, str]] = Counter()
        for article in articles:
            language, title = article.document.locale, article.document.title
            self.words.update({(language, word.lower()) for word in article.bare})
            if language in {"zh", "ja"}:
                for length in (2, 4):
                    self.runs.update(
                        {
                            (language, title[start : start + length])
                            for start in range(len(title) - length + 1)
                        }
                    )


def _spaced(article: Article) -> bool:
    return article.document.locale not in {"zh", "ja"}


def _pair(article: Article, random: Random) -> tuple[str, str]:
    one, two = sorted(random.sample(range(len(article.title)), 2))
    return article.title[one], article.title[two]


def _exact(article: Article, random: Random, _titles: _Titles) -> str:
    if not _spaced(article):
        return article.document.title
    return " ".join(_pair(article, random))


def _exact_word(article: Article, random: Random, titles: _Titles) -> str:
    rare = [
        word
        for word in article.title
        if _spaced(article) and titles.words[article.document.locale, word.lower()] <= AMBIGUOUS
    ]
    return random.choice(rare) if rare else ""


def _prefix(article: Article, random: Random, _titles: _Titles) -> str:
    if not _spaced(article):
        return ""
    one, two = _pair(article, random)
    return f"{one} {two[: max(3, round(len(two) * 0.6))]}"


def _typo(article: Article, random: Random, _titles: _Titles) -> str:
    if not _spaced(article):
        return ""
    one, two = _pair(article, random)
    if len(one) < 5:
        one, two = two, one
    if len(one) < 5:
        return ""
    return f"{slip(one, random)} {two}"


def _typo_word(article: Article, random: Random, titles: _Titles) -> str:
    word = _exact_word(article, random, titles)
    return slip(word, random) if len(word) >= 5 else ""


def slip(word: str, random: Random) -> str:
    """Two letters swapped, one dropped, added or replaced."""
    letters = sorted(set(word.lower()))
    at = random.randrange(1, len(word) - 1)
    how = random.randrange(4)
    if how == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if how == 1:
        return word[:at] + word[at + 1 :]
    if how == 2:
        return word[:at] + random.choice(letters) + word[at:]
    return word[:at] + random.choice(letters) + word[at + 1 :]


def _marks(article: Article, random: Random, _titles: _Titles) -> str:
    marked = [word for word in article.title if word.translate(_FOLDED) != word]
    if marked:
        one = random.choice(marked)
        other = random.choice([word for word in article.title if word != one] or [one])
        return f"{one.translate(_FOLDED)} {other.translate(_FOLDED)}"
    if article.document.locale in {"he", "ar"}:
        vowel = random.choice(_VOWELS[:3] if article.document.locale == "ar" else _VOWELS[3:])
        return " ".join(word[:1] + vowel + word[1:] for word in _pair(article, random))
    return ""


def _part(article: Article, random: Random, _titles: _Titles) -> str:
    if not article.parts:
        return ""
    compound = article.parts[0]
    others = [word for word in article.title if word != "".join(compound)]
    return f"{random.choice(compound)} {random.choice(others)}"


def _proclitic(article: Article, random: Random, _titles: _Titles) -> str:
    """The article's words with other proclitics, or with none."""
    heads = HEADS.get(article.document.locale)
    if heads is None:
        return ""
    one, two = random.sample(article.bare, 2) if len(article.bare) > 1 else (article.bare[0],) * 2
    return f"{random.choice(('', *heads))}{one} {random.choice(('', *heads))}{two}"


def _run(length: int) -> Callable[[Article, Random, _Titles], str]:
    def make(article: Article, random: Random, titles: _Titles) -> str:
        if _spaced(article):
            return ""
        title = article.document.title
        starts = range(len(title) - length + 1)
        runs = [title[start : start + length] for start in starts]
        rare = [run for run in runs if titles.runs[article.document.locale, run] <= AMBIGUOUS]
        return random.choice(rare) if rare else ""

    return make


def _apart(article: Article, random: Random, _titles: _Titles) -> str:
    """Two words of the title with something between them, in either order."""
    if not _spaced(article) or len(article.title) < 3:
        return ""
    pair = [article.title[0], article.title[-1]]
    random.shuffle(pair)
    return " ".join(pair)


def _body(article: Article, random: Random, _titles: _Titles) -> str:
    """Three words of the body, anywhere."""
    if not _spaced(article):
        return ""
    return " ".join(random.sample(article.body, 3))


_KINDS: dict[str, Callable[[Article, Random, _Titles], str]] = {
    "exact": _exact,
    "exact, one word": _exact_word,
    "prefix": _prefix,
    "one typo": _typo,
    "one typo, one word": _typo_word,
    "folded marks": _marks,
    "compound part": _part,
    "proclitics": _proclitic,
    "2 characters": _run(2),
    "4 characters": _run(4),
    "two words apart": _apart,
    "three of the body": _body,
}
