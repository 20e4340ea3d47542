"""Importing articles: first what it would do, then doing it, an article at a time.

Each article is one unit of work, so that an import that was cut off goes on where it stopped:
what was done is unchanged in the source and is passed over. Nothing is shown to readers unless the
import is told to publish: until then even the audience, the address, the tags and the topic of an
article that readers see stay as they are, and the text is noted as waiting.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from desk.db.text import storable
from desk.errors import DeskError, Invalid
from desk.events import Actor, Kind
from desk.files import service as uploads
from desk.files.service import Upload
from desk.files.store import BlobStore
from desk.knowledge import brand, editing, exporting, pictures, placing
from desk.knowledge.errors import told
from desk.knowledge.library import Library, author
from desk.unit_of_work import UnitOfWork, Units
from knowledge_base import addresses, drafts, origins, publishing, repository, service, slugs
from knowledge_base.errors import Refused
from knowledge_base.exchange.articles import (
    ARTICLE,
    FILE,
    Audience,
    Imported,
    ImportedArticle,
    ImportedFile,
    Problem,
)
from knowledge_base.exchange.plan import Known, Plan, plan
from knowledge_base.models import Article
from knowledge_base.origins import Key, Standing, batches

LONGEST_ID: Final = 300
NAMED: Final = 1000  # texts that an outcome names; its counts are complete
Progress = Callable[[UnitOfWork, int, int], Awaitable[None]]  # steps done, steps in all

Step = Callable[[UnitOfWork, Sequence[ImportedArticle], Mapping[str, Upload]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person who started an import asked for."""

    publish: bool = False
    overwrite: frozenset[Key] = frozenset()  # conflicts in which the import is to win


