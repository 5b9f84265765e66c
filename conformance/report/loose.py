"""Findings on loose bodies: file, line and pointer stand in place of scenario and exchange."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from conformance.loose_bodies import Loose
from conformance.report.model import Evidence
from conformance.verdicts import Finding, Result, Verdict

_MOST_FILES = 5
_UNSEEN = "no body shows what it speaks of"
_PLURALS = {
    "body": ("batch body", "batch bodies"),
    "item": ("list item", "list items"),
    "cancel": ("cancel answer", "cancel answers"),
    "message": ("message", "messages"),
    "refusal": ("refused create", "refused creates"),
}


class LooseEvidence(Evidence):
    """Of loose bodies no request is known, and files are judged again as they were."""

    whole = "the whole body"

    def __init__(self, files: Sequence[str]) -> None:
        super().__init__(())
        shown = [shlex.quote(file) for file in files[:_MOST_FILES]]
        self._files = " ".join(shown if len(files) <= _MOST_FILES else [*shown, "…"])

    def again(self, finding: Finding, requirement_id: str, cassettes: str | None) -> str:
        """The command that judges the files once more."""
        return f"conformance judge-body {self._files} --only {requirement_id}"


def located(results: Sequence[Result], bodies: Sequence[Loose]) -> list[Result]:
    """The results, each finding placed in its file, and what no body shows said so."""
    return [_located(result, bodies) for result in results]


def _located(result: Result, bodies: Sequence[Loose]) -> Result:
    unseen = result.verdict is Verdict.NOT_TESTED
    return replace(
        result,
        reason=_UNSEEN if unseen else result.reason,
        findings=tuple(_placed(finding, bodies) for finding in result.findings),
    )


def _placed(finding: Finding, bodies: Sequence[Loose]) -> Finding:
    if finding.step is None:
        return finding
    where, pointer = bodies[finding.step - 1].place(finding.pointer)
    return replace(finding, scenario=where, pointer=pointer, step=None)


def summary(
    bodies: Sequence[Loose], results: Sequence[Result], profile: str, in_profile: int
) -> Iterator[str]:
    """What was judged, and how much of the profile that is."""
    counted = Counter(body.kind for body in bodies)
    kinds = ", ".join(
        f"{number} {_PLURALS[kind][number > 1]}" for kind, number in sorted(counted.items())
    )
    masters = [found for found in results if found.requirement.is_master]
    judged = sum(found.judged > 0 for found in masters)
    yield (
        f"{kinds or 'no batch body'}: {judged} of the {len(masters)} requirements "
        "that a body alone can break "
        f"were judged ({profile} has {in_profile}; the others need a run)"
    )
