"""Two more corpora for the search benchmark, written with other habits than the first.

`short`: titles of two to four words with linked compounds and endings, short bodies.
`long`: many titles that differ in one word, bodies of about two thousand characters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from random import Random

from bench.search_corpus import AMBIGUOUS, Article, Asked
from bench.search_words import LANGUAGES, Stock, joined, stock
from knowledge_base.search.engine import SearchDocument

LINKS = {"de": ("s", "n", "es", ""), "nb": ("s", "e", "")}
ENDINGS = {"hu": ("ban", "nak", "hoz", "val", "ok", "ra", "tól", "ban"), "en": ("s", "ing", "ed"),
           "de": ("en", "er", "e"), "nb": ("en", "er", "ene")}  # fmt: skip
DOUBLE = {"he": ("וה", "שה", "מה", "וב", "של"[0] + "ב", "כש"), "ar": ("وال", "بال", "فال", "ول")}
FAMILY = 20  # articles whose titles differ in one word
TITLE = {"short": (2, 4), "long": (4, 4)}
BODY = {"short": (10, 40), "long": (240, 320)}
SCRIPT = {"zh": 0.45, "ja": 0.35}  # share of the words: theirs are short and have no spaces


class Habits:
    """`size` articles in the manner of `habit`; `which` chooses the word stock."""

    def __init__(self, habit: str, size: int, which: int, seed: int) -> None:
        self._habit, self._random = habit, Random(seed)
        self._stocks = {name: stock(name, which, self._random) for name in LANGUAGES}
        self._bases: dict[str, list[str]] = {}
        self.articles = [self._article(n, LANGUAGES[n % len(LANGUAGES)]) for n in range(size)]
        self._titled: Counter[tuple[str, str]] = Counter()
        self._found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for article in self.articles:
            language = article.document.locale
            self._titled.update({(language, word.lower()) for word in article.title})
            for word in {word.lower() for word in (*article.title, *article.body)}:
                self._found[language, word].add(article.document.id)

    def _words(self, chosen: Stock, count: int) -> list[str]:
        last = len(chosen.words) - 1
        return [chosen.words[int(last * self._random.random() ** 1.4)] for _ in range(count)]

    def _article(self, number: int, language: str) -> Article:
        random, chosen = self._random, self._stocks[language]
        title = self._words(chosen, random.randint(*TITLE[self._habit]))
        parts: list[tuple[str, str]] = []
        if self._habit == "long":
            if (number // len(LANGUAGES)) % FAMILY == 0 or language not in self._bases:
                self._bases[language] = title
            title = [*self._bases[language][:-1], title[-1]]
        elif language in LINKS and random.random() < 0.5:
            one, two = random.sample(chosen.parts, 2)
            title[-1] = one + random.choice(LINKS[language]) + two.lower()
            parts.append((one, two))
        body = self._words(
            chosen, int(random.randint(*BODY[self._habit]) * SCRIPT.get(language, 1))
        )
        document = SearchDocument(
            id=str(number),
            locale=language,
            title=joined(language, title, random),
            body=joined(language, body, random),
        )
        return Article(document, tuple(title), tuple(title), tuple(body), tuple(parts))

    def queries(self, each: int) -> Iterator[Asked]:
        """Up to `each` of every kind and language that has it."""
        kinds = _SHORT if self._habit == "short" else _LONG
        by_language: dict[str, list[Article]] = defaultdict(list)
        for article in self.articles:
            by_language[article.document.locale].append(article)
        for kind in kinds:
            for language in LANGUAGES:
                asked = 0
                for article in self._random.sample(
                    by_language[language], len(by_language[language])
                ):
                    if asked == each:
                        break
                    text = getattr(self, "_" + kind.replace(" ", "_"))(article)
                    if text:
                        asked += 1
                        yield Asked(kind, text, language, article.document.id)

    def _rare(self, article: Article, longest_first: bool = False) -> str:
        """A word of few titles."""
        language = article.document.locale
        rare = [
            word
            for word in article.title
            if len(word) > 4
            and language not in SCRIPT
            and self._titled[language, word.lower()] <= AMBIGUOUS
        ]
        return (max(rare, key=len) if longest_first else self._random.choice(rare)) if rare else ""

    def _first_letter(self, article: Article) -> str:
        word = self._rare(article)
        letters = sorted(
            set("".join(self._words(self._stocks[article.document.locale], 9)).lower())
        )
        return self._random.choice(letters) + word[1:] if word else ""

    def _transposed(self, article: Article) -> str:
        word = self._rare(article)
        at = self._random.randrange(1, len(word) - 1) if word else 0
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :] if word else ""

    def _doubled(self, article: Article) -> str:
        word = self._rare(article)
        at = self._random.randrange(len(word)) if word else 0
        return word[:at] + word[at] + word[at:] if word else ""

    def _dropped(self, article: Article) -> str:
        word = self._rare(article)
        at = self._random.randrange(1, len(word)) if word else 0
        return word[:at] + word[at + 1 :] if word else ""

    def _linked_part(self, article: Article) -> str:
        if not article.parts or len(article.title) < 2:
            return ""
        return f"{self._random.choice(article.title[:-1])} {self._random.choice(article.parts[0])}"

    def _ending(self, article: Article) -> str:
        endings = ENDINGS.get(article.document.locale)
        word = self._rare(article) if endings else ""
        return word + self._random.choice(endings) if word and endings else ""

    def _double_proclitic(self, article: Article) -> str:
        heads = DOUBLE.get(article.document.locale)
        if not heads or len(article.title) < 2:
            return ""
        one, two = self._random.sample(article.title, 2)
        return f"{self._random.choice(heads)}{one} {self._random.choice(heads)}{two}"

    def _title(self, article: Article) -> str:
        return article.document.title

    def _changed_word(self, article: Article) -> str:
        """The word that tells a title from its like, and one that it shares."""
        language, last = article.document.locale, article.title[-1]
        shared = self._random.choice(article.title[:-1])
        titles = [
            one
            for one in self.articles
            if one.document.locale == language and last in one.title and shared in one.title
        ]
        return f"{shared} {last}" if len(titles) <= AMBIGUOUS and language not in SCRIPT else ""

    def _body_phrase(self, article: Article) -> str:
        """Four words that stand together."""
        start = self._random.randrange(len(article.body) - 4)
        return joined(article.document.locale, list(article.body[start : start + 4]), Random(0))

    def _body_four(self, article: Article) -> str:
        """Four words of one body that hardly another has, in any order."""
        if article.document.locale in SCRIPT:
            return ""
        return self._unique(article, self._random.sample(article.body, 4))

    def _body_near(self, article: Article) -> str:
        """Three words out of eight that stand together."""
        if article.document.locale in SCRIPT:
            return ""
        start = self._random.randrange(len(article.body) - 8)
        some = sorted(self._random.sample(range(start, start + 8), 3))
        return self._unique(article, [article.body[at] for at in some])

    def _unique(self, article: Article, words: Sequence[str]) -> str:
        sets = [self._found[article.document.locale, word.lower()] for word in words]
        return " ".join(words) if len(set.intersection(*sets)) <= AMBIGUOUS else ""


_SHORT = ("title", "first letter", "transposed", "doubled", "dropped", "linked part", "ending",
          "double proclitic")  # fmt: skip
_LONG = ("title", "changed word", "transposed", "body phrase", "body four", "body near")