@dataclass(slots=True)
class Outcome:
    """What an import did."""

    created: int = 0
    changed: int = 0
    published: int = 0
    waiting: int = 0  # for readers, and not shown to them yet
    unchanged: int = 0
    # Tuples, so that what a refused article put here is taken back with its counts.
    new: tuple[ImportedArticle, ...] = ()
    rewritten: tuple[ImportedArticle, ...] = ()
    conflicts: list[ImportedArticle] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The dry run: the plan, and the unchanged texts that only wait to be published."""

    plan: Plan
    waiting: Sequence[ImportedArticle]


class Importer:
    """Imports articles into the desk."""

    def __init__(self, units: Units, library: Library, blobs: BlobStore, max_bytes: int) -> None:
        """`max_bytes`: of one picture or download."""
        self.units = units
        self.library = library
        self.blobs = blobs
        self.max_bytes = max_bytes

    async def check(self, imported: Imported) -> Forecast:
        """What an import would do. Changes nothing."""
        async with self.units.read() as session:
            there = await origins.standing(session, {one.external_id for one in imported.articles})
            planned = plan(imported, await self._known(session, there))
        waiting = [one for one in planned.unchanged if _waits(there.get(one.key))]
        return Forecast(planned, waiting)

    async def run(
        self,
        imported: Imported,
        wishes: Wishes,
        actor: Actor,
        progress: Progress | None = None,
        note: str = "",
    ) -> Outcome:
        """Do it. What an article is refused for is a problem; the others go on."""
        forecast = await self.check(imported)
        run = _Run(self, wishes, actor, progress, note[: drafts.MAX_NOTE])
        await run.everything(forecast)
        return run.outcome

    async def _known(
        self, session: AsyncSession, there: Mapping[Key, Standing]
    ) -> dict[Key, Known]:
        """What the plan compares with: what was imported last, and what an export would write."""
        here: dict[Key, str] = {}
        for some in batches(sorted({one.article.id for one in there.values()})):
            for text in await exporting.articles(session, None, only=some):
                here[text.key] = text.fingerprint
        return {
            key: Known(
                one.origin.imported if one.origin else "", edited=one.edited, here=here.get(key, "")
            )
            for key, one in there.items()
        }


class _Run:
    """One run of an import."""

    def __init__(
        self,
        importer: Importer,
        wishes: Wishes,
        actor: Actor,
        progress: Progress | None,
        note: str,
    ) -> None:
        self.importer = importer
        self.units = importer.units
        self.library = importer.library
        self.wishes = wishes
        self.actor = actor
        self.progress = progress
        self.note = note
        self.outcome = Outcome()
        self.begun: set[Key] = set()  # texts that the first pass of this run made
        self.done = 0
        self.total = 0

    async def everything(self, forecast: Forecast) -> None:
        """New texts first, so that links lead somewhere; then each article as a whole."""
        planned = forecast.plan
        self.outcome.problems += planned.problems
        new = _grouped(planned.new)
        due = [*planned.new, *planned.changed]
        due += [one for one in planned.conflicts if one.key in self.wishes.overwrite]
        if self.wishes.publish:
            due += forecast.waiting
        else:
            self.outcome.waiting += len(forecast.waiting)
        self.outcome.conflicts += [one for one in planned.conflicts if one not in due]
        self.outcome.unchanged = len(planned.unchanged)
        keys = {one.key for one in due}
        every = [*planned.new, *planned.changed, *planned.unchanged, *planned.conflicts]
        groups = {
            name: texts
            for name, texts in _grouped(every).items()
            if any(one.key in keys for one in texts)
        }
        self.total = len(new) + len(groups)
        for texts in new.values():
            await self._step(texts, self._begin)
        for texts in groups.values():
            await self._step(texts, self._article)

    async def _step(
        self,
        texts: Sequence[ImportedArticle],
        do: Step,
    ) -> None:
        """One article in one unit; the step counts although it is refused."""
        first, before, begun = texts[0], replace(self.outcome), set(self.begun)
        try:
            kept = self._keep(texts) if do == self._article else {}
            async with self.units.write(self.actor) as work:
                await do(work, texts, kept)
                await self._count(work)
        except DeskError as error:
            self.outcome, self.begun = before, begun  # its lists are the same ones
            self.outcome.problems.append(Problem(first.source, first.line, _reason(error)))
            async with self.units.write(self.actor) as work:
                await self._count(work)

    async def _count(self, work: UnitOfWork) -> None:
        self.done += 1
        if self.progress is not None:
            await self.progress(work, self.done, self.total)

    def _keep(self, texts: Sequence[ImportedArticle]) -> dict[str, Upload]:
        """Store the files before the transaction; by the SHA-256 of their content."""
        files: dict[str, ImportedFile] = {f.sha256: f for one in texts for f in one.files}
        kept = {}
        for sha256, file in files.items():
            name = file.path.rpartition("/")[2]
            try:
                kept[sha256] = uploads.keep(
                    file.data, name, "", self.importer.max_bytes, self.importer.blobs
                )
            except DeskError as error:
                self.outcome.problems.append(Problem(file.path, 1, _reason(error)))
        return kept

    async def _begin(
        self, work: UnitOfWork, texts: Sequence[ImportedArticle], _kept: Mapping[str, Upload]
    ) -> None:
        """Make the new texts of an article, so that they have an address."""
        name = texts[0].external_id
        if len(name) > LONGEST_ID:
            raise Invalid(errors=[("id", f"an id has at most {LONGEST_ID} characters")])
        settings = await brand.load(work.session)
        article = (await origins.articles(work.session, [name])).get(name)
        for one in sorted(texts, key=lambda text: text.locale != settings.default_locale):
            written = _text(one, one.body)
            slug = await self._slug(work.session, one)
            if article is None:
                article, row = await editing.create(
                    work, self.library, one.locale, written, slug=slug, external_id=name
                )
                # Not for the public before the import has said who it is for.
                article.audience = _audience(texts)
            else:
                row = await editing.translate(
                    work, self.library, article.id, one.locale, written, slug
                )
            head = await repository.version(work.session, row.head_id)
            head.note = self.note
            await origins.note(
                work.session, work.now, Standing(article, row, head, None), "", waiting=False
            )
            self.begun.add(one.key)

    async def _article(
        self, work: UnitOfWork, texts: Sequence[ImportedArticle], kept: Mapping[str, Upload]
    ) -> None:
        """Bring an article in line with the source, as it stands at this moment."""
        name = texts[0].external_id
        article = (await origins.articles(work.session, [name])).get(name)
        if article is None:  # refused in the first pass, or deleted since
            return
        with told():
            await repository.article(work.session, article.id, lock=True)
        there = await origins.standing(work.session, [name])
        planned = plan(Imported(texts), await self.importer._known(work.session, there))  # noqa: SLF001 - our own
        due = list(planned.changed)
        for one in planned.conflicts:
            if one.key in self.wishes.overwrite:
                due.append(one)
            elif one not in self.outcome.conflicts:  # edited since the plan was made
                self.outcome.conflicts.append(one)
        waiting = [one for one in planned.unchanged if _waits(there[one.key])]
        due += waiting if self.wishes.publish else []
        if not due:
            return
        edited = {key for key, one in there.items() if one.edited}
        live = any(one.row.published_id is not None for one in there.values())
        held = live and not self.wishes.publish
        if held:
            held = await self._differs(work, article, texts)
        else:
            await self._place(work, article, texts)
        for one in due:
            await self._text(work, there[one.key], one, kept, held=held)
        # The tags and the topic of all languages may have changed with one of them.
        for key, one_there in (await origins.standing(work.session, [name])).items():
            if one_there.origin is not None and key not in edited:
                one_there.origin.left = origins.print_of(
                    one_there.article, one_there.row, one_there.head
                )

    async def _text(
        self,
        work: UnitOfWork,
        there: Standing,
        one: ImportedArticle,
        kept: Mapping[str, Upload],
        *,
        held: bool,
    ) -> None:
        """One language of it."""
        session, row = work.session, there.row
        with told():
            row = await repository.locale(session, there.article.id, one.locale, lock=True)
        body = await self._body(work, there.article, one, kept)
        before = row.head_id, there.head.body
        with told():
            head = await drafts.save(
                session, work.now, author(self.actor), row, _text(one, body),
                base=row.version, note=self.note, apart=one.key not in self.begun,
            )  # fmt: skip
        if (head.id, head.body) != before:
            await self.library.changed(
                work, Kind.ARTICLE_SAVED, row.article_id, locale=one.locale, number=head.number
            )
        wanted = await self._slug(session, one, row.article_id)
        if wanted and wanted != row.slug:
            if row.published_id is None or self.wishes.publish:
                await editing.move(work, self.library, row.article_id, one.locale, wanted)
            else:
                held = True
        shown = row.published_id == row.head_id
        if one.state == "published" and self.wishes.publish and not shown:
            shown = await self._publish(work, there.article, one)
        waiting = held or (one.state == "published" and not shown)
        await origins.note(
            session, work.now, Standing(there.article, row, head, None), one.fingerprint,
            waiting=waiting,
        )  # fmt: skip
        self.outcome.waiting += waiting
        if one.key in self.begun:
            self.outcome.created += 1
            self.outcome.new = (*self.outcome.new, one)[:NAMED]
        elif (head.id, head.body) != before or not there.origin or not there.origin.imported:
            self.outcome.changed += 1
            self.outcome.rewritten = (*self.outcome.rewritten, one)[:NAMED]

    async def _publish(self, work: UnitOfWork, article: Article, one: ImportedArticle) -> bool:
        row = await repository.locale(work.session, article.id, one.locale)
        try:
            await publishing.check_publishable(
                work.session, article, await repository.version(work.session, row.head_id)
            )
        except Refused as error:
            text = "; ".join(why for _, why in error.errors)
            self.outcome.problems.append(
                Problem(one.source, one.line, f"imported, but not published: {text}")
            )
            return False
        await editing.publish(work, self.library, article.id, one.locale)
        self.outcome.published += 1
        return True

    async def _place(
        self, work: UnitOfWork, article: Article, texts: Sequence[ImportedArticle]
    ) -> None:
        """Topic, tags and audience, which hold in every language."""
        await editing.change(
            work, self.library, article.id, await self._fields(work, article, texts)
        )

    async def _differs(
        self, work: UnitOfWork, article: Article, texts: Sequence[ImportedArticle]
    ) -> bool:
        """Whether the import would change what readers see beside the text."""
        fields = await self._fields(work, article, texts, make=False)
        if "category_id" in fields and fields["category_id"] is None:
            return True  # the topic is to be made
        return any(getattr(article, name) != value for name, value in fields.items())

    async def _fields(
        self,
        work: UnitOfWork,
        article: Article,
        texts: Sequence[ImportedArticle],
        *,
        make: bool = True,
    ) -> dict[str, object]:
        """The narrowest audience, all of the tags, the topic of the source's language."""
        ordered = sorted(texts, key=lambda one: one.locale != article.source_locale)
        with told():
            tags = service.tags([storable(tag) for one in texts for tag in one.tags])
        fields: dict[str, object] = {"tags": tags, "audience": _audience(texts)}
        if any(one.category.strip() for one in texts):
            fields["category_id"] = await placing.place(work, self.library, ordered, make=make)
        return fields

    async def _slug(self, session: AsyncSession, one: ImportedArticle, owner: object = None) -> str:
        """The address that the source asks for, where it can stand and nobody else has it."""
        if not one.slug:
            return ""
        slug = one.slug if slugs.is_slug(one.slug) else slugs.slugify(one.slug)
        taken = await repository.by_slug(session, one.locale, slug)
        if taken is not None and taken.article_id != owner:
            text = f"the address {slug!r} belongs to another article; this one got another"
            if owner is None:
                self.outcome.problems.append(Problem(one.source, one.line, text))
                return await addresses.free(session, one.locale, slug)
            return ""
        return slug

    async def _body(
        self,
        work: UnitOfWork,
        article: Article,
        one: ImportedArticle,
        kept: Mapping[str, Upload],
    ) -> str:
        """With links to articles and files of the desk."""
        links = placing.Links(one, self.outcome.problems)
        ids = links.named(ARTICLE)
        targets = await origins.standing(work.session, ids)
        addresses_of = {
            name: {key[1]: found.row.slug for key, found in targets.items() if key[0] == name}
            for name in ids
        }
        files: dict[str, str] = {}
        wanted = links.named(FILE)
        stored = {row.sha256: row for row in await repository.files(work.session, article.id)}
        for file in one.files:
            if file.path not in wanted or file.sha256 not in kept:
                continue
            row = stored.get(file.sha256)
            if row is None:
                upload = kept[file.sha256]
                with told():
                    row = await service.add_file(
                        work.session, work.now, article.id,
                        sha256=upload.sha256, filename=storable(upload.filename),
                        content_type=upload.content_type, size=upload.size,
                        alt=storable(links.alt(file.path)),
                        dimensions=pictures.dimensions(file.data),
                        uploaded_by=self.actor.id, described=False,
                    )  # fmt: skip
                stored[file.sha256] = row
            if row.content_type.startswith("image/") and not row.alt.strip():
                links.complain(file.path, "the picture has no alternative text; add it here")
            files[file.path] = f"/help/files/{row.id}"
        return links.resolved(addresses_of, files)


def _grouped(texts: Sequence[ImportedArticle]) -> dict[str, list[ImportedArticle]]:
    groups: dict[str, list[ImportedArticle]] = {}
    for one in texts:
        groups.setdefault(one.external_id, []).append(one)
    return groups


def _text(one: ImportedArticle, body: str) -> drafts.Text:
    return editing.text(one.title, one.summary, body.strip("\n"))


def _audience(texts: Sequence[ImportedArticle]) -> Audience:
    order: tuple[Audience, ...] = ("internal", "signed-in", "public")
    return min((one.audience for one in texts), key=order.index)


def _waits(there: Standing | None) -> bool:
    return (
        there is not None and there.origin is not None and there.origin.waiting and not there.edited
    )


def _reason(error: DeskError) -> str:
    errors = getattr(error, "errors", ())
    return "; ".join(f"{name}: {why}" for name, why in errors) or error.detail
