"""Listing: how many, which, in what order, and that a list is only a look at what is stored."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.rest import _circumstances as around
from conformance.checks.rest import _listing as listing
from conformance.checks.rest._listing import ListRead, list_reads
from conformance.json_text import ABSENT, at, same
from conformance.routes import canonical_status
from conformance.transcript import Delivery
from conformance.verdicts import HELD, broken, holds
from conformance.views import BatchBody, ListAnswer, Observed

_MOVING = frozenset({"billing", "created_at", "updated_at", "last_polled_at"})
_URLS = frozenset({"polling_url", "websocket_url", "cancel_url"})
_OF_DELIVERIES = frozenset({"webhook", "next_webhook_retry_at"})
# What a sweep changes: of a batch that goes on, and of one that had ended before.
_SETTLED = frozenset({"pricing_lines", "finalized_at", "usage"})
_SWEPT = _SETTLED | {
    "status", "lifecycle_status", "polled_status", "progress", "request_counts", "errors",
    "output_file_id", "error_file_id", "cancel_url", "in_progress_at", "finalizing_at",
    "completed_at", "failed_at", "expired_at", "cancelling_at", "cancelled_at",
}  # fmt: skip


@check("REST-LIST-02")
def ends_of_the_list_are_named(answer: ListAnswer) -> Findings:
    """first_id and last_id are the ids at both ends of `data`, null or absent when it is empty."""
    if answer.operation != "list" or not isinstance(at(answer.value, "/data"), list):
        return
    for name, index in (("first_id", 0), ("last_id", -1)):
        shown = at(answer.value, f"/{name}")
        if not answer.items:
            empty = shown in (ABSENT, None)
            yield holds(empty, seen=shown, expected="null or absent", pointer=f"/{name}")
        elif isinstance(at(answer.items[index], "/id"), str):
            expected = at(answer.items[index], "/id")
            yield holds(shown == expected, seen=shown, expected=expected, pointer=f"/{name}")


def _size(read: ListRead, least: int, most: int) -> Findings:
    count = len(read.items)
    expected = f"{most} items at most" if least == 0 else f"{least} to {most} items"
    yield holds(
        least <= count <= most,
        seen=f"HTTP {read.seen.status} with {count} items",
        expected=expected if least != most else f"{most} items",
        pointer="/data",
        step=read.seen.number,
    )


@check("REST-LIST-03")
def without_limit_up_to_twenty_are_listed(observed: Observed) -> Findings:
    """A list without any parameter shows 20 batches, or all that there are."""
    for read in list_reads(observed):
        least = min(len(listing.bodies_before(observed, read)), listing.DEFAULT)
        if not read.seen.request.query and max(least, len(read.items)) > 1:
            yield from _size(read, least, listing.DEFAULT)


@check("REST-LIST-04")
def limit_caps_the_list(observed: Observed) -> Findings:
    """A list shows as many batches as `limit` says, or all there are, and 100 at most."""
    for read in list_reads(observed):
        if read.cap is None:
            if read.seen.response.ok:
                yield from _size(read, 0, listing.MOST)
        elif read.seen.response.ok or read.values("limit") == [str(read.cap)]:
            known = 0 if read.is_narrowed else len(listing.bodies_before(observed, read))
            yield from _size(read, min(read.cap, known), read.cap)


def _filtered(observed: Observed, read: ListRead) -> Findings:
    """Whether a filtered list shows only what was asked for, and all of it that is certain."""
    number, wanted = read.seen.number, sorted(read.groups)
    if read.is_refused:
        yield broken(f"HTTP {read.seen.status}", f"the batches that are {wanted}", step=number)
    for index, item in enumerate(read.items):
        groups = listing.group_of(item)
        if groups:
            yield holds(
                groups & read.groups,
                seen=at(item, "/status"),
                expected=f"one of {wanted}",
                pointer=f"/data/{index}/status",
                step=number,
            )
    for batch_id, group in listing.certain_groups(observed, read).items():
        if group in read.groups and read.has_room:
            listed = batch_id in read.ids
            expected = f"{batch_id} among them, which is {group}"
            yield holds(listed, seen=read.ids, expected=expected, pointer="/data", step=number)


def _asks_for_one_word(read: ListRead) -> bool:
    return len(read.words) == 1 and not read.values("statuses")


@check("REST-LIST-06")
def status_filter_takes_many_words(observed: Observed) -> Findings:
    """A filter that is repeated, has commas, or is called `statuses` shows what it names."""
    for read in list_reads(observed):
        if read.groups and not _asks_for_one_word(read):
            yield from _filtered(observed, read)


@check("REST-LIST-07")
def filter_word_shows_its_statuses(observed: Observed) -> Findings:
    """A filter of one word shows the batches whose stored status belongs to the word."""
    for read in list_reads(observed):
        if read.groups and _asks_for_one_word(read):
            yield from _filtered(observed, read)


@check("REST-LIST-08")
def failed_and_expired_are_told_apart(observed: Observed) -> Findings:
    """A filter for failed shows no expired batch, and the other way round."""
    for read in list_reads(observed):
        if read.groups not in ({"failed"}, {"expired"}):
            continue
        other = "expired" if "failed" in read.groups else "failed"
        shown = [item for item in read.items if canonical_status(at(item, "/status")) == other]
        if shown or other in listing.certain_groups(observed, read).values():
            ids = [at(item, "/id") for item in shown]
            yield holds(
                not ids,
                seen=ids,
                expected=f"no {other} batch",
                pointer="/data",
                step=read.seen.number,
            )


@check("REST-LIST-09")
def unknown_filter_words_are_ignored(observed: Observed) -> Findings:
    """A filter made only of unknown words is answered with the unfiltered list."""
    for read in list_reads(observed):
        if not read.words or any(word.lower() in listing.GROUPS for word in read.words):
            continue
        known = sorted(listing.bodies_before(observed, read))
        missing = [batch_id for batch_id in known if batch_id not in read.ids and read.has_room]
        emptied = bool(known) and not read.items
        yield holds(
            read.seen.response.ok and not missing and not emptied,
            seen=f"HTTP {read.seen.status} without {missing or known}",
            expected="HTTP 200 with the unfiltered list",
            step=read.seen.number,
        )


@check("REST-LIST-10")
def list_shows_what_a_get_showed(observed: Observed) -> Findings:
    """A list read right after a GET of a batch shows equal values for what both carry."""
    for bodies in observed.histories.values():
        for earlier, later in pairwise(bodies):
            operations = (earlier.operation, later.operation)
            if operations != ("get", "list-item") or _may_have_moved(observed, earlier, later):
                continue
            differing = list(_compared(observed, earlier, later))
            for name in differing:
                yield broken(
                    later.value[name],
                    earlier.value[name],
                    f"{later.pointer}/{name}",
                    later.seen.number,
                )
            if not differing:
                yield HELD


def _may_have_moved(observed: Observed, earlier: BatchBody, later: BatchBody) -> bool:
    """Whether a read or sweep may lie between the two bodies."""
    ticks = observed.transcript.edges("scheduled_job_tick")
    swept = any(earlier.seen.number < number < later.seen.number for number, _ in ticks)
    moved_on = any(_moves_on(earlier, later, name) for name in ("last_polled_at", "finalized_at"))
    alike = around.workspace_of(earlier.seen) == around.workspace_of(later.seen)
    return swept or moved_on or not alike or not around.is_after(later.seen, earlier.seen)


def _moves_on(earlier: BatchBody, later: BatchBody, name: str) -> bool:
    first, now = earlier.get(f"/{name}"), later.get(f"/{name}")
    return isinstance(first, str) and isinstance(now, str) and now > first


def _may_be_swept(earlier: BatchBody, later: BatchBody) -> frozenset[str]:
    """What differs when a sweep came between: only poll times on both sides tell that none did."""
    if all(isinstance(body.get("/last_polled_at"), str) for body in (earlier, later)):
        return frozenset()
    return _SETTLED if earlier.is_terminal else _SWEPT


def _compared(observed: Observed, earlier: BatchBody, later: BatchBody) -> Iterator[str]:
    """The members that both bodies carry with different values and that nothing excuses."""
    left_out = _MOVING | _may_be_swept(earlier, later)
    if earlier.seen.route.prefix != later.seen.route.prefix:
        left_out |= _URLS
    if earlier.status == "finalizing":
        left_out |= {"cancel_url"}
    if _was_delivered(observed, earlier, later):
        left_out |= {n for n in later.value if n in _OF_DELIVERIES or n.startswith("last_webhook")}
    for name in later.value.keys() & earlier.value.keys() - left_out:
        if not same(earlier.value[name], later.value[name]):
            yield name


def _was_delivered(observed: Observed, earlier: BatchBody, later: BatchBody) -> bool:
    """Whether a delivery attempt lies between the two bodies."""
    counts = [body.get("/webhook/delivery/total_attempts") for body in (earlier, later)]
    grew = all(isinstance(count, int) for count in counts) and counts[0] < counts[1]
    seen = any(
        earlier.seen.exchange.at_ms <= delivery.at_ms <= later.seen.exchange.ended_at_ms
        for _, delivery in observed.transcript.of(Delivery)
    )
    return seen or grew


@check("REST-LIST-12")
def newest_change_comes_first(observed: Observed) -> Findings:
    """No item changed after the item before it, by updated_at or by what the run did."""
    for read in list_reads(observed):
        changes = [_instant(at(item, "/updated_at")) for item in read.items]
        for index, (first, second) in enumerate(pairwise(changes), start=1):
            if first is not None and second is not None:
                fits: bool | None = first >= second
            else:
                fits = _ordered(observed, read, index)
            if fits is not None:
                shown = at(read.items[index], "/updated_at")
                yield holds(
                    fits,
                    seen=f"{read.ids[index]}, changed {shown}, after {read.ids[index - 1]}",
                    expected="the newest change first",
                    pointer=f"/data/{index}",
                    step=read.seen.number,
                )


def _instant(value: Any) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo is not None else None


def _ordered(observed: Observed, read: ListRead, index: int) -> bool | None:
    """Whether an item and the one before it stand right, None when the run does not know."""
    before = listing.bodies_before(observed, read)
    first, second = (before.get(str(read.ids[i]), []) for i in (index - 1, index))
    if _changed_after_the_end(second, first):
        return False
    return True if _changed_after_the_end(first, second) else None


def _changed_after_the_end(changing: list[BatchBody], ended: list[BatchBody]) -> bool:
    """Whether one batch was created or changed its status when the other was read no more."""
    own = [body for body in ended if body.operation != "list-item"]
    if not own or not own[-1].is_terminal:
        return False
    late = [body for body in changing if around.is_after(body.seen, own[-1].seen)]
    made = any(body.operation == "create" for body in late)
    return made or any(one.status != other.status for one, other in pairwise(late))


@check("REST-LIST-13")
def list_leaves_the_provider_alone(observed: Observed) -> Findings:
    """Between two looks with only lists the provider saw nothing, and items stay as stored."""
    for read in list_reads(observed):
        asked = _provider_calls(observed, read)
        if asked is not None:
            yield holds(not asked, seen=asked, expected="no provider call", step=read.seen.number)
    for bodies in observed.histories.values():
        for index, item in enumerate(bodies):
            stored = next((b for b in reversed(bodies[:index]) if b.operation != "list-item"), None)
            if item.operation == "list-item" and stored and _moved_unseen(observed, stored, item):
                yield holds(
                    item.status == stored.status,
                    seen=item.status,
                    expected=stored.status,
                    pointer=f"{item.pointer}/status",
                    step=item.seen.number,
                )


def _provider_calls(observed: Observed, read: ListRead) -> list[Any] | None:
    """What reached the provider in a span in which nothing but lists was called."""
    looks = observed.transcript.edges("provider_saw")
    before = max((number for number, _ in looks if number < read.seen.number), default=None)
    after = next(((n, edge) for n, edge in looks if n > read.seen.number), None)
    if before is None or after is None:
        return None
    calls = [seen.operation for seen in observed.seen if before < seen.number < after[0]]
    ticks = [n for n, _ in observed.transcript.edges("scheduled_job_tick") if before < n < after[0]]
    requests = after[1].detail.get("requests")
    only_lists = set(calls) <= {"list", "models"} and not ticks
    return requests if only_lists and isinstance(requests, list) else None


def _moved_unseen(observed: Observed, stored: BatchBody, item: BatchBody) -> bool:
    """Whether the provider, but no sweep, went on with the batch between the two."""
    between = range(stored.seen.number + 1, item.seen.number)
    steps = observed.transcript.edges("provider_step")
    moved = any(n in between and edge.detail.get("batch") == item.id for n, edge in steps)
    swept = any(n in between for n, _ in observed.transcript.edges("scheduled_job_tick"))
    return moved and not swept


@check("REST-LIST-14")
def list_has_one_page(observed: Observed) -> Findings:
    """has_more is false, and `after` changes nothing."""
    reads = [read for read in list_reads(observed) if read.seen.response.ok]
    for read in reads:
        more = at(read.seen.json, "/has_more")
        if isinstance(more, bool):
            yield holds(
                not more, seen=more, expected=False, pointer="/has_more", step=read.seen.number
            )
    for earlier, later in pairwise(reads):
        rest = tuple(pair for pair in later.seen.request.query if pair[0] != "after")
        alike = (rest, later.workspace) == (earlier.seen.request.query, earlier.workspace)
        if later.values("after") and alike:
            fits = earlier.ids == later.ids
            yield holds(
                fits, seen=later.ids, expected=earlier.ids, pointer="/data", step=later.seen.number
            )


@check("REST-LIST-15")
def lists_are_not_cached(answer: ListAnswer) -> Findings:
    """The list and the model list carry Cache-Control: no-store."""
    headers = answer.seen.response.headers
    values = [value for name, value in headers if name.lower() == "cache-control"]
    directives = [part.strip().lower() for value in values for part in value.split(",")]
    shown = f"cache-control: {', '.join(values) or None}"
    yield holds("no-store" in directives, seen=shown, expected="cache-control: no-store")


@check("REST-LIST-16")
def alias_lists_the_same(observed: Observed) -> Findings:
    """The same list call below /batch and /batches shows the same batches."""
    for earlier, later in pairwise(list_reads(observed)):
        one, other = earlier.seen, later.seen
        asked_alike = (one.request.query, earlier.workspace) == (
            other.request.query,
            later.workspace,
        )
        if one.route.prefix == other.route.prefix or not asked_alike or earlier.words:
            continue
        missing = [i for i in earlier.ids if i not in later.ids] if later.has_room else []
        yield holds(
            one.status == other.status and not missing,
            seen=f"HTTP {other.status} below {other.route.prefix} without {missing}",
            expected=f"HTTP {one.status} and the batches listed below {one.route.prefix}",
            step=other.number,
        )
