"""What Telegram allows is shared: all copies together never send more than one alone may."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.limits import BULK_PER_SECOND, GROUP_PER_MINUTE, KEPT_FOR_CARDS, Bucket, Limits


@given(copies=st.integers(1, 50))
def test_copies_together_keep_to_the_rate_of_one(copies: int) -> None:
    limits = Limits()
    limits.share(copies)
    assert limits.bulk.rate * copies <= BULK_PER_SECOND * 1.0001
    rate, size = limits._group()
    assert rate * copies <= GROUP_PER_MINUTE / 60 * 1.0001
    assert size > KEPT_FOR_CARDS


@given(
    changes=st.lists(st.tuples(st.floats(0.0, 3.0), st.integers(1, 9)), min_size=1, max_size=40)
)
def test_a_changing_share_never_lets_more_through_than_the_whole(changes) -> None:
    bucket, now, sent = Bucket(22.0, 11.0), 0.0, 0
    for pause, copies in changes:
        now += pause
        bucket.change(22.0 / copies, 11.0 / copies)
        while not bucket.delay(now):
            sent += 1
    assert sent <= 11.0 + 22.0 * now


def test_a_share_that_did_not_change_keeps_what_was_saved_up() -> None:
    limits = Limits()
    limits.share(2)
    level = limits.bulk.level
    limits.share(2)
    assert limits.bulk.level == level


def test_the_wait_for_a_piece_is_long_enough() -> None:
    bucket, now = Bucket(0.5, 1.0), 100.0
    assert bucket.delay(now) == 0.0
    wait = bucket.delay(now)
    assert wait > 0
    assert bucket.delay(now + wait + 1e-6) == 0.0
