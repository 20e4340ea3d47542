"""The embedded queue's statements, for SQLite and PostgreSQL, each built once.

A lane's rule lives in `_free_to_run`: a job may be claimed when no other job of its lane runs and
no older one is unfinished. It counts ready, running and waiting-for-retry jobs alike, so the head
of a lane holds the lane until it is done or dead.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from desk.db.types import UtcDateTime
from desk.jobs.models import Job

jobs = cast("Table", Job.__table__)

# `state IN ('ready', 'running')` as literals: only then do both databases use the partial indexes.
_READY: ColumnElement[str] = literal_column("'ready'")
_RUNNING: ColumnElement[str] = literal_column("'running'")

_now = bindparam("p_now", type_=UtcDateTime())
_id = bindparam("p_id", type_=jobs.c.id.type)
_token = bindparam("p_token", type_=jobs.c.token.type)
_ours = and_(jobs.c.id == _id, jobs.c.token == _token)

# No conflict target: the dedupe key's index is the only one a new job can run into.
DEFER: Mapping[str, Any] = {
    "sqlite": sqlite.insert(jobs).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(jobs).on_conflict_do_nothing(),
}

# Claims of several processes come one after the other: two that each saw another part of a lane
# could otherwise start two of its jobs. SQLite has one writer anyway.
CLAIM_LOCK = text("SELECT pg_advisory_xact_lock(727275)")

FINISH = delete(jobs).where(_ours)

AGAIN = (
    update(jobs)
    .where(_ours)
    .values(
        state="ready",
        run_at=bindparam("p_run_at", type_=UtcDateTime()),
        last_error=bindparam("p_error"),
        token=None,
        leased_until=None,
    )
)

BURY = (
    update(jobs)
    .where(_ours)
    .values(state="dead", last_error=bindparam("p_error"), token=None, leased_until=None)
)

RELEASE = (  # the run was cut short by a shutdown: it does not count
    update(jobs)
    .where(_ours)
    .values(
        state="ready",
        run_at=_now,
        attempts=jobs.c.attempts - 1,
        token=None,
        leased_until=None,
    )
)

EXTEND = update(jobs).where(_ours).values(leased_until=bindparam("p_until", type_=UtcDateTime()))

NEXT = select(func.min(jobs.c.run_at)).where(jobs.c.state == _READY, jobs.c.run_at > _now)

PEEK: Select[Any] = select(
    or_(
        exists().where(jobs.c.state == _READY, jobs.c.run_at <= _now),
        exists().where(jobs.c.state == _RUNNING, jobs.c.leased_until <= _now),
    ),
    NEXT.scalar_subquery(),
)

DEAD = (
    select(
        jobs.c.id,
        jobs.c.task,
        jobs.c.args,
        jobs.c.lane,
        jobs.c.attempts,
        jobs.c.last_error,
        jobs.c.created_at,
    )
    .where(jobs.c.state == "dead")
    .order_by(jobs.c.id.desc())
    .limit(bindparam("p_limit"))
)

REVIVE = (
    update(jobs)
    .where(jobs.c.id == _id, jobs.c.state == "dead")
    .values(state="ready", run_at=_now, attempts=0)
)

DEPTH = select(jobs.c.state, func.count()).group_by(jobs.c.state)


def _free_to_run(job: Any) -> ColumnElement[bool]:  # noqa: ANN401 - an alias of the table
    other = jobs.alias("other")
    in_the_way = or_(other.c.state == _RUNNING, and_(job.c.state == _READY, other.c.id < job.c.id))
    return or_(
        job.c.lane.is_(None),
        ~exists().where(
            other.c.lane == job.c.lane,
            literal_column("other.state IN ('ready', 'running')", Boolean()),
            other.c.id != job.c.id,
            in_the_way,
        ),
    )


def claim(leases: Mapping[str, timedelta], default: timedelta) -> tuple[Update, list[timedelta]]:
    """The claim, and the leases behind its parameters `p_until_0`, `p_until_1`, ...

    Takes at most `p_free` jobs that are due, or whose runner let the lease run out. The dedupe key
    goes when the job starts: what is asked for from now on is not covered by this run.
    """
    lengths = [default, *sorted(set(leases.values()) - {default})]
    until: Any = bindparam("p_until_0", type_=UtcDateTime())
    if len(lengths) > 1:
        until = case(
            *(
                (
                    jobs.c.task.in_([name for name, lease in leases.items() if lease == length]),
                    bindparam(f"p_until_{index}", type_=UtcDateTime()),
                )
                for index, length in enumerate(lengths)
                if index
            ),
            else_=until,
        )
    job = jobs.alias("candidate")
    candidates = (
        select(job.c.id)
        .where(
            or_(
                and_(job.c.state == _READY, job.c.run_at <= _now),
                and_(job.c.state == _RUNNING, job.c.leased_until <= _now),
            ),
            _free_to_run(job),
        )
        .order_by(job.c.run_at, job.c.id)
        .limit(bindparam("p_free"))
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(jobs)
        .where(jobs.c.id.in_(candidates))
        .values(
            state="running",
            token=bindparam("p_token", type_=jobs.c.token.type),
            leased_until=until,
            attempts=jobs.c.attempts + 1,
            dedupe_key=None,
        )
        .returning(jobs.c.id, jobs.c.task, jobs.c.args, jobs.c.attempts, jobs.c.last_error)
    )
    return statement, lengths
