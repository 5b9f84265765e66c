"""Findings, verdicts, and the one fold that makes a verdict of findings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

from conformance.json_text import ABSENT, dump
from conformance.requirements import Level, Requirement

_LONGEST = 300


class Verdict(StrEnum):
    """What a requirement gets in one run."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    WARN = "warn"
    INFO = "info"
    NOT_APPLICABLE = "not_applicable"
    NOT_TESTED = "not_tested"
    ERROR = "error"
    EXPECTED_FAILURE = "expected_failure"
    STALE_EXPECTATION = "stale_expectation"


_BROKEN = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.INFO}


@dataclass(frozen=True, slots=True)
class Finding:
    """One judgement of a check: held, or broken with both values and the place."""

    held: bool
    seen: str = ""
    expected: str = ""
    pointer: str = ""
    step: int | None = None
    scenario: str = ""


HELD = Finding(held=True)


def show(value: Any) -> str:
    """A value as a report shows it: JSON text, cut when long; text is shown as it is."""
    if value is ABSENT:
        return "(absent)"
    if isinstance(value, str) and not value.startswith(("{", "[")):
        text = value if " " in value else dump(value)
    else:
        try:
            text = dump(value)
        except (TypeError, ValueError):
            text = repr(value)
    return _visible(
        text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
    )


def _visible(text: str) -> str:
    """Control characters as escapes: what a target sends must not steer a terminal."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)


def broken(seen: Any, expected: Any, pointer: str = "", step: int | None = None) -> Finding:
    """A breach, with both values rendered."""
    return Finding(held=False, seen=show(seen), expected=show(expected), pointer=pointer, step=step)


def holds(
    condition: object, *, seen: Any, expected: Any, pointer: str = "", step: int | None = None
) -> Finding:
    """HELD when the condition is true; otherwise a finding with both values, rendered."""
    return HELD if condition else broken(seen, expected, pointer, step)


@dataclass(frozen=True)
class Judgement:
    """All that the checks said of one requirement: how often judged, what was found broken."""

    judged: int = 0
    broken: tuple[Finding, ...] = ()
    crash: str | None = None

    def __add__(self, other: "Judgement") -> "Judgement":
        return Judgement(
            self.judged + other.judged,
            self.broken + other.broken,
            self.crash or other.crash,
        )


@dataclass(frozen=True)
class Result:
    """The verdict of one requirement in one run, with its evidence."""

    requirement: Requirement
    verdict: Verdict
    reason: str | None = None
    judged: int = 0
    findings: tuple[Finding, ...] = ()


def gathered(findings: Iterable[Finding], scenario: str = "") -> Judgement:
    """The judgement that a run of findings amounts to."""
    judged = 0
    breaches = []
    for finding in findings:
        judged += 1
        if not finding.held:
            breaches.append(replace(finding, scenario=scenario) if scenario else finding)
    return Judgement(judged, tuple(breaches)) if breaches else _held(judged)


@cache
def _held(judged: int) -> Judgement:
    """A judgement of nothing but held findings; most are, and equal ones are one."""
    return Judgement(judged)


def fold(requirement: Requirement, judgement: Judgement, untested: str) -> Result:
    """The verdict: our own crash first, then a breach by level, then held, then `untested`."""
    if judgement.crash is not None:
        return Result(requirement, Verdict.ERROR, judgement.crash, judgement.judged)
    if judgement.broken:
        verdict = _BROKEN[requirement.level]
        return Result(requirement, verdict, None, judgement.judged, judgement.broken)
    if judgement.judged:
        return Result(requirement, Verdict.PASS, None, judgement.judged)
    return Result(requirement, Verdict.NOT_TESTED, untested)


def exit_status(results: Sequence[Result]) -> int:
    """3 our own error, 1 a breach of a MUST or a stale expectation, 5 nothing judged, else 0."""
    verdicts = {result.verdict for result in results}
    if Verdict.ERROR in verdicts:
        return 3
    if verdicts & {Verdict.FAIL, Verdict.STALE_EXPECTATION}:
        return 1
    if not any(result.judged for result in results):
        return 5
    return 0
