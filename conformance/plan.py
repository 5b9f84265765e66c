"""What a run will do: which scenarios the target allows, and why the rest stays untested. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from conformance.capabilities import ABOUT_GATEWAY, ABOUT_SDK, EXISTING, Capabilities, allows
from conformance.requirements import Registry, Requirement
from conformance.transcript import Transcript
from conformance.verdicts import Judgement, Result, Verdict, fold

NOT_BUILT = "not built yet"
# Reasons that many rows share: they are told once, with how many rows of which family they keep.
SHARED_REASONS = (NOT_BUILT, ABOUT_SDK, ABOUT_GATEWAY)
# Why scenarios for the other kind of target are left out.
OTHER_KIND = (
    "it calls an SDK, and this target is a gateway",
    "it calls a gateway, and this target is an SDK",
)


class Piece(Protocol):
    """What the plan needs to know of a scenario."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def aims(self) -> Collection[str]:
        """The requirements that it brings about."""

    @property
    def needs(self) -> Collection[str]:
        """What the target must offer for it."""

    @property
    def cost(self) -> str:
        """The word free, create or settle."""


@dataclass(frozen=True)
class Plan:
    """The scenarios to run, and of those left out what they would need."""

    run: tuple[str, ...]
    left_out: Mapping[str, str]


def make_plan(
    scenarios: Iterable[Piece], wanted: Collection[str], capabilities: Capabilities, spend: str
) -> Plan:
    """The scenarios that aim at a wanted requirement and that target and spend limit allow."""
    run = []
    left_out = {}
    for piece in scenarios:
        if not any(aim in wanted for aim in piece.aims):
            continue
        missing = capabilities.missing(piece.needs)
        if "sdk" in capabilities and "sdk" not in piece.needs:
            left_out[piece.name] = OTHER_KIND[1]
        elif "sdk" in missing:
            left_out[piece.name] = OTHER_KIND[0]
        elif missing:
            left_out[piece.name] = "needs " + ", ".join(f'"{word}"' for word in missing)
        elif not allows(spend, piece.cost):
            left_out[piece.name] = f"costs more than --spend {spend} allows"
        else:
            run.append(piece.name)
    return Plan(tuple(run), left_out)


@dataclass(frozen=True)
class Circumstances:
    """What the verdicts of a run depend on beside the findings."""

    capabilities: Capabilities
    scenarios: tuple[Piece, ...] = ()
    transcripts: tuple[Transcript, ...] = ()
    unreachable: str | None = None

    def _aiming(self, row: Requirement) -> list[Transcript]:
        names = {piece.name for piece in self.scenarios if row.id in piece.aims}
        return [transcript for transcript in self.transcripts if transcript.scenario in names]

    def _would_show(self, row: Requirement) -> bool:
        """Whether a scenario ran that was to bring it about, rather than happen to find it."""
        finders = {piece.name for piece in self.scenarios if EXISTING.intersection(piece.needs)}
        return any(run.scenario not in finders for run in self._aiming(row))

    def untested(self, row: Requirement) -> Result:
        """The result of a requirement that no check could judge: why, and whose doing."""
        if self.unreachable is not None:
            return Result(row, Verdict.NOT_TESTED, self.unreachable)
        runs = self._aiming(row)
        crashes = [run.failure for run in runs if run.crashed]
        if crashes:
            return Result(row, Verdict.ERROR, f"a scenario broke: {crashes[0]}")
        stops = [f"{run.scenario} stopped: {run.failure}" for run in runs if run.failure]
        if stops:
            return Result(row, Verdict.NOT_TESTED, stops[0])
        if self._would_show(row) and row.conditional:
            reason = "the target does not show what it speaks of, which the contract leaves open"
            return Result(row, Verdict.NOT_APPLICABLE, reason)
        return Result(row, Verdict.NOT_TESTED, self.capabilities.why_untested(row))


def result_of(row: Requirement, judgement: Judgement, circumstances: Circumstances) -> Result:
    """The result of one judged requirement."""
    if judgement.judged or judgement.crash is not None:
        return fold(row, judgement, "")
    return circumstances.untested(row)


def results(
    registry: Registry,
    profile: str,
    judgements: Mapping[str, Judgement],
    circumstances: Circumstances,
) -> list[Result]:
    """The result of every row of a profile: masters, repeating rows, and excluded ones."""
    masters: dict[str, Result] = {}
    for row in registry.masters(profile):
        if registry.is_pending(row):
            masters[row.id] = Result(row, Verdict.NOT_TESTED, NOT_BUILT)
        elif row.id in judgements:
            masters[row.id] = result_of(row, judgements[row.id], circumstances)
    found = []
    for row in registry:
        if profile not in row.profiles:
            continue
        if row.excluded is not None:
            found.append(Result(row, Verdict.NOT_APPLICABLE, row.excluded))
            continue
        master = masters.get(registry.master_of(row).id)
        if master is not None:
            verdict = Result(row, master.verdict, master.reason, master.judged, master.findings)
            found.append(master if row.is_master else verdict)
    return found
