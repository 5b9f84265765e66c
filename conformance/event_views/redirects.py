"""Which deliveries only followed a redirect: the second leg of an attempt that is there already."""

from collections.abc import Iterator

from conformance.json_text import at
from conformance.transcript import Delivery, Headers, Request, Transcript

PREFIXES = {"ai-stats": "x-ai-stats-", "phaseo": "x-phaseo-"}
# Edge that tells how the receiver at a path of the suite's own will answer.
PLAN = "webhook_receiver_plan"
# Who follows a redirect does it at once.
_AT_ONCE_MS = 10_000


def targets_of(transcript: Transcript, path: str) -> Iterator[str]:
    """The paths to which the receiver at a path was told to redirect."""
    for _, edge in transcript.edges(PLAN):
        answers = edge.detail.get("answers")
        for answer in answers if isinstance(answers, list) else ():
            place = at(answer, "/location")
            target = Request("GET", place).path if isinstance(place, str) else ""
            if edge.detail.get("path") == path and target:
                yield target


def is_redirect(delivery: Delivery) -> bool:
    """Whether the receiver answered 3xx."""
    status = delivery.answered.get("status")
    return isinstance(status, int) and 300 <= status < 400


def second_legs(transcript: Transcript) -> frozenset[int]:
    """The numbers of the deliveries that followed a redirect, by its target or its headers."""
    turned: dict[Headers, list[Delivery]] = {}
    targets: set[str] = set()
    found = []
    for number, delivery in transcript.of(Delivery):
        named = _event_headers(delivery)
        led_here = not named and bare_path(delivery) in targets
        if led_here or any(_follows(delivery, one) for one in turned.get(named, ())):
            found.append(number)
        if is_redirect(delivery):
            turned.setdefault(named, []).append(delivery)
            targets.update(targets_of(transcript, bare_path(delivery)))
    return frozenset(found)


def bare_path(delivery: Delivery) -> str:
    """The path without its query."""
    return delivery.path.partition("?")[0]


def _event_headers(delivery: Delivery) -> Headers:
    prefixes = tuple(PREFIXES.values())
    named = [(name.lower(), value) for name, value in delivery.headers]
    return tuple(sorted(one for one in named if one[0].startswith(prefixes)))


def _follows(second: Delivery, first: Delivery) -> bool:
    """Whether a delivery is what a client makes of another one that was redirected elsewhere."""
    elsewhere = (second.method, second.path) != (first.method, first.path)
    return elsewhere and 0 <= second.at_ms - first.at_ms <= _AT_ONCE_MS
