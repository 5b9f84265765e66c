"""One run: plan, drive (or load cassettes), judge, report. The plugin and the CLI share it."""

import asyncio
import warnings
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from conformance import __version__
from conformance.capabilities import Capabilities
from conformance.cassette_format import Cassette, Header
from conformance.cassettes import load_all, save
from conformance.checks import judge
from conformance.config import Config
from conformance.drive import Progress, drive
from conformance.errors import CassetteError, ReportError, TargetUnreachable
from conformance.plan import Circumstances, Plan, make_plan, results
from conformance.report.model import About
from conformance.requirements import Registry, registry
from conformance.scenarios import Scenario, all_scenarios
from conformance.targets import Target
from conformance.targets.factory import effective_spend, make_target
from conformance.targets.probe import probe
from conformance.transcript import Transcript
from conformance.verdicts import Judgement, Result


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Observation:
    """All that judging needs of a run that another process has driven."""

    wanted: frozenset[str]
    transcripts: list[Transcript]
    unreachable: str | None
    capabilities: Capabilities
    folder: Path | None


@dataclass
class Run:
    """One run over the requirements `wanted` (ids of masters; default: all of the profile)."""

    config: Config
    wanted: frozenset[str] = frozenset()
    # The scenarios to drive, by name; none named means all.
    only: frozenset[str] = frozenset()
    transcripts: list[Transcript] = field(default_factory=list)
    unreachable: str | None = None
    target: Target | None = None
    folder: Path | None = None
    notes: list[str] = field(default_factory=list)
    started_at: str = field(default_factory=_now)
    _cassettes: list[Cassette] = field(default_factory=list)
    _handed_over: Capabilities | None = None

    @cached_property
    def registry(self) -> Registry:
        """The requirements."""
        return registry()

    @property
    def profile(self) -> str:
        """The profile of the run: as given, else that of its cassettes, else the default."""
        recorded = {cassette.profile for cassette in self._cassettes}
        if len(recorded) == 1 and self._profile_is_open:
            return recorded.pop()
        return str(self.config["profile"])

    @property
    def _profile_is_open(self) -> bool:
        return self.config.origins.get("profile") == "default"

    @property
    def built(self) -> list[str]:
        """The wanted ids whose checks are built."""
        rows = self.registry.masters(self.profile)
        ids = [row.id for row in rows if not self.registry.is_pending(row)]
        return [one for one in ids if not self.wanted or one in self.wanted]

    @property
    def capabilities(self) -> Capabilities:
        """What the target offers; for cassettes what their targets offered."""
        if self.target is not None:
            return self.target.capabilities
        if self._handed_over is not None:
            return self._handed_over
        words = {word for cassette in self._cassettes for word in cassette.capabilities}
        return Capabilities(dict.fromkeys(sorted(words), "the recorded target had it"))

    def plan_for(self, offered: Capabilities) -> Plan:
        """The scenarios that a target with these capabilities and the spend limit allow."""
        spend = effective_spend(self.config)
        return make_plan(all_scenarios().values(), frozenset(self.built), offered, spend)

    def header(self) -> Header:
        """What all cassettes of this run share."""
        return Header(
            self.about_target(),
            self.profile,
            __version__,
            self.registry.digest,
            tuple(sorted(self.capabilities.offered)),
        )

    def about_target(self) -> dict[str, str | None]:
        """Kind, name and URL of the target."""
        if self.target is not None:
            return {"kind": self.target.kind, "name": self.target.name, "url": self.target.url}
        if self._cassettes:
            return dict(self._cassettes[0].target)
        return {"kind": "cassette", "name": "recorded run", "url": None}

    def load(self, paths: Iterable[Path]) -> None:
        """Take the transcripts of cassettes in place of driving a target; raises CassetteError."""
        self._cassettes = load_all(paths)
        self.transcripts = [cassette.transcript for cassette in self._cassettes]
        recorded = sorted({cassette.profile for cassette in self._cassettes})
        if self._profile_is_open and len(recorded) > 1:
            raise CassetteError(
                f"the cassettes were recorded for {' and '.join(recorded)}; say --profile"
            )
        if recorded != [self.profile]:
            self.notes.append(f"recorded for {', '.join(recorded)}, judged as {self.profile}")

    def observe(self, progress: Progress = lambda done, total, transcript: None) -> None:
        """Load the cassettes, or drive the target; an unreachable one leaves nothing to judge.

        Raises UsageError. What had been seen is kept in `folder` also on Ctrl-C.
        """
        if self.config["cassette"]:
            if not self._cassettes:
                self.load(map(Path, self.config["cassette"]))
            return
        with warnings.catch_warnings():
            # The user's filters are for the user's code, not for the libraries of a drive.
            warnings.simplefilter("ignore")
            try:
                asyncio.run(self._drive(progress))
            except TargetUnreachable as error:
                self.unreachable = str(error)

    async def _drive(self, progress: Progress) -> None:
        self.target = target = make_target(self.config)
        try:
            note = await probe(target, self.keep)
        except BaseException:
            await target.close()
            raise
        if note:
            self.notes.append(note)
        try:
            await drive(
                self._chosen(target),
                target,
                concurrency=self.config["concurrency"],
                keep=self.keep,
                progress=progress,
            )
        finally:
            self.notes += target.notes
            if target.left_over:
                ids = ", ".join(target.left_over)
                self.notes.append(f"could not be cancelled, please look after them: {ids}")

    def _chosen(self, target: Target) -> Sequence[Scenario]:
        scenarios = all_scenarios()
        names = self.plan_for(target.capabilities).run
        return [scenarios[name] for name in names if not self.only or name in self.only]

    def keep(self, transcript: Transcript) -> None:
        """Add a transcript to the run and, when there is a folder, write it there."""
        self.transcripts.append(transcript)
        if self.folder is not None:
            try:
                save(transcript, self.header(), self.folder)
            except OSError as error:
                raise ReportError(f"{self.folder}: cannot be written: {error}") from error

    @property
    def shown_folder(self) -> str | None:
        """The folder of the cassettes as a command typed here would name it."""
        if self.folder is None:
            return None
        here = Path.cwd()
        inside = self.folder.is_relative_to(here)
        return str(self.folder.relative_to(here) if inside else self.folder)

    def circumstances(self) -> Circumstances:
        """What verdicts depend on beside the findings."""
        return Circumstances(
            self.capabilities,
            tuple(all_scenarios().values()),
            tuple(self.transcripts),
            self.unreachable,
        )

    @property
    def observation(self) -> Observation:
        """What was seen, for another process of this run."""
        return Observation(
            self.wanted, self.transcripts, self.unreachable, self.capabilities, self.folder
        )

    @observation.setter
    def observation(self, seen: Observation) -> None:
        self.wanted, self.transcripts = seen.wanted, seen.transcripts
        self.unreachable, self.folder = seen.unreachable, seen.folder
        self._handed_over = seen.capabilities

    @cached_property
    def judgements(self) -> dict[str, Judgement]:
        """What the checks say of everything that was observed; nothing where nobody was reached."""
        rows = [self.registry[one] for one in self.built]
        return judge([] if self.unreachable else self.transcripts, rows, self.profile)

    @cached_property
    def results(self) -> list[Result]:
        """The result of every row of the profile."""
        return results(self.registry, self.profile, self.judgements, self.circumstances())

    @cached_property
    def by_id(self) -> dict[str, Result]:
        """The results by requirement id."""
        return {result.requirement.id: result for result in self.results}

    def results_of(self, ids: Collection[str]) -> list[Result]:
        """The results of these masters and of the rows that repeat them."""
        master_of = self.registry.master_of
        return [found for found in self.results if master_of(found.requirement).id in ids]

    def about(self, exit_status: int, deselected: Iterable[str] = ()) -> About:
        """What the report says of the run as a whole."""
        return About(
            __version__,
            self.registry.digest,
            self.profile,
            {**self.about_target(), "capabilities": sorted(self.capabilities.offered)},
            self.started_at,
            _now(),
            exit_status,
            self.shown_folder,
            tuple(deselected),
        )
