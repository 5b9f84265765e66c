"""What the checks said of one bill, handed out by JSON pointer. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.requirements import Level, Requirement
from conformance.verdicts import Finding, Judgement


@dataclass(frozen=True)
class Said:
    """What a check found broken; `pointer` is that of the batch object."""

    row: Requirement
    finding: Finding
    pointer: str

    @property
    def is_wrong(self) -> bool:
        """Whether it breaks what the contract demands, not only what it advises."""
        return self.row.level is Level.MUST


@dataclass
class Sayings:
    """All that the checks said of one bill, handed out by pointer, each once."""

    judged: Mapping[str, int]
    broken: Sequence[Said]
    _told: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._by_start: dict[str, list[tuple[int, Said]]] = {}
        for index, said in enumerate(self.broken):
            start = "/".join(said.pointer.split("/")[:3])
            self._by_start.setdefault(start, []).append((index, said))

    def of(self, pointer: str, only: Sequence[str] | None = None) -> list[Said]:
        """What was said of a place and below it, or of the place alone by the checks `only`."""
        start = "/".join(pointer.split("/")[:3])
        found = []
        for index, said in self._by_start.get(start, ()):
            here = said.pointer == pointer or (
                only is None and said.pointer.startswith(f"{pointer}/")
            )
            if here and (only is None or said.row.id in only) and index not in self._told:
                self._told.add(index)
                found.append(said)
        return found

    def rest(self) -> list[Said]:
        """What has not been handed out yet."""
        return [said for index, said in enumerate(self.broken) if index not in self._told]

    def was_judged(self, ids: Iterable[str]) -> bool:
        """Whether one of the checks had something to judge."""
        return any(self.judged.get(one) for one in ids)


def sayings(
    rows: Mapping[str, Requirement], judgements: Mapping[str, Judgement], step: int, prefix: str
) -> Sayings:
    """What the checks said of the bill that `step` shows below `prefix`."""
    found = [
        Said(rows[one], finding, finding.pointer.removeprefix(prefix))
        for one, judgement in judgements.items()
        for finding in judgement.broken
        if finding.step == step
    ]
    return Sayings({one: judgement.judged for one, judgement in judgements.items()}, found)
