"""Checks: pure functions from what a transcript shows to findings, one for each requirement.

A check gets what its row's `input` says, and the profile when it has a parameter of that name.
It yields one finding for every judgement it makes: HELD, or what is broken. A check that yields
nothing had nothing to judge.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from conformance import inputs, schema_walk, tables
from conformance.requirements import Requirement
from conformance.transcript import Transcript
from conformance.verdicts import HELD, Finding, Judgement, broken, gathered
from conformance.views import Observed, Seen

Findings = Iterator[Finding]
CheckFunction = Callable[..., Iterable[Finding]]

_CHECKS: dict[str, CheckFunction] = {}


def check(requirement_id: str) -> Callable[[CheckFunction], CheckFunction]:
    """Make the function the check of a requirement; raises ValueError when it has one already."""

    def register(function: CheckFunction) -> CheckFunction:
        if requirement_id in _CHECKS:
            raise ValueError(f"{requirement_id} has two checks")
        _CHECKS[requirement_id] = function
        return function

    return register


@cache
def all_checks() -> Mapping[str, CheckFunction]:
    """Every check function by requirement id."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    return _CHECKS


def _by_schema(row: Requirement, profile: str, observed: Observed) -> Findings:
    for pointer in row.pointers(profile):
        each = inputs.instances(row, pointer, observed)
        for breach in schema_walk.judged_each(pointer, each):
            yield HELD if breach is None else _breach(breach)


def _breach(breach: schema_walk.Breach) -> Finding:
    return broken(breach.value, breach.message, breach.pointer, breach.number)


def _by_table(row: Requirement, observed: Observed) -> Findings:
    calls = observed.seen
    if row.input == "handshake":
        calls = [one.seen for one in inputs.views("handshake", observed)]
    for case in row.table:
        for seen in calls:
            if seen.request.method == case.request["method"] and tables.is_case(
                row, case, seen, observed
            ):
                yield from _placed(tables.findings_of(case, seen), seen.number)


def _placed(findings: Iterable[Finding], number: int | None) -> Findings:
    for finding in findings:
        yield finding if finding.held else _at_step(finding, number, "")


def _at_step(finding: Finding, number: int | None, root: str) -> Finding:
    """The finding with its whole pointer, and a step unless the check gave one."""
    step = number if finding.step is None else finding.step
    return replace(finding, pointer=root + finding.pointer, step=step)


@cache
def _asks_profile(function: CheckFunction) -> bool:
    return "profile" in inspect.signature(function).parameters


def _by_code(row: Requirement, profile: str, views: Iterable[Any]) -> Findings:
    function = all_checks()[row.id]
    more = {"profile": profile} if _asks_profile(function) else {}
    for view in views:
        for finding in function(view, **more):
            yield finding if finding.held else _in_view(finding, view)


def _in_view(finding: Finding, view: Any) -> Finding:
    seen = getattr(view, "seen", None) or getattr(getattr(view, "later", None), "seen", None)
    number = seen.number if isinstance(seen, Seen) else getattr(view, "number", None)
    return _at_step(finding, number, getattr(view, "pointer", ""))


def _findings(row: Requirement, profile: str, observed: Observed) -> Iterable[Finding]:
    if row.by == "schema":
        return _by_schema(row, profile, observed)
    if row.by == "table":
        return _by_table(row, observed)
    # Most rows have nothing to look at in most transcripts: this is what makes judging quick.
    views = inputs.views(row.input, observed)
    return _by_code(row, profile, views) if views else ()


def _judgement(row: Requirement, profile: str, observed: Observed) -> Judgement:
    try:
        return gathered(_findings(row, profile, observed), observed.transcript.scenario)
    except Exception as error:
        # A crash of ours must not look like a verdict on the target.
        where = f"{observed.transcript.scenario}: {type(error).__name__}: {error}"
        return Judgement(crash=f"the check of {row.id} broke on {where}")


def judge_observed(
    observed: Observed, rows: Iterable[Requirement], profile: str
) -> dict[str, Judgement]:
    """What the checks of `rows` say of one transcript, by requirement id.

    Rows of SDKs and those of gateways have nothing to say of each other's transcripts.
    """
    is_of_sdk = observed.transcript.is_of_sdk
    return {
        row.id: _judgement(row, profile, observed)
        for row in rows
        if ("sdk" in row.needs) is is_of_sdk
    }


def judge(
    transcripts: Iterable[Transcript], rows: Iterable[Requirement], profile: str
) -> dict[str, Judgement]:
    """What the checks of `rows` say of the transcripts, by requirement id."""
    wanted = list(rows)
    judgements = {row.id: Judgement() for row in wanted}
    for transcript in transcripts:
        for name, found in judge_observed(Observed(transcript), wanted, profile).items():
            judgements[name] += found
    return judgements
