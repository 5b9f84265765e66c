"""States of a batch: which follows which, and the times, progress and counts that go with each."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.rest import _circumstances as around
from conformance.json_text import ABSENT
from conformance.routes import TERMINAL, canonical_status
from conformance.verdicts import holds
from conformance.views import BatchBody, Observed, Pair

_RANKS = {
    "queued": 0,
    "pending": 0,
    "validating": 1,
    "in_progress": 2,
    "processing": 2,
    "finalizing": 3,
    "cancelling": 4,
    **dict.fromkeys(TERMINAL, 5),
}
_END_TIMES = {status: f"{status}_at" for status in sorted(TERMINAL)}
_IN_ORDER = ("created_at", "in_progress_at", "finalizing_at", "completed_at")
# More than any instant or count has.
_DIGITS = 30
_CANCELLING = frozenset({"cancelling", "cancelled"})


def _integer(value: Any) -> int | None:
    """The whole number that a JSON number is, 5.0 like 5; None for anything else."""
    if isinstance(value, Decimal):
        whole = value.adjusted() < _DIGITS and value == value.to_integral_value()
        return int(value) if whole else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _count(body: BatchBody, name: str) -> int | None:
    return _integer(body.get(f"/request_counts/{name}"))


def _earlier(bodies: list[BatchBody], later: BatchBody) -> Iterator[BatchBody]:
    """The bodies of the same batch that had come before the later one was asked for."""
    return (body for body in bodies if around.is_after(later.seen, body.seen))


@check("REST-STATE-02")
def terminal_status_never_changes(observed: Observed) -> Findings:
    """After a body with a terminal status every body of the batch shows that status."""
    for bodies in observed.histories.values():
        for later in bodies:
            ended = (body.status for body in _earlier(bodies, later) if body.is_terminal)
            end, shown = next(ended, None), later.given("/status")
            if end is not None and shown is not ABSENT:
                yield holds(
                    canonical_status(shown) == end,
                    seen=shown,
                    expected=end,
                    pointer=f"{later.pointer}/status",
                    step=later.seen.number,
                )


@check("REST-STATE-03")
def status_never_goes_back(observed: Observed) -> Findings:
    """No body shows a status of lower rank than a body that had come before."""
    for bodies in observed.histories.values():
        ranked = [body for body in bodies if body.status in _RANKS]
        for later in ranked:
            reached = _furthest(_earlier(ranked, later))
            if reached is not None:
                yield holds(
                    _rank(later) >= _rank(reached),
                    seen=f"{later.status} after {reached.status}",
                    expected=f"{reached.status} or what follows it",
                    pointer=f"{later.pointer}/status",
                    step=later.seen.number,
                )


def _furthest(bodies: Iterator[BatchBody]) -> BatchBody | None:
    """The first body of the highest rank; none is looked at after one that has ended."""
    furthest = None
    for body in bodies:
        if body.is_terminal:
            return body
        if furthest is None or _rank(body) > _rank(furthest):
            furthest = body
    return furthest


def _rank(body: BatchBody) -> int:
    return _RANKS[str(body.status)]


@check("REST-STATE-07")
def progress_is_the_share_of_finished_rows(observed: Observed) -> Findings:
    """Before the end `progress` is the percentage of finished rows, halves rounded up."""
    if _provider_states_progress(observed):
        return
    for body in observed.bodies:
        total, done = _count(body, "total"), _finished(body)
        shown = body.given("/progress")
        running = body.status is not None and not body.is_terminal
        if running and shown is not ABSENT and total and done is not None:
            expected = (200 * done + total) // (2 * total)
            yield holds(
                shown == expected and not isinstance(shown, bool),
                seen=shown,
                expected=expected,
                pointer=f"{body.pointer}/progress",
                step=body.seen.number,
            )


def _provider_states_progress(observed: Observed) -> bool:
    """Whether a provider was scripted to answer with a figure of its own."""
    edges = observed.transcript.edges("provider_next_error")
    bodies = [edge.detail.get("body") for _, edge in edges]
    return any(isinstance(body, dict) and "progress" in body for body in bodies)


def _finished(body: BatchBody) -> int | None:
    completed, failed = _count(body, "completed"), _count(body, "failed")
    return None if completed is None or failed is None else completed + failed


@check("REST-STATE-08")
def progress_does_not_fall(pair: Pair) -> Findings:
    """While the status stays in_progress, `progress` does not fall."""
    before, after = (_integer(body.get("/progress")) for body in (pair.earlier, pair.later))
    statuses = {pair.earlier.status, pair.later.status}
    if statuses == {"in_progress"} and before is not None and after is not None:
        pointer = f"{pair.later.pointer}/progress"
        yield holds(after >= before, seen=after, expected=f"{before} or more", pointer=pointer)


@check("REST-STATE-09")
def started_batch_has_its_start_time(body: BatchBody) -> Findings:
    """`in_progress_at`, when present, is an integer from in_progress to completed."""
    shown = body.get("/in_progress_at")
    if body.status in {"in_progress", "finalizing", "completed"} and shown is not ABSENT:
        started = _integer(shown) is not None
        yield holds(started, seen=shown, expected="an integer", pointer="/in_progress_at")


def _shows_times(body: BatchBody) -> bool:
    """Whether the body is one that shows times: list items need not, nor repeated cancels."""
    full = body.operation in {"create", "get"}
    return full or any(name in body.value for name in _END_TIMES.values())


@check("REST-STATE-10")
def completed_batch_names_its_completion_time(body: BatchBody) -> Findings:
    """A completed batch has an integer `completed_at`, not before `created_at`."""
    if body.status == "completed" and _shows_times(body):
        shown, created = body.get("/completed_at"), _integer(body.get("/created_at"))
        ended = _integer(shown)
        yield holds(
            ended is not None and (created is None or ended >= created),
            seen=shown,
            expected="an integer" if created is None else f"an integer from {created} on",
            pointer="/completed_at",
        )


@check("REST-STATE-11")
def only_the_reached_end_has_a_time(body: BatchBody) -> Findings:
    """Of the four times of an end, exactly that of the reached one is set."""
    if body.is_terminal and _shows_times(body):
        for status, name in _END_TIMES.items():
            shown = body.get(f"/{name}")
            reached = status == body.status
            yield holds(
                _integer(shown) is not None if reached else shown in (ABSENT, None),
                seen=shown,
                expected="an integer" if reached else "null or absent",
                pointer=f"/{name}",
            )


@check("REST-STATE-12")
def accepted_cancel_has_its_time(observed: Observed) -> Findings:
    """From an accepted cancel on `cancelling_at` is an integer, not after `cancelled_at`."""
    for bodies in observed.histories.values():
        accepted = False
        for body in bodies:
            accepted = accepted or _accepts_cancel(body, observed)
            shown, ended = body.get("/cancelling_at"), _integer(body.get("/cancelled_at"))
            began = _integer(shown)
            if shown is not ABSENT and ((accepted and body.status in _CANCELLING) or began):
                ordered = began is not None and (ended is None or began <= ended)
                yield holds(
                    ordered,
                    seen=shown,
                    expected="an integer" if ended is None else f"an integer up to {ended}",
                    pointer=f"{body.pointer}/cancelling_at",
                    step=body.seen.number,
                )


def _accepts_cancel(body: BatchBody, observed: Observed) -> bool:
    """Whether the body shows that a cancel of a running batch was taken up."""
    if body.status == "cancelling":
        return True
    known = observed.status_before(body.seen.number, body.id)
    running = known is not None and known not in TERMINAL
    return body.operation == "cancel" and body.status == "cancelled" and running


@check("REST-STATE-13")
def times_are_in_order(body: BatchBody) -> Findings:
    """Of created, in progress, finalizing and completed, those that are set do not fall."""
    known = [(name, _integer(body.get(f"/{name}"))) for name in _IN_ORDER]
    times = [(name, time) for name, time in known if time is not None]
    for (before, earlier), (name, later) in pairwise(times):
        expected = f"{earlier} ({before}) or later"
        yield holds(later >= earlier, seen=later, expected=expected, pointer=f"/{name}")


@check("REST-STATE-14")
def counts_do_not_fall(observed: Observed) -> Findings:
    """`total` stays once it is not 0; `completed` and `failed` do not fall."""
    for pair in observed.pairs:
        for name in ("total", "completed", "failed"):
            before, after = _count(pair.earlier, name), _count(pair.later, name)
            if before and after is not None:
                yield holds(
                    after == before if name == "total" else after >= before,
                    seen=after,
                    expected=before if name == "total" else f"{before} or more",
                    pointer=f"{pair.later.pointer}/request_counts/{name}",
                    step=pair.later.seen.number,
                )


@check("REST-STATE-15")
def completed_counts_add_up(body: BatchBody) -> Findings:
    """On a completed batch the completed and the failed rows are all rows."""
    total, done = _count(body, "total"), _finished(body)
    if body.status == "completed" and total is not None and done is not None:
        expected = f"completed and failed add up to {total}"
        counts = body.get("/request_counts")
        yield holds(done == total, seen=counts, expected=expected, pointer="/request_counts")


@check("REST-STATE-16")
def completed_rows_have_an_output_file(body: BatchBody) -> Findings:
    """A completed batch with a completed row names an output file."""
    shown = body.get("/output_file_id")
    left_out = body.operation == "list-item" and shown is ABSENT
    if body.status == "completed" and (_count(body, "completed") or 0) > 0 and not left_out:
        named = isinstance(shown, str) and bool(shown)
        yield holds(named, seen=shown, expected="the id of a file", pointer="/output_file_id")
