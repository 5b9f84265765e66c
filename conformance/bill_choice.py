"""Which bill is meant: the last settled one of loose bodies or of transcripts. Pure.

The bill comes as a small transcript: one step that shows it, and before and after it the
input, output and prices that were seen in the same transcript.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from conformance.cassette_format import Cassette
from conformance.json_text import ABSENT, at
from conformance.loose_bodies import Loose, masked, step_of
from conformance.money_views import messages
from conformance.redact import Redactor
from conformance.routes import TERMINAL, canonical_status, route_of
from conformance.transcript import Edge, Exchange, Step, Transcript
from conformance.views import Observed

PRICE_CARD = "price_card"
_FILES = frozenset({"upload", "file", "content"})


@dataclass(frozen=True)
class Candidate:
    """A batch object, or the data of a message, that may hold the bill; `value` is the batch."""

    kind: str
    value: dict[str, Any]
    # File, line and pointer of a pointer into the batch object.
    locate: Callable[[str], str]
    profile: str | None = None
    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()

    @property
    def id(self) -> Any:
        """The id of its batch."""
        return at(self.value, "/id")

    @property
    def prefix(self) -> str:
        """The pointer of the batch object in the answer of its step."""
        return _prefix(self.kind)

    @property
    def has_bill(self) -> bool:
        """Whether it says anything about money."""
        billing, lines = (at(self.value, f"/{key}") for key in ("billing", "pricing_lines"))
        return billing not in (ABSENT, None) or lines not in (ABSENT, None, [])

    @property
    def rank(self) -> tuple[bool, bool]:
        """What is preferred: a REST body to a message, and of those one that has ended."""
        status = canonical_status(at(self.value, "/status"))
        return self.kind != "message", status in TERMINAL

    def transcript(self, prices: Sequence[Mapping[str, Any]]) -> tuple[Transcript, int]:
        """The transcript to be judged, and the number of the step that shows the bill."""
        shown = {"data": self.value} if self.kind == "message" else self.value
        card = (Edge(PRICE_CARD, {"prices": list(prices)}),) if prices else ()
        before = (*self.before, *card)
        steps = (*before, step_of(self.kind, shown), *self.after)
        return Transcript("bill", steps), len(before) + 1


def of_bodies(bodies: Iterable[Loose], redactor: Redactor) -> Iterator[Candidate]:
    """The candidates of loose bodies."""
    for body in bodies:
        if body.kind != "refusal":
            kind = "body" if body.kind == "cancel" else body.kind
            value = masked(body.batch, redactor)
            yield Candidate(kind, value, partial(_in_file, body, _prefix(kind)))


def _prefix(kind: str) -> str:
    """The pointer of the batch object in the answer of its step."""
    return {"item": "/data/0", "message": "/data"}.get(kind, "")


def _in_file(body: Loose, prefix: str, pointer: str) -> str:
    return " ".join(filter(None, body.place(prefix + pointer)))


def of_cassettes(named: Iterable[tuple[str, Cassette]]) -> Iterator[Candidate]:
    """The candidates of recorded transcripts, each with the name of its file."""
    for name, cassette in named:
        observed = Observed(cassette.transcript)
        for body in observed.bodies:
            kind = "item" if body.operation == "list-item" else "body"
            shown = Candidate(kind, body.value, partial(_in_step, name, body.seen.number))
            yield _recorded(shown, body.seen.number, cassette)
        for message in messages(observed):
            shown = Candidate("message", message.value, partial(_in_step, name, message.number))
            yield _recorded(shown, message.number, cassette)


def _in_step(name: str, number: int, pointer: str) -> str:
    return f"{name}: step {number} {pointer}".rstrip()


def _recorded(shown: Candidate, number: int, cassette: Cassette) -> Candidate:
    steps = cassette.transcript.steps
    before = tuple(filter(_is_material, steps[: number - 1]))
    after = tuple(filter(_is_material, steps[number:]))
    return replace(shown, profile=cassette.profile, before=before, after=after)


def _is_material(step: Step) -> bool:
    """Whether a step shows what bills are made of: files and prices."""
    if isinstance(step, Edge):
        return step.action == PRICE_CARD
    if not isinstance(step, Exchange):
        return False
    return route_of(step.request.method, step.request.path).operation in _FILES


def chosen(candidates: Iterable[Candidate]) -> Candidate | None:
    """The last of the most settled candidates; None when there is none.

    A batch that was read itself goes before those that a list shows beside.
    """
    found = list(candidates)
    meant = _last(found, lambda one: (*one.rank, one.kind != "item"))
    return meant and _last([one for one in found if one.id == meant.id], lambda one: one.rank)


def _last(found: Sequence[Candidate], rank: Callable[[Candidate], Any]) -> Candidate | None:
    return max(reversed(found), key=rank, default=None)
