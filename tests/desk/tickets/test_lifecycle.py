"""The ticket's life: what may follow on what, and what each step keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.tickets import lifecycle
from desk.tickets.lifecycle import SOLVED, STATUSES, UNSOLVED, IllegalTransitionError, State

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=3)
LATER = NOW + timedelta(hours=3)

# from: to, in the order of STATUSES; "." may not follow
TABLE = {
    #            new open pend hold res  clos
    "new":      "yes yes  yes  yes  yes  yes",
    "open":     "yes yes  yes  yes  yes  yes",
    "pending":  "yes yes  yes  yes  yes  yes",
    "on_hold":  "yes yes  yes  yes  yes  yes",
    "resolved": "yes yes  yes  yes  yes  yes",
    "closed":   ".   .    .    .    .    yes",
}  # fmt: skip


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("after", STATUSES)
def test_what_may_follow_on_what_before_the_first_reply(before: str, after: str) -> None:
    allowed = TABLE[before].split()[STATUSES.index(after)] == "yes"
    if not allowed:
        with pytest.raises(IllegalTransitionError, match="follow-up"):
            lifecycle.set_status(State(before), after, NOW)
        return
    state = lifecycle.set_status(State(before), after, NOW)
    assert state.status == after
    assert (state.resolved_at is not None) == (after in SOLVED and before != after)


@pytest.mark.parametrize("before", ["open", "pending", "on_hold", "resolved"])
def test_a_ticket_that_was_answered_is_never_new_again(before: str) -> None:
    with pytest.raises(IllegalTransitionError):
        lifecycle.set_status(State(before, first_replied_at=EARLIER), "new", NOW)


@pytest.mark.parametrize("status", ["new", "open", "pending", "on_hold", "resolved"])
def test_a_customers_message_wakes_and_reopens(status: str) -> None:
    state = lifecycle.customer_wrote(State(status, snoozed_until=LATER, resolved_at=EARLIER), NOW)
    assert state == State("new" if status == "new" else "open", waiting_since=NOW)


def test_who_waits_already_waits_since_then() -> None:
    state = lifecycle.customer_wrote(State("open", waiting_since=EARLIER), NOW)
    assert state is not None
    assert state.waiting_since == EARLIER


def test_a_closed_ticket_takes_no_message() -> None:
    assert lifecycle.customer_wrote(State("closed"), NOW) is None


def test_only_the_first_reply_is_the_first() -> None:
    once = lifecycle.agent_replied(State("new", waiting_since=EARLIER), EARLIER)
    again = lifecycle.agent_replied(once, NOW)
    assert (once.status, once.waiting_since) == ("open", None)
    assert again.first_replied_at == EARLIER


def test_reopening_takes_up_the_wait() -> None:
    waiting = State("open", waiting_since=EARLIER)
    resolved = lifecycle.set_status(waiting, "resolved", NOW)
    assert resolved.waiting_since is None
    assert lifecycle.set_status(resolved, "open", LATER, EARLIER) == waiting


def test_a_reply_taken_back_leaves_no_trace() -> None:
    before = State("new", waiting_since=EARLIER)
    after = lifecycle.set_status(lifecycle.agent_replied(before, NOW), "resolved", NOW)
    restored = lifecycle.take_back(after, ["new", "resolved"], EARLIER, first_replied_at=None)
    assert restored == before


def test_what_others_changed_since_stays_when_a_reply_is_taken_back() -> None:
    state = State("on_hold", waiting_since=LATER, first_replied_at=EARLIER)
    restored = lifecycle.take_back(state, ["new", "open"], NOW, first_replied_at=EARLIER)
    assert restored == State("on_hold", waiting_since=NOW, first_replied_at=EARLIER)


def test_snoozing_needs_a_future_and_an_unsolved_ticket() -> None:
    assert lifecycle.snooze(State("open"), LATER, NOW).snoozed_until == LATER
    assert lifecycle.snooze(State("resolved", snoozed_until=LATER), None, NOW).snoozed_until is None
    with pytest.raises(ValueError, match="future"):
        lifecycle.snooze(State("open"), NOW, NOW)
    with pytest.raises(ValueError, match="reopen"):
        lifecycle.snooze(State("resolved"), LATER, NOW)


Step = Callable[[State, datetime], State | None]


def _status(status: str) -> Step:
    def step(state: State, now: datetime) -> State | None:
        try:
            return lifecycle.set_status(state, status, now)
        except IllegalTransitionError:
            return state

    return step


def _snooze(state: State, now: datetime) -> State | None:
    try:
        return lifecycle.snooze(state, now + timedelta(hours=1), now)
    except ValueError:
        return state


def _reply(state: State, now: datetime) -> State | None:
    return state if state.status == "closed" else lifecycle.agent_replied(state, now)


steps = st.lists(
    st.sampled_from([lifecycle.customer_wrote, _reply, _snooze, *map(_status, STATUSES)]),
    max_size=25,
)


@given(steps)
def test_promises_that_hold_through_any_life(life: list[Step]) -> None:
    state, now = State("new"), NOW
    for step in life:
        now += timedelta(minutes=1)
        before, after = state, step(state, now)
        if before.status == "closed":
            assert after in {None, before}  # a follow-up, or nothing
            continue
        assert after is not None
        if before.first_replied_at is not None:
            assert after.first_replied_at == before.first_replied_at
        if after.status in SOLVED:
            assert (after.waiting_since, after.snoozed_until) == (None, None)
        assert (after.resolved_at is None) == (after.status in UNSOLVED)
        if step is lifecycle.customer_wrote:
            assert after.waiting_since is not None
            assert after.snoozed_until is None
            assert after.status in {"new", "open"}
        state = after
