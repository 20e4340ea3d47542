"""What every queue promises, whichever it is and whichever database it lives on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from desk.jobs.port import GiveUp, JobQueue, JobRun, LostLeaseError, RetryLater
from tests.desk.jobs.house import SOON, House, task, until, until_empty

HOUR = timedelta(hours=1)


async def nothing(run: JobRun) -> None:
    """A task for jobs that are only looked at."""


class Log:
    """A task that notes its runs."""

    def __init__(self) -> None:
        self.runs: list[tuple[Any, int]] = []

    async def __call__(self, run: JobRun) -> None:
        self.runs.append((run.args["n"], run.attempt))

    def has(self, runs: int) -> bool:
        return len(self.runs) == runs

    @property
    def numbers(self) -> list[Any]:
        return [number for number, _ in self.runs]


async def test_a_job_exists_exactly_when_its_unit_committed(house: House) -> None:
    log = Log()
    queue = house.queue(task(log))
    await house.defer(queue, "work", {"n": "kept"})

    async def fail() -> None:
        async with house.units.write() as work:
            await queue.defer(work.session, "work", {"n": "dropped"}, now=work.now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await queue.depth() == {"ready": 1, "running": 0, "dead": 0}
    await queue.start()
    await until_empty(queue)
    assert log.numbers == ["kept"]


async def test_a_running_queue_notices_a_commit_at_once(house: House) -> None:
    log = Log()
    queue = house.queue(task(log), poll=HOUR)
    await queue.start()
    await asyncio.sleep(0.3)  # it has found nothing and sleeps
    await house.defer(queue, "work", {"n": 1})
    await until(lambda: log.numbers == [1], seconds=2)


async def test_a_job_for_a_task_that_does_not_exist_is_refused(house: House) -> None:
    queue = house.queue(task(nothing))
    with pytest.raises(LookupError, match="misspelt"):
        await house.defer(queue, "misspelt", {})


async def test_many_jobs_are_deferred_at_once_in_the_order_given(house: House) -> None:
    log = Log()
    queue = house.queue(task(log), poll=HOUR)
    await queue.start()
    jobs = [({"n": n}, f"lane {n % 2}" if n % 3 else None) for n in range(12)]
    async with house.units.write() as work:
        await queue.defer_all(work.session, "work", jobs, now=work.now)
        await queue.defer_all(work.session, "work", [], now=work.now)
    await until(lambda: log.has(12))
    for lane in ("lane 0", "lane 1"):
        wanted = [args["n"] for args, of in jobs if of == lane]
        assert [n for n in log.numbers if n in wanted] == wanted
    async with house.units.write() as work:
        with pytest.raises(LookupError, match="misspelt"):
            await queue.defer_all(work.session, "misspelt", jobs, now=work.now)


async def test_a_lane_runs_one_at_a_time_in_order_without_pauses(house: House) -> None:
    order: list[int] = []
    inside = 0

    async def run(job: JobRun) -> None:
        nonlocal inside
        inside += 1
        assert inside == 1
        await asyncio.sleep(0.002 * (job.args["n"] % 3))
        order.append(job.args["n"])
        inside -= 1

    queue = house.queue(task(run), poll=HOUR)
    await queue.start()
    await house.defer(queue, "work", *({"n": n} for n in range(30)), lane="contact 1")
    await until(lambda: len(order) == 30)
    assert order == list(range(30))


async def test_lanes_run_beside_each_other(house: House) -> None:
    together = asyncio.Barrier(3)

    async def run(_job: JobRun) -> None:
        await asyncio.wait_for(together.wait(), 10)

    queue = house.queue(task(run))
    await queue.start()
    for lane in ("a", "b", None):
        await house.defer(queue, "work", {}, lane=lane)
    await until_empty(queue)
    assert (await queue.depth())["dead"] == 0


async def test_a_failing_job_is_tried_again_and_holds_its_lane(house: House) -> None:
    log = Log()

    async def run(job: JobRun) -> None:
        await log(job)
        if job.args["n"] == "flaky" and job.attempt < 3:
            raise ConnectionError("not yet")

    queue = house.queue(task(run))
    await house.defer(queue, "work", {"n": "flaky"}, {"n": "next"}, lane="contact 1")
    await queue.start()
    await until_empty(queue)
    assert log.runs == [("flaky", 1), ("flaky", 2), ("flaky", 3), ("next", 1)]


async def test_a_retry_waits_for_its_time(house: House) -> None:
    log = Log()

    async def run(job: JobRun) -> None:
        await log(job)
        if job.attempt == 1:
            raise ConnectionError("try later")

    queue = house.queue(task(run, schedule=(timedelta(seconds=0.6),)))
    await house.defer(queue, "work", {"n": 1})
    await queue.start()
    await until(lambda: log.runs)
    await asyncio.sleep(0.4)
    assert len(log.runs) == 1
    await until(lambda: len(log.runs) == 2)


async def test_the_clock_decides_when_the_embedded_queue_retries(house: House) -> None:
    if not house.embedded:
        pytest.skip("procrastinate asks the database for the time")
    log = Log()

    async def run(job: JobRun) -> None:
        await log(job)
        raise ConnectionError("again and again")

    schedule = (timedelta(minutes=1), timedelta(minutes=30))
    queue = house.queue(task(run, schedule=schedule))
    await house.defer(queue, "work", {"n": 1})
    await queue.start()
    for runs, wait in enumerate(schedule, start=1):
        await until(partial(log.has, runs))
        await until(lambda: _waiting(queue))
        house.clock.ahead += wait - timedelta(seconds=5)
        queue.wake()
        await asyncio.sleep(0.15)
        assert len(log.runs) == runs
        house.clock.ahead += timedelta(seconds=10)
        queue.wake()
    await until(lambda: len(log.runs) == 3)
    await until_empty(queue)
    assert (await queue.depth())["dead"] == 1


async def test_a_task_may_choose_its_own_wait(house: House) -> None:
    log = Log()

    async def run(job: JobRun) -> None:
        await log(job)
        if job.attempt == 1:
            raise RetryLater("the provider asks for a pause", SOON)

    queue = house.queue(task(run, schedule=(HOUR,)))
    await house.defer(queue, "work", {"n": 1})
    await queue.start()
    await until_empty(queue)
    assert log.runs == [(1, 1), (1, 2)]


async def test_a_job_that_keeps_failing_is_kept_where_a_person_sees_it(house: House) -> None:
    told: list[tuple[Mapping[str, Any], str]] = []
    healthy = False
    log = Log()

    async def run(job: JobRun) -> None:
        await log(job)
        if job.args["n"] == "bad" and not healthy:
            raise ConnectionError("no route\x00")

    async def on_dead(args: Mapping[str, Any], error: str) -> None:
        told.append((args, error))

    queue = house.queue(task(run, on_dead=on_dead))
    await house.defer(queue, "work", {"n": "bad"}, {"n": "after"}, lane="contact 1")
    await queue.start()
    await until_empty(queue)
    assert log.runs == [("bad", 1), ("bad", 2), ("bad", 3), ("after", 1)]
    assert told == [({"n": "bad"}, "ConnectionError: no route\N{REPLACEMENT CHARACTER}")]
    (dead,) = await queue.dead()
    assert (dead.task, dead.args, dead.lane, dead.attempts) == (
        "work",
        {"n": "bad"},
        "contact 1",
        3,
    )
    assert "no route" in dead.last_error
    assert abs(house.clock() - dead.created_at) < timedelta(minutes=1)

    healthy = True
    log.runs.clear()
    assert await queue.revive(dead.id)
    assert not await queue.revive(dead.id)
    await until_empty(queue)
    assert log.runs == [("bad", 1)]
    assert await queue.depth() == {"ready": 0, "running": 0, "dead": 0}


async def test_a_task_may_give_up_at_once(house: House) -> None:
    log = Log()

    async def run(job: JobRun) -> None:
        await log(job)
        raise GiveUp("the address does not exist")

    queue = house.queue(task(run))
    await house.defer(queue, "work", {"n": 1})
    await queue.start()
    await until_empty(queue)
    assert log.runs == [(1, 1)]
    assert [dead.last_error for dead in await queue.dead()] == ["the address does not exist"]


async def test_a_failing_on_dead_is_tried_again(house: House) -> None:
    calls: list[str] = []

    async def run(_job: JobRun) -> None:
        raise GiveUp("no such address")

    async def on_dead(_args: Mapping[str, Any], error: str) -> None:
        calls.append(error)
        raise ConnectionError("the database is away")

    queue = house.queue(task(run, on_dead=on_dead, schedule=()))
    await house.defer(queue, "work", {})
    await queue.start()
    await until(lambda: calls)
    await queue.stop()
    assert await queue.depth() == {"ready": 1, "running": 0, "dead": 0}


async def test_a_waiting_job_with_the_same_key_is_enough(house: House) -> None:
    log = Log()
    running = asyncio.Event()
    go_on = asyncio.Event()

    async def run(job: JobRun) -> None:
        await log(job)
        running.set()
        await asyncio.wait_for(go_on.wait(), 10)
        if job.attempt == 1:
            raise ConnectionError("once")

    queue = house.queue(task(run))
    async with house.units.write() as work:
        for number in (1, 2):
            await queue.defer(
                work.session, "work", {"n": number}, now=work.now, dedupe_key="reindex 7"
            )
        await queue.defer(work.session, "work", {"n": "other"}, now=work.now)
    await house.defer(queue, "work", {"n": 3}, dedupe_key="reindex 7")
    assert (await queue.depth())["ready"] == 2
    await queue.start()
    await asyncio.wait_for(running.wait(), 10)
    # What is asked for while one runs may have come too late for it: it is a job of its own,
    # and both can wait for a retry.
    await until(lambda: len(log.runs) == 2)
    await house.defer(queue, "work", {"n": 4}, dedupe_key="reindex 7")
    await until(lambda: len(log.runs) == 3)
    go_on.set()
    await until_empty(queue)
    assert Counter(log.numbers) == {1: 2, "other": 2, 4: 2}


async def test_a_later_job_is_not_run_early(house: House) -> None:
    log = Log()
    queue = house.queue(task(log))
    await queue.start()
    await house.defer(queue, "work", {"n": "later"}, run_at=house.clock() + timedelta(seconds=1))
    await house.defer(queue, "work", {"n": "now"})
    await asyncio.sleep(0.5)
    assert log.numbers == ["now"]
    await until(lambda: log.numbers == ["now", "later"])


async def test_a_finish_that_is_rolled_back_finishes_nothing(house: House) -> None:
    log = Log()

    async def run(job: JobRun) -> None:
        async with house.units.write() as work:
            await log(job)
            await job.finish(work)
            if job.attempt == 1:
                raise ConnectionError("after finish, before the commit")

    queue = house.queue(task(run))
    await house.defer(queue, "work", {"n": 1})
    await queue.start()
    await until_empty(queue)
    assert log.runs == [(1, 1), (1, 2)]
    assert (await queue.depth())["dead"] == 0


async def test_what_happens_after_a_finish_does_not_bring_the_job_back(house: House) -> None:
    log = Log()

    async def run(job: JobRun) -> None:
        await log(job)
        async with house.units.write() as work:
            await job.finish(work)
        raise ConnectionError("the push to the live feed failed")

    queue = house.queue(task(run))
    await house.defer(queue, "work", {"n": 1}, {"n": 2}, lane="contact 1")
    await queue.start()
    await until_empty(queue)
    assert log.runs == [(1, 1), (2, 1)]
    assert (await queue.depth())["dead"] == 0


async def test_stopping_lets_a_job_end_within_the_grace(house: House) -> None:
    log = Log()
    started = asyncio.Event()

    async def run(job: JobRun) -> None:
        started.set()
        await asyncio.sleep(0.2)
        await log(job)

    queue = house.queue(task(run))
    await house.defer(queue, "work", {"n": 1}, {"n": 2}, lane="contact 1")
    await queue.start()
    await asyncio.wait_for(started.wait(), 10)
    await queue.stop(timedelta(seconds=5))
    assert log.numbers == [1]
    assert await queue.depth() == {"ready": 1, "running": 0, "dead": 0}


async def test_a_job_cut_short_by_a_stop_is_put_back_uncounted(house: House) -> None:
    log = Log()
    started = asyncio.Event()
    cut_short = True

    async def run(job: JobRun) -> None:
        started.set()
        if cut_short:
            await asyncio.sleep(60)
        await log(job)

    only_once = task(run, schedule=())
    queue = house.queue(only_once)
    await house.defer(queue, "work", {"n": 1})
    await queue.start()
    await asyncio.wait_for(started.wait(), 10)
    await queue.stop(timedelta(milliseconds=50))
    assert await queue.depth() == {"ready": 1, "running": 0, "dead": 0}
    cut_short = False
    await queue.start()
    await until_empty(queue)
    assert log.runs == [(1, 1)]


async def test_two_runners_share_the_work(house: House) -> None:
    running: set[int] = set()
    lanes: set[int] = set()
    done: list[int] = []
    by_runner: Counter[str] = Counter()

    def runner(name: str) -> Any:
        async def run(job: JobRun) -> None:
            number, lane = job.args["n"], job.args["n"] % 10
            assert number not in running
            assert lane not in lanes
            running.add(number)
            lanes.add(lane)
            await asyncio.sleep(0.005)
            running.remove(number)
            lanes.remove(lane)
            done.append(number)
            by_runner[name] += 1

        return run

    first = house.queue(task(runner("first")), concurrency=4)
    second = house.queue(task(runner("second")), concurrency=4, apart=True)
    async with house.units.write() as work:
        for number in range(120):
            await first.defer(
                work.session, "work", {"n": number}, now=work.now, lane=f"lane {number % 10}"
            )
    await first.start()
    await second.start()
    await until_empty(first)
    assert sorted(done) == list(range(120))
    for lane in range(10):
        assert [number for number in done if number % 10 == lane] == list(range(lane, 120, 10))
    assert set(by_runner) == {"first", "second"}
    assert (await first.depth())["dead"] == 0


async def test_a_late_commit_does_not_start_a_second_job_in_its_lane(house: House) -> None:
    if house.kind.endswith("sqlite"):
        pytest.skip("one writer at a time: jobs are committed in the order of their numbers")
    order: list[str] = []
    newer_runs = asyncio.Event()
    go_on = asyncio.Event()

    async def run(job: JobRun) -> None:
        order.append(f"{job.args['n']} starts")
        if job.args["n"] == "newer":
            newer_runs.set()
            await asyncio.wait_for(go_on.wait(), 10)
        order.append(f"{job.args['n']} ends")

    queue = house.queue(task(run))
    await queue.start()
    async with house.units.write() as work:
        await queue.defer(work.session, "work", {"n": "older"}, now=work.now, lane="a")
        await house.defer(queue, "work", {"n": "newer"}, lane="a")
        await asyncio.wait_for(newer_runs.wait(), 10)
    await asyncio.sleep(0.3)
    go_on.set()
    await until_empty(queue)
    assert order == ["newer starts", "newer ends", "older starts", "older ends"]


async def test_a_runner_given_up_for_dead_commits_nothing(house: House) -> None:
    lost: list[int] = []
    effects: list[str] = []
    taken_over = asyncio.Event()

    async def slow(job: JobRun) -> None:
        await asyncio.wait_for(taken_over.wait(), 10)
        try:
            async with house.units.write() as work:
                await job.finish(work)
                work.after_commit(lambda: effects.append("slow"))
        except LostLeaseError:
            lost.append(job.attempt)
            raise

    async def quick(job: JobRun) -> None:
        taken_over.set()
        await until(lambda: lost)  # the first one tries to finish while this one has the job
        async with house.units.write() as work:
            await job.finish(work)
            work.after_commit(lambda: effects.append("quick"))

    first = house.queue(task(slow))
    await house.defer(first, "work", {}, lane="contact 1")
    await first.start()
    await until(lambda: _running(first))
    if house.embedded:  # its clock is far ahead: to it, the first one's lease ran out
        second = house.queue(
            task(quick), apart=True, clock=lambda: house.clock() + timedelta(minutes=10)
        )
    else:  # to it, half a second without a heartbeat is death
        second = house.queue(task(quick), apart=True, stalled_after=timedelta(seconds=0.5))
    await second.start()
    await until(lambda: lost)
    await until_empty(first)
    assert effects == ["quick"]
    assert lost == [1]
    assert await first.depth() == {"ready": 0, "running": 0, "dead": 0}


async def test_a_long_job_keeps_what_it_took(house: House) -> None:
    log = Log()

    async def run(job: JobRun) -> None:
        await log(job)
        await asyncio.sleep(2)

    short = timedelta(seconds=0.6)
    options: dict[str, Any] = {} if house.embedded else {"stalled_after": short}
    first = house.queue(task(run, lease=short), **options)
    second = house.queue(task(run, lease=short), apart=True, **options)
    await house.defer(first, "work", {"n": 1})
    await first.start()
    await second.start()
    await until_empty(first)
    assert log.runs == [(1, 1)]


async def _waiting(queue: JobQueue) -> bool:
    return (await queue.depth())["ready"] == 1


async def _running(queue: JobQueue) -> bool:
    return (await queue.depth())["running"] > 0


async def test_a_restarted_database_stops_no_queue(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    if house.kind.endswith("sqlite"):
        pytest.skip("there is no server to restart")
    for module in ("embedded", "procrastinate_queue"):
        monkeypatch.setattr(f"desk.jobs.{module}.PAUSE_AFTER_ERROR", 0.1)
    log = Log()
    queue = house.queue(task(log), apart=True)
    await queue.start()
    await house.defer(queue, "work", {"n": 1})
    await until(lambda: log.numbers == [1])
    await asyncio.sleep(0.3)  # it waits for work again
    async with house.units.read() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await asyncio.sleep(0.3)
    await house.defer(queue, "work", {"n": 2})
    await until(lambda: log.numbers == [1, 2])
