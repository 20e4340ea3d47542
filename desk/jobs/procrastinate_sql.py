"""Statements of the desk's own on procrastinate's tables, for what its interface does not offer.

They end, put back and list jobs within the desk's units of work. `fence` names one run of a job:
a job that was put back and started anew has another worker or another number of attempts.
"""

from __future__ import annotations

from typing import Any

from procrastinate.jobs import Job
from sqlalchemy import text

QUEUE = "desk"

_RUN = "id = :id AND status = 'doing' AND worker_id = :worker_id AND attempts = :attempts"

FINISH = text(f"DELETE FROM procrastinate_jobs WHERE {_RUN}")  # noqa: S608 - a constant

# A waiting job's dedupe key goes when it starts: two retries with one key could not both wait.
UNLOCK = text(f"UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE {_RUN}")  # noqa: S608

NOTE = text(
    "UPDATE procrastinate_jobs "  # noqa: S608
    "SET args = jsonb_set(args, '{error}', to_jsonb(CAST(:error AS text))) "
    f"WHERE {_RUN}"
)

# In one statement, so that two processes that look at once do not put one job back twice.
RECOVER = text("""
    UPDATE procrastinate_jobs
    SET status = 'todo', attempts = attempts + 1, queueing_lock = NULL, scheduled_at = NULL,
        worker_id = NULL, abort_requested = false
    WHERE status = 'doing' AND queue_name = :queue AND NOT EXISTS (
        SELECT 1 FROM procrastinate_workers w
        WHERE w.id = procrastinate_jobs.worker_id
          AND w.last_heartbeat >= now() - make_interval(secs => :seconds)
    )
    RETURNING id
""")

DEAD = text("""
    SELECT id, task_name, args, lock, attempts FROM procrastinate_jobs
    WHERE status IN ('failed', 'aborted') AND queue_name = :queue
    ORDER BY id DESC LIMIT :limit
""")

REVIVE = text("""
    WITH revived AS (
        UPDATE procrastinate_jobs
        SET status = 'todo', attempts = 0, scheduled_at = NULL, args = args - 'error'
        WHERE id = :id AND status IN ('failed', 'aborted') AND queue_name = :queue
        RETURNING id
    )
    SELECT pg_notify(
        'procrastinate_queue_v1#' || :queue,
        json_build_object('type', 'job_inserted', 'job_id', id)::text
    ) FROM revived
""")

DEPTH = text("""
    SELECT CASE status WHEN 'todo' THEN 'ready' WHEN 'doing' THEN 'running' ELSE 'dead' END
               AS state, count(*) AS jobs
    FROM procrastinate_jobs
    WHERE queue_name = :queue AND status IN ('todo', 'doing', 'failed', 'aborted')
    GROUP BY 1
""")


def fence(job: Job) -> dict[str, Any]:
    """The parameters that name this run of the job."""
    return {"id": job.id, "worker_id": job.worker_id, "attempts": job.attempts}
