"""Jobs of the knowledge base: publishing on time, and an index outside of the database."""

from __future__ import annotations

from uuid import UUID

import structlog

from desk.errors import DeskError
from desk.jobs.port import GiveUp, JobRun, Task
from desk.knowledge import editing
from desk.knowledge.library import Library
from desk.unit_of_work import Units
from knowledge_base import documents

log = structlog.get_logger(__name__)

PUBLISH = "knowledge.publish"
INDEX = "knowledge.index"


class KnowledgeJobs:
    """What the knowledge base leaves for later."""

    def __init__(self, units: Units, library: Library) -> None:
        self.units = units
        self.library = library

    def tasks(self) -> tuple[Task, ...]:
        """The jobs as the queue knows them."""
        return (Task(name=PUBLISH, run=self.publish), Task(name=INDEX, run=self.index))

    async def publish(self, run: JobRun) -> None:
        """Publish what was scheduled, unless it was called off or moved since."""
        try:
            async with self.units.write() as work:
                await editing.publish_due(work, self.library, UUID(run.args["locale_id"]))
                await run.finish(work)
        except DeskError as error:
            # A picture lost its words since: people see the dead job and the text, unpublished.
            log.warning("scheduled_publication_refused", reason=error.detail, **run.args)
            raise GiveUp(error.detail) from error

    async def index(self, run: JobRun) -> None:
        """Bring the engine in line with an article as it stands now."""
        article_id = UUID(run.args["article_id"])
        async with self.units.read() as session:
            wanted = await documents.of_articles(session, [article_id])
            known = set(await documents.possible_ids(session, article_id))
            engine = self.library.engine(session)
        gone = (known | set(run.args.get("documents") or ())) - {doc.id for doc in wanted}
        if gone:
            await engine.remove(sorted(gone))
        if wanted:
            await engine.index(wanted)
