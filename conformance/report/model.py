"""The report of a run as JSON data, in the form of schemas/report.schema.json. Pure."""

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.requirements import Level
from conformance.transcript import Exchange, Request, Transcript
from conformance.verdicts import Finding, Result

VERSION = 1
_ENVIRONMENT = {
    "a": "AI_STATS_API_KEY",
    "b": "AI_STATS_API_KEY_B",
    "same": "AI_STATS_API_KEY_SAME",
    "no_funds": "AI_STATS_API_KEY_NO_FUNDS",
}


@dataclass(frozen=True)
class About:
    """What a report says of the run as a whole."""

    suite_version: str
    registry_digest: str
    profile: str
    target: Mapping[str, Any]
    started_at: str
    finished_at: str
    exit_status: int
    cassettes: str | None = None
    deselected: tuple[str, ...] = ()


def _shell_text(text: str) -> str:
    """Single-quoted shell text in which key markers become their environment variables."""
    quoted = shlex.quote(text)
    for name, variable in _ENVIRONMENT.items():
        quoted = quoted.replace(f"{{{{key:{name}}}}}", f"'\"${variable}\"'")
    return quoted


def curl(request: Request) -> str:
    """A command line that sends the request again, keys taken from the environment."""
    words = ["curl", "-i", "-X", request.method, _shell_text(request.url)]
    for name, value in request.headers:
        if not (request.body and request.body.parts and name.lower() == "content-type"):
            words += ["-H", _shell_text(f"{name}: {value}")]
    if request.body and request.body.parts:
        for part in request.body.parts:
            value = (
                f"@{part.filename}" if part.filename else part.content.decode("utf-8", "replace")
            )
            words += ["-F", _shell_text(f"{part.name}={value}")]
    elif request.body:
        words += ["--data-raw", _shell_text(request.body.text)]
    return " ".join(words)


def again(finding: Finding, requirement_id: str, cassettes: str | None) -> str:
    """The command that judges the finding's transcript once more."""
    place = f"{cassettes or 'DIR'}/{finding.scenario}.json"
    return f"conformance judge {shlex.quote(place)} --only {requirement_id}"


class Evidence:
    """Looks up the exchange that a finding speaks of."""

    whole = "the whole transcript"

    def __init__(self, transcripts: Iterable[Transcript]) -> None:
        self._by_name = {transcript.scenario: transcript for transcript in transcripts}

    def request(self, finding: Finding) -> Request | None:
        """The request of the finding's exchange, None when it names none."""
        transcript = self._by_name.get(finding.scenario)
        if transcript is None or finding.step is None:
            return None
        step = transcript.steps[finding.step - 1]
        return step.request if isinstance(step, Exchange) else None

    def again(self, finding: Finding, requirement_id: str, cassettes: str | None) -> str:
        """The command that judges what the finding was seen in once more."""
        return again(finding, requirement_id, cassettes)


def _finding(result: Result, finding: Finding, evidence: Evidence, about: About) -> dict[str, Any]:
    request = evidence.request(finding)
    return {
        "promised": result.requirement.text,
        "seen": finding.seen,
        "expected": finding.expected or None,
        "scenario": finding.scenario,
        "exchange": finding.step,
        "pointer": finding.pointer,
        "request": f"{request.method} {request.url}" if request else None,
        "curl": curl(request) if request else None,
        "again": evidence.again(finding, result.requirement.id, about.cassettes),
    }


def _row(result: Result, evidence: Evidence, about: About) -> dict[str, Any]:
    row = result.requirement
    return {
        "id": row.id,
        "level": str(row.level),
        "family": row.family,
        "area": row.area,
        "text": row.text,
        "source": list(row.source),
        "verdict": str(result.verdict),
        "reason": result.reason,
        "same_as": row.same_as,
        "judged": result.judged,
        "findings": [_finding(result, finding, evidence, about) for finding in result.findings],
    }


def counts(results: Iterable[Result], key: str) -> dict[str, dict[str, int]]:
    """How often each verdict was given, over masters only, by `level` or `area`."""
    table: dict[str, Counter[str]] = {}
    for result in results:
        row = result.requirement
        if row.is_master:
            name = str(row.level) if key == "level" else f"{row.family}/{row.area}"
            table.setdefault(name, Counter())[str(result.verdict)] += 1
    return {name: dict(sorted(counter.items())) for name, counter in sorted(table.items())}


def build(
    results: Sequence[Result],
    transcripts: Sequence[Transcript],
    about: About,
    evidence: Evidence | None = None,
) -> dict[str, Any]:
    """The whole report; `evidence` is that of the transcripts unless it is given."""
    evidence = evidence or Evidence(transcripts)
    return {
        "report_version": VERSION,
        "suite": {
            "name": "ai-stats-conformance",
            "version": about.suite_version,
            "registry_digest": about.registry_digest,
        },
        "profile": about.profile,
        "target": dict(about.target),
        "started_at": about.started_at,
        "finished_at": about.finished_at,
        "exit_status": about.exit_status,
        "summary": {"by_level": counts(results, "level"), "by_area": counts(results, "area")},
        "requirements": [_row(result, evidence, about) for result in results],
        "deselected": list(about.deselected),
        "scenarios": [_scenario(transcript) for transcript in transcripts],
    }


def _scenario(transcript: Transcript) -> dict[str, Any]:
    ends = [exchange.ended_at_ms for _, exchange in transcript.exchanges]
    return {
        "name": transcript.scenario,
        "exchanges": len(transcript.exchanges),
        "duration_ms": max(ends, default=0),
        "complete": transcript.complete,
        "failure": transcript.failure,
    }


ORDER = (Level.MUST, Level.SHOULD, Level.MAY)
