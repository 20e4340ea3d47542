"""Clocks against minutes counted one by one, and both ways of reading a ledger."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sla import snapshot
from sla.replay import apply, replay
from tests.sla.clock_agreement import check
from tests.sla.clock_cases import draw_ticket

BRUTE = settings(
    deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
seeds = st.integers(0, 2**63)


@settings(BRUTE, max_examples=150)
@given(seeds)
def test_clocks_agree_with_counted_minutes(seed: int) -> None:
    check(draw_ticket(Random(seed)))


@settings(BRUTE, max_examples=200)
@given(seeds)
def test_one_entry_at_a_time_through_a_store_is_a_replay(seed: int) -> None:
    case = draw_ticket(Random(seed))
    standing = replay(case.entries[:1], case.rules)
    for count, entry in enumerate(case.entries[1:], 2):
        kept = snapshot.decode(snapshot.encode(standing), case.rules)
        assert kept == standing
        before = snapshot.encode(kept)
        standing = apply(kept, entry, case.rules)
        assert snapshot.encode(kept) == before  # what was kept is not changed
        assert standing == replay(case.entries[:count], case.rules)


@settings(BRUTE, max_examples=100)
@given(seeds)
def test_the_order_in_which_entries_arrive_does_not_matter(seed: int) -> None:
    random = Random(seed)
    case = draw_ticket(random)
    shuffled = random.sample(case.entries, len(case.entries))
    assert replay(shuffled, case.rules) == replay(case.entries, case.rules)
