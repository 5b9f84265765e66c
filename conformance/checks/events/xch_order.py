"""Agreement of channels in time: what one channel has shown binds the others afterwards."""

from collections.abc import Iterator, Sequence

from conformance.checks import Findings, check
from conformance.checks.events._hooks import FINAL, type_phase
from conformance.checks.events._moment import STALE_MS
from conformance.checks.events._own import is_plain, is_upgrade, workspace_of
from conformance.checks.events._story import POLLS, Reading, one_of, reading, stories
from conformance.checks.events.xch import counts_of
from conformance.event_views import Handshake, Message, OpenStream, WebhookCall, handshakes
from conformance.json_text import at
from conformance.routes import TERMINAL, canonical_status
from conformance.transcript import Edge
from conformance.verdicts import holds
from conformance.views import Observed, Seen

SWITCH, STORE_FAILURE = "batch_switch", "database_next_call_fails"
_OFF = "batch_api_temporarily_disabled"


@check("XCH-21")
def final_event_comes_after_the_end(call: WebhookCall, profile: str) -> Findings:
    """The first GET after a final event shows the end of which it told."""
    phase = type_phase(call)
    if phase not in FINAL or call.batch_id is None:
        return
    # There an expired batch is told of as one that failed.
    ends = ["failed", "expired"] if (profile, phase) == ("phaseo", "failed") else [phase]
    for one in stories(call.observed).get(call.batch_id, ()):
        if one.operation == "get" and one.begin_ms > call.at_ms:
            pointer = f"{one.pointer}/lifecycle_status"
            yield one_of(one.lifecycle, ends, pointer, one.number)
            return


def _is_sure(end: Reading, one: Reading) -> bool:
    """Whether what a channel shows must be at least as new as an end that was shown before."""
    ended, polled = end.polled_ms, one.polled_ms
    if ended is not None and polled is not None and ended < polled:
        return True
    call = one.view.delivery if isinstance(one.view, Message) else None
    if call is not None:
        # Events may come late, and a retry may bring what the first attempt had brought.
        return type_phase(call) in FINAL
    return one.channel in POLLS or end.end_ms + STALE_MS < one.begin_ms


def _on_stream(one: Reading) -> tuple[int, int] | None:
    """The stream and the place in it where a reading was made."""
    frame = one.view.frame if isinstance(one.view, Message) else None
    return (frame.number, frame.index) if frame is not None else None


def _after(end: Reading, one: Reading) -> bool:
    """Whether a reading came after an end: on the same stream, or later by any clock."""
    first, second = _on_stream(end), _on_stream(one)
    if first and second and first[0] == second[0]:
        return first[1] < second[1]
    return end.precedes(one) and _is_sure(end, one)


def _ends(story: Sequence[Reading]) -> list[Reading]:
    """The first end that was shown, and the first one of each stream."""
    found: dict[int | None, Reading] = {}
    for one in story:
        if one.status in TERMINAL:
            place = _on_stream(one)
            found.setdefault(None, one)
            found.setdefault(place[0] if place else None, one)
    return list(found.values())


@check("XCH-22")
def end_is_the_end(observed: Observed) -> Findings:
    """After the first final status no channel shows another one that is not final."""
    failures = [edge.at_ms for _, edge in observed.transcript.edges(STORE_FAILURE)]
    for story in stories(observed).values():
        ends = _ends(story)
        for one in story if ends else ():
            # What could not be stored may be shown as it was.
            lost = any(at_ms <= one.end_ms for at_ms in failures)
            if one.status is not None and not lost and any(_after(end, one) for end in ends):
                is_final = one.status in TERMINAL
                seen, expected = f"{one.channel}: {one.status}", f"{ends[0].status}, as shown"
                place = f"{one.pointer}/status"
                yield holds(is_final, seen=seen, expected=expected, pointer=place, step=one.number)


def _is_calm(observed: Observed, begin_ms: int, end_ms: int) -> bool:
    """Whether nothing was done outside the API in between."""
    return not any(begin_ms <= edge.at_ms <= end_ms for _, edge in observed.transcript.of(Edge))


@check("XCH-23")
def last_frame_is_the_last_word(stream: OpenStream) -> Findings:
    """A GET after the final frame of a stream shows its status, counts and files."""
    if not stream.messages or not stream.messages[-1].is_terminal:
        return
    last = reading(stream.messages[-1])
    story = stories(stream.observed).get(stream.messages[-1].id or "", ())
    later = [one for one in story if one.operation == "get" and last.precedes(one)]
    if not later or not _is_calm(stream.observed, last.end_ms, later[0].end_ms):
        return
    for name in ("/status", "/request_counts", "/output_file_id", "/error_file_id"):
        seen, wanted = (_shown(one, name) for one in (later[0], last))
        yield one_of(seen, [wanted], f"{later[0].pointer}{name}", later[0].number)


def _shown(one: Reading, pointer: str) -> object:
    if pointer == "/request_counts":
        return counts_of(one)
    value = one.given(pointer)
    return canonical_status(value) or value if pointer == "/status" else value


@check("XCH-34")
def stream_outlives_the_switch(observed: Observed) -> Findings:
    """With the batch API off polls are answered 501, and the upgrade 101 or 404 as ever."""
    upgrades = [one for one in _upgrades(observed) if _is_off(observed, one.number)]
    for one in upgrades:
        wanted = one.status in {101, 404}
        yield holds(wanted, seen=one.status, expected="101 or 404", step=one.number)
    for seen in observed.seen if upgrades else ():
        if seen.operation in {"get", "list"} and _is_off(observed, seen.number) and _is_ours(seen):
            reason = at(seen.json, "/reason")
            shown = f"{seen.status} {reason}"
            fits = (seen.status, reason) == (501, _OFF)
            yield holds(fits, seen=shown, expected=f"501 {_OFF}", step=seen.number)


def _is_ours(seen: Seen) -> bool:
    return workspace_of(seen) == "a"


def _upgrades(observed: Observed) -> Iterator[Handshake]:
    """The upgrades of batch streams that were asked for as they should be, with a key."""
    for one in handshakes(observed):
        if is_upgrade(one) and is_plain(one) and _is_ours(one.seen):
            yield one


def _is_off(observed: Observed, number: int) -> bool:
    """Whether somebody had switched the batch API off by then."""
    switched = [edge for step, edge in observed.transcript.edges(SWITCH) if step < number]
    return bool(switched) and switched[-1].detail.get("enabled") is False
