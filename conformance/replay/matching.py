"""Which recorded call answers a call: by method, path and query, in the order of the recording.

A path counts from `/v1` on, so that hosts and prefixes in front of it may differ. A marker in a
recorded path or query stands for whatever the caller has in its place. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from conformance.routes import BASE
from conformance.transcript import Exchange, Request, Stream, Transcript

# The status of a refusal.
NOT_RECORDED = 501
# Headers of the connection that was; bodies are recorded decoded.
NOT_REPLAYED = frozenset({"content-length", "content-encoding", "transfer-encoding", "connection"})

# What may be asked for once more when the recording has no further answer.
_REPEATED = frozenset({"GET", "HEAD"})
_MARKER = re.compile(r"\{\{[^{}]*\}\}")


@dataclass(frozen=True)
class Wanted:
    """What a caller asks for; `path` may be as sent, `upgrade` asks for a stream."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    upgrade: bool = False

    @classmethod
    def of(cls, request: Request, *, upgrade: bool = False) -> "Wanted":
        """The same of a request as it was sent."""
        return cls(request.method, request.path, request.query, upgrade)

    @cached_property
    def place(self) -> str:
        """The decoded path from `/v1` on."""
        _, found, below = self.path.partition(f"{BASE}/")
        return f"{BASE}/{unquote(below)}" if found else unquote(self.path)

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The query, whatever its order."""
        return sorted(self.query)

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.method} {self.place}{f'?{query}' if query else ''}"


def _same(recorded: str, given: str) -> bool:
    if "{{" not in recorded:
        return recorded == given
    pattern = ".+".join(map(re.escape, _MARKER.split(recorded)))
    return re.fullmatch(pattern, given, re.DOTALL) is not None


@dataclass(frozen=True)
class Recorded:
    """A call or a stream of the recording, with the number of its step."""

    number: int
    step: Exchange | Stream

    @cached_property
    def wanted(self) -> Wanted:
        """What was asked for."""
        return Wanted.of(self.step.request, upgrade=isinstance(self.step, Stream))

    @property
    def ended_at_ms(self) -> int:
        """When the answer was there; a stream does not keep the calls after it waiting."""
        return self.step.ended_at_ms if isinstance(self.step, Exchange) else self.step.at_ms

    def fits(self, wanted: Wanted) -> bool:
        """Whether it answers such a call."""
        ours = self.wanted
        return (
            (ours.method, ours.upgrade) == (wanted.method, wanted.upgrade)
            and _same(ours.place, wanted.place)
            and len(ours.pairs) == len(wanted.pairs)
            and all(
                name == given_name and _same(value, given)
                for (name, value), (given_name, given) in zip(ours.pairs, wanted.pairs, strict=True)
            )
        )

    def as_json(self) -> dict[str, Any]:
        """What it is, for who asked for something else."""
        query = {"query": dict(self.wanted.query)} if self.wanted.query else {}
        kind = {"upgrade": "websocket"} if self.wanted.upgrade else {}
        place = {"method": self.wanted.method, "path": self.wanted.place}
        return {"step": self.number, **place, **query, **kind}


class Turns:
    """The calls of a recording, each given out once; `strict` in their order, whatever the route.

    Calls that were made at once in the recording may come in any order.
    """

    def __init__(self, transcript: Transcript, *, strict: bool = False) -> None:
        self._calls = [
            Recorded(number, step)
            for number, step in enumerate(transcript.steps, start=1)
            if isinstance(step, Exchange | Stream)
        ]
        self._given: set[int] = set()
        self._strict = strict

    def take(self, wanted: Wanted) -> Recorded | None:
        """The next recorded call that answers such a one; None where there is no further."""
        candidates = self._at_once() if self._strict else self.left
        found = next((one for one in candidates if one.fits(wanted)), None)
        if found is not None:
            self._given.add(found.number)
        return found

    def answering(self, wanted: Wanted) -> Recorded | None:
        """The next one, for a read the last one where there is no further; strict: the next."""
        found = self.take(wanted)
        if found is None and not self._strict and wanted.method in _REPEATED:
            return self.last(wanted)
        return found

    def refusal(self, wanted: Wanted) -> dict[str, Any]:
        """What a caller is told whose call nothing answers."""
        left = self.left
        said = "is not in" if self.last(wanted) is None else "is not what comes next in"
        return {
            "error": "not_recorded",
            "description": f"{wanted} {said} the recording",
            "expected": left[0].as_json() if left else None,
        }

    def last(self, wanted: Wanted) -> Recorded | None:
        """The last recorded call that answers such a one, given out or not."""
        return next((one for one in reversed(self._calls) if one.fits(wanted)), None)

    @property
    def left(self) -> Sequence[Recorded]:
        """What was not given out yet, in the order of the recording."""
        return [one for one in self._calls if one.number not in self._given]

    def _at_once(self) -> Sequence[Recorded]:
        left = self.left
        return [one for one in left if one is left[0] or one.step.at_ms < left[0].ended_at_ms]
