"""A run as lines of text: what is broken with its evidence, and honest counts. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

from conformance.plan import SHARED_REASONS
from conformance.report.model import ORDER, Evidence, counts, curl
from conformance.requirements import Requirement
from conformance.verdicts import Finding, Result, Verdict

_COLUMNS = ("pass", "fail", "warn", "info", "not_tested", "not_applicable", "error")
_MOST_FINDINGS = 5


def finding_lines(
    result: Result, finding: Finding, evidence: Evidence, cassettes: str | None
) -> Iterator[str]:
    """One breach: both values, where it was seen, and how to see it again."""
    request = evidence.request(finding)
    where = ", ".join(
        part
        for part in (
            f"exchange {finding.step}" if finding.step else "",
            f"{request.method} {request.url}" if request else "",
            finding.pointer,
        )
        if part
    )
    yield f"  seen      {finding.seen}"
    if finding.expected:
        yield f"  expected  {finding.expected}"
    yield f"  at        {finding.scenario}: {where or evidence.whole}"
    if request:
        yield f"  curl      {curl(request)}"
    yield f"  again     {evidence.again(finding, result.requirement.id, cassettes)}"


def result_lines(result: Result, evidence: Evidence, cassettes: str | None) -> Iterator[str]:
    """One requirement that is not kept: promise, evidence, source."""
    row = result.requirement
    yield f"{str(result.verdict).upper()} {row.id} ({row.level}) {row.text}"
    if result.reason:
        yield f"  reason    {result.reason}"
    for finding in result.findings[:_MOST_FINDINGS]:
        yield from finding_lines(result, finding, evidence, cassettes)
    more = len(result.findings) - _MOST_FINDINGS
    if more > 0:
        yield f"  …and {more} more of {result.judged} judgements"
    yield f"  source    {'; '.join(row.source)}"
    yield f"  explain   conformance explain {row.id}"


def table_lines(
    results: Sequence[Result], keys: Sequence[str] = ("area", "level")
) -> Iterator[str]:
    """The counts per area and per level, masters only; what shares a reason in one line instead."""
    header = "".join(f"{name.replace('_', ' '):>15}" for name in _COLUMNS)
    yield f"{'':<20}{header}"
    for key in keys:
        rows = counts([found for found in results if found.reason not in SHARED_REASONS], key)
        names = [str(level) for level in ORDER if level in rows] if key == "level" else list(rows)
        for name in names:
            cells = "".join(f"{rows[name].get(column, 0) or '.':>15}" for column in _COLUMNS)
            yield f"{name:<20}{cells}"
        if key == "area":
            yield ""
    masters = [found for found in results if found.requirement.is_master]
    for reason in SHARED_REASONS:
        yield from shared_lines([f.requirement for f in masters if f.reason == reason], reason)


def shared_lines(rows: Sequence[Requirement], reason: str) -> Iterator[str]:
    """One line that counts by family what is untested for one reason, none when nothing is."""
    if rows:
        counted = Counter(row.family for row in rows)
        families = ", ".join(f"{family} {count}" for family, count in counted.items())
        yield f"not tested, {families}: {reason}"


def listing(results: Sequence[Result], verdict: Verdict) -> Iterator[str]:
    """One line for each master with this verdict and its first evidence or its reason."""
    for result in results:
        if result.verdict is verdict and result.requirement.is_master:
            row = result.requirement
            detail = result.reason or (
                f"seen {result.findings[0].seen}, expected {result.findings[0].expected}"
                if result.findings
                else ""
            )
            yield f"{row.id} ({row.level}) {row.text} [{detail}]"
