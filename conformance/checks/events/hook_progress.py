"""Progress events: their buckets, and the batches that have none."""

from fractions import Fraction
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.events import _hooks
from conformance.event_views import Deliveries, WebhookCall
from conformance.json_text import at
from conformance.verdicts import HELD, holds
from conformance.views import BatchBody

_BUCKETS = frozenset({5, 95, *range(10, 100, 10)})


def _number(value: Any) -> int:
    return max(_hooks.whole(value) or 0, 0)


def is_usable(counts: Any) -> bool:
    """Whether a share of finished rows can be made of request counts."""
    return _number(at(counts, "/total")) > 0


def _half_up(share: Fraction) -> int:
    return int(share + Fraction(1, 2))


def percentage(counts: Any) -> int:
    """The finished rows in whole percent, half of one rounded up."""
    total = _number(at(counts, "/total"))
    done = _number(at(counts, "/completed")) + _number(at(counts, "/failed"))
    return _half_up(Fraction(100 * min(total, done), total))


def bucket(percent: int) -> int | None:
    """The bucket of a percentage; None where there is no event."""
    if not 0 < percent < 100:
        return None
    return min(max(10 * _half_up(Fraction(percent, 10)), 5), 95)


@check("HOOK-BODY-11")
def progress_key_has_its_bucket(call: WebhookCall) -> Findings:
    """The delivery key of a progress event is batch.progress:<bucket>."""
    if _hooks.type_phase(call) == "progress":
        yield holds(
            _hooks.bucket_of(call.key) is not None,
            seen=call.get("/delivery/key"),
            expected="batch.progress:<bucket>",
            pointer="/delivery/key",
        )


@check("HOOK-BODY-12")
def bucket_is_the_rounded_share(call: WebhookCall) -> Findings:
    """The bucket is one of the eleven, and on the first attempt that of the counts in data."""
    told = _hooks.bucket_of(call.key)
    if told is None:
        return
    counts = call.get("/data/request_counts")
    if call.attempt == 1 and is_usable(counts):
        wanted = bucket(percentage(counts))
        seen = f"bucket {told} at {percentage(counts)} %"
        yield holds(
            told == wanted, seen=seen, expected=wanted or "no event", pointer="/delivery/key"
        )
    else:
        yield holds(told in _BUCKETS, seen=told, expected="a bucket", pointer="/delivery/key")


@check("HOOK-BODY-13")
def progress_in_data_is_the_bucket(call: WebhookCall) -> Findings:
    """In a progress event data.progress is the bucket."""
    told = _hooks.bucket_of(call.key)
    if told is not None and _hooks.type_phase(call) == "progress":
        seen = call.get("/data/progress")
        yield holds(
            not isinstance(seen, bool) and seen == told,
            seen=seen,
            expected=told,
            pointer="/data/progress",
        )


def _ran_uncounted(body: BatchBody) -> bool:
    return body.status == "in_progress" and not is_usable(body.get("/request_counts"))


@check("HOOK-BODY-14")
def batch_without_counts_has_no_progress(view: Deliveries) -> Findings:
    """No progress event is sent while the request counts are missing or their total is 0."""
    sent = _hooks.firsts(view, "progress")
    for call in sent:
        counts = call.get("/data/request_counts")
        yield holds(
            is_usable(counts),
            seen=counts,
            expected="no progress event without counts",
            pointer="/data/request_counts",
            step=call.number,
        )
    silent = not sent and _hooks.is_watched(view) and _hooks.subscribes(view, "progress")
    if silent and any(map(_ran_uncounted, view.bodies)):
        yield HELD
