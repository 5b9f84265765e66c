"""Options in the query of a stream: its interval, and whether it closes at the end."""

from collections.abc import Collection, Iterator

from conformance.checks import Findings, check
from conformance.checks.events import _own
from conformance.checks.events._closing import closes_at_end, stays_open
from conformance.checks.events._ticks import interval, interval_of, latency, spacing
from conformance.event_views import Handshake, OpenStream, handshakes, streams
from conformance.verdicts import holds
from conformance.views import Observed


def _kept(observed: Observed, kind: str) -> Findings:
    """Streams whose interval is of a kind keep to it."""
    for stream in streams(observed):
        own = interval(stream)
        if own.kind == kind:
            yield from latency(stream, own.ms)
            yield from spacing(stream, own.ms)


def _asked(observed: Observed, kind: str) -> Iterator[Handshake]:
    """The upgrades of owners with an interval of a kind and nothing else out of the ordinary."""
    for one in handshakes(observed):
        given = one.option("interval_ms")
        if given is not None and interval_of(given).kind == kind and _is_fine(one, ()):
            yield one


def _is_fine(one: Handshake, others: Collection[str]) -> bool:
    known = _own.OPTIONS.union(others)
    names = {name for name, _ in one.seen.request.query}
    return names <= known and _own.is_upgrade(one) and _own.is_plain(one) and _own.own(one)


def _opens(one: Handshake) -> Findings:
    yield holds(one.opened, seen=f"HTTP {one.status}", expected="HTTP 101", step=one.number)


def _opened_and_kept(observed: Observed, kind: str) -> Findings:
    for one in _asked(observed, kind):
        yield from _opens(one)
    yield from _kept(observed, kind)


@check("WS-OPT-01")
def default_interval_is_kept(observed: Observed) -> Findings:
    """Without interval_ms changes come within 2500 ms, and updates no closer than that."""
    yield from _kept(observed, "default")


@check("WS-OPT-02")
def given_interval_is_kept(observed: Observed) -> Findings:
    """An interval from 1000 to 10000 is kept as it was given."""
    yield from _kept(observed, "given")


@check("WS-OPT-03")
def small_interval_is_1000(observed: Observed) -> Findings:
    """A smaller number opens the stream and is kept as 1000."""
    yield from _opened_and_kept(observed, "small")


@check("WS-OPT-04")
def large_interval_is_10000(observed: Observed) -> Findings:
    """A larger number opens the stream and is kept as 10000."""
    yield from _opened_and_kept(observed, "large")


@check("WS-OPT-05")
def what_is_no_number_is_the_default(observed: Observed) -> Findings:
    """A text that is no finite number opens the stream, with the default interval."""
    yield from _opened_and_kept(observed, "odd")


@check("WS-OPT-06")
def other_forms_of_numbers_are_read(observed: Observed) -> Findings:
    """A fraction is cut, and 1e4 and 0x7d0 are numbers."""
    yield from _opened_and_kept(observed, "form")


@check("WS-OPT-08")
def false_keeps_the_stream_open(stream: OpenStream) -> Findings:
    """With close_on_terminal=false the server does not close at the end of the batch."""
    if stream.handshake.option("close_on_terminal") == "false":
        yield from stays_open(stream)


@check("WS-OPT-09")
def other_words_keep_it_open(stream: OpenStream) -> Findings:
    """Every other spelling that switches closing off does as false does."""
    if not stream.closes_at_end and stream.handshake.option("close_on_terminal") != "false":
        yield from stays_open(stream)


@check("WS-OPT-10")
def any_other_value_leaves_it_on(stream: OpenStream) -> Findings:
    """Any value that does not switch closing off leaves it on."""
    given = stream.handshake.option("close_on_terminal")
    if given not in {None, "true"} and stream.closes_at_end:
        yield from closes_at_end(stream, "completed", "failed", "cancelled")


@check("WS-OPT-11")
def unknown_parameter_does_no_harm(one: Handshake) -> Findings:
    """An owner's handshake with a further query parameter is answered 101."""
    names = {name for name, _ in one.seen.request.query} - _own.OPTIONS
    options = [(name, value) for name, value in one.seen.request.query if name in _own.OPTIONS]
    if names and _own.are_valid(options) and _is_fine(one, names):
        yield from _opens(one)


@check("WS-OPT-12")
def updates_keep_their_distance(observed: Observed) -> Findings:
    """Timed updates of a stream are never closer together than its interval."""
    for stream in streams(observed):
        if interval(stream).is_sure:
            yield from spacing(stream, interval(stream).ms)
