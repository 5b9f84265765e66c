"""The pytest items of the suite: one for each master requirement, named by its id."""

from collections.abc import Iterator
from typing import Any

import pytest

from conformance._run import Run
from conformance.plan import SHARED_REASONS
from conformance.report.model import Evidence
from conformance.report.terminal import result_lines
from conformance.requirements import Requirement, registry
from conformance.verdicts import Result, Verdict


class RequirementItem(pytest.Item):
    """One requirement: passes, fails, errs or is skipped as its verdict says."""

    def __init__(self, row: Requirement, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.row = row
        self.result: Result | None = None
        self.user_properties += [
            ("requirement", row.id),
            ("level", str(row.level)),
            ("area", f"{row.family}/{row.area}"),
        ]

    def setup(self) -> None:
        """Find the verdict; an `error` is raised here, so that pytest counts it as one."""
        run: Run = self.config.stash[RUN]
        self.result = run.by_id[self.row.id]
        self.user_properties.append(("verdict", str(self.result.verdict)))
        if self.result.verdict is Verdict.ERROR:
            pytest.fail(f"ERROR {self.row.id}: {self.result.reason}", pytrace=False)

    def runtest(self) -> None:
        """Turn the verdict into pytest's outcome."""
        result = self.result
        assert result is not None  # noqa: S101 - setup has run
        if result.verdict in {Verdict.FAIL, Verdict.STALE_EXPECTATION}:
            run: Run = self.config.stash[RUN]
            lines = result_lines(result, Evidence(run.transcripts), run.shown_folder)
            pytest.fail("\n".join(lines), pytrace=False)
        if result.verdict is Verdict.EXPECTED_FAILURE:
            pytest.xfail(result.reason or "")
        if result.verdict in {Verdict.NOT_TESTED, Verdict.NOT_APPLICABLE}:
            if result.reason in SHARED_REASONS:
                # The same words for all of them: `-rs` shows them in one line.
                pytest.skip(f"not tested: {result.reason}")
            words = str(result.verdict).replace("_", " ")
            pytest.skip(f"{self.row.id} ({self.row.level}) {words}: {result.reason}")

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where pytest says that the item stands."""
        return self.path, None, self.row.id


class SuiteFile(pytest.Module):
    """Collects the requirements of the profile in place of test functions."""

    def collect(self) -> Iterator[RequirementItem]:
        """One item for each master requirement, in registry order."""
        run: Run = self.config.stash[RUN]
        for row in registry().masters(run.profile):
            yield RequirementItem.from_parent(self, name=row.id, row=row)


class Refused(pytest.Module):
    """Stands for the suite while its options cannot be used."""

    def collect(self) -> Iterator["RefusedItem"]:
        """One item, by which the controller of xdist learns that the suite is wanted."""
        yield RefusedItem.from_parent(self, name="REFUSED")


class RefusedItem(pytest.Item):
    """Never runs: the controller ends the session when it hears of it."""

    def runtest(self) -> None:
        """Nothing."""


RUN: pytest.StashKey[Run] = pytest.StashKey()
