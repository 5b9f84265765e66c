"""Agreement of channels: what a message says of its batch beside what polls say of it."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote

from conformance.checks import Findings, check
from conformance.checks.billing._money import whole
from conformance.checks.events._clock import millis
from conformance.checks.events._hooks import path_of
from conformance.checks.events._moment import same_record
from conformance.checks.events._story import Reading, one_of, polls, reading
from conformance.event_views import Message
from conformance.routes import TERMINAL
from conformance.verdicts import holds

_FULL = frozenset({"create", "get"})
_SAME_INSTANT_MS = 60_000


def _is_stream(message: Message) -> bool:
    return message.channel == "stream"


def _last_word(message: Message, word: Callable[[Reading], str | None], pointer: str) -> Findings:
    """A word of a final message is that of every final poll."""
    here = reading(message)
    shown = [word(one) for one in polls(message) if one.status in TERMINAL]
    shown = [one for one in shown if one is not None]
    unlike = [one for one in shown if one != word(here)]
    if here.is_final and shown:
        yield one_of(word(here), unlike or shown, pointer)


@check("XCH-02")
def final_lifecycle_is_one(message: Message) -> Findings:
    """A message of a batch that ended has the lifecycle_status of the poll."""
    yield from _last_word(message, lambda one: one.lifecycle, "/lifecycle_status")


@check("XCH-03")
def running_lifecycle_is_one(message: Message) -> Findings:
    """Before the end stream and poll show the same lifecycle_status of the same record."""
    here = reading(message)
    open_polls = [one for one in same_record(message) if not one.is_final and one.lifecycle]
    if _is_stream(message) and not here.is_final and open_polls:
        shown = [one.lifecycle for one in open_polls]
        yield one_of(here.lifecycle, shown, "/lifecycle_status")


@check("XCH-04")
def final_status_is_one(message: Message) -> Findings:
    """A message of a batch that ended has the status word of the poll."""
    yield from _last_word(message, lambda one: one.status, "/status")


def counts_of(one: Reading) -> list[Any] | None:
    """The three counts, all 0 where there are none as yet; None where they are no object."""
    counts = one.given("/request_counts")
    if counts is None:
        return [0, 0, 0]
    if not isinstance(counts, dict):
        return None
    found = [counts.get(name) for name in ("total", "completed", "failed")]
    return [0, 0, 0] if found == [None, None, None] else found


@check("XCH-05")
def counts_are_one(message: Message) -> Findings:
    """Stream and poll show the same request_counts of the same record."""
    here = reading(message)
    there = same_record(message) if _is_stream(message) else []
    unsure = [one for one in there if one.channel == "poll" and not _told(one, "/request_counts")]
    shown = [counts_of(one) for one in there if _told(one, "/request_counts")]
    if shown and not unsure:
        yield one_of(counts_of(here), shown, "/request_counts")


@check("XCH-06")
def progress_is_one(message: Message) -> Findings:
    """Where the poll has progress, a frame of the same record has the same number."""
    here = reading(message)
    there = same_record(message) if _is_stream(message) else []
    shown = [one.given("/progress") for one in there]
    if shown and None not in shown:
        yield one_of(here.given("/progress"), shown, "/progress")


def _told(one: Reading, pointer: str) -> bool:
    """Whether a poll says anything of a member; one that says it all says null by its absence."""
    return one.operation in _FULL or one.given(pointer) is not None


def _member(message: Message, there: Sequence[Reading], pointer: str) -> Findings:
    """A member of a message is that of the polls, null and absent alike."""
    here = reading(message)
    shown = [_spelled(one.given(pointer), pointer) for one in there if _told(one, pointer)]
    if shown:
        yield one_of(_spelled(here.given(pointer), pointer), shown, pointer)


def _spelled(value: Any, pointer: str) -> Any:
    """The value, empty text as null; an endpoint in one of the spellings that are tolerated."""
    if pointer != "/endpoint" or not isinstance(value, str):
        return None if value == "" else value
    return value.strip().strip("/").removeprefix("v1/")


@check("XCH-07")
def files_and_terms_are_one(message: Message) -> Findings:
    """What was ordered and the files of the batch are the same on all channels."""
    for name in ("/endpoint", "/completion_window", "/input_file_id"):
        yield from _member(message, polls(message), name)
    there = same_record(message)
    for name in ("/output_file_id", "/error_file_id"):
        yield from _member(message, there, name)


@check("XCH-08")
def origin_is_one(message: Message) -> Findings:
    """request_id, session_id and provider are the same on all channels."""
    for name in ("/request_id", "/session_id", "/provider"):
        yield from _member(message, polls(message), name)


def _path(value: Any) -> str | None:
    path = path_of(value)
    return None if path is None else unquote(path)


def _path_is_one(message: Message, there: Sequence[Reading], pointer: str) -> Findings:
    """A URL of a message leads to the path to which the poll's one leads."""
    shown = [path for one in there if (path := _path(one.get(pointer))) is not None]
    if shown:
        here = reading(message)
        yield one_of(_path(here.get(pointer)), shown, pointer)


@check("XCH-10")
def polling_path_is_one(message: Message) -> Findings:
    """polling_url leads to the same path on all channels."""
    # Links of an answer to the alias are on the alias.
    there = [one for one in polls(message) if one.prefix == "/batches"]
    yield from _path_is_one(message, there, "/polling_url")


@check("XCH-11")
def websocket_path_is_one(message: Message) -> Findings:
    """websocket_url leads to the same path on all channels."""
    yield from _path_is_one(message, polls(message), "/websocket_url")


def _is_finalizing(one: Reading) -> bool:
    return "finalizing" in (one.status, one.text("/polled_status"))


@check("XCH-12")
def cancel_url_is_null_on_both(message: Message) -> Findings:
    """cancel_url is null on the stream exactly when it is on the poll; finalizing is open."""
    here = reading(message)
    there = same_record(message) if _is_stream(message) else []
    if there and not any(_is_finalizing(one) for one in (here, *there)):
        shown = [one.given("/cancel_url") is None for one in there]
        is_null = here.given("/cancel_url") is None
        yield holds(
            is_null in shown,
            seen="null" if is_null else here.get("/cancel_url"),
            expected="null, as on the poll" if shown[-1] else "a URL, as on the poll",
            pointer="/cancel_url",
        )


@check("XCH-26")
def native_id_is_one(message: Message) -> Findings:
    """native_id of the stream is native_batch_id of the poll, else the id of the batch."""
    here = reading(message)
    there = [one for one in polls(message) if one.operation in _FULL]
    shown = [one.given("/native_batch_id") for one in there]
    if _is_stream(message) and there:
        wanted = [message.id if one is None else one for one in shown]
        yield one_of(here.given("/native_id"), wanted, "/native_id")


def _instant_ms(value: Any) -> int | None:
    """An instant given as ISO text or as Unix seconds."""
    seconds = whole(value)
    return millis(value) if seconds is None else seconds * 1000


@check("XCH-28")
def creation_time_is_one(message: Message) -> Findings:
    """created_at of a message is within a minute of the poll's."""
    here = reading(message)
    ours = _instant_ms(here.get("/created_at"))
    for one in polls(message) if ours is not None else ():
        theirs = _instant_ms(one.get("/created_at"))
        if ours is not None and theirs is not None:
            yield holds(
                abs(ours - theirs) <= _SAME_INSTANT_MS,
                seen=here.get("/created_at"),
                expected=one.get("/created_at"),
                pointer="/created_at",
            )
            return
