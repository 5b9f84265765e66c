"""Checks: pure functions from what a transcript shows to findings, one for each requirement.

A check gets what its row's `input` says, and the profile when it has a parameter of that name.
It yields one finding for every judgement it makes: HELD, or what is broken. A check that yields
nothing had nothing to judge.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from conformance import money_views, schema_walk, tables
from conformance.json_text import plain
from conformance.requirements import Requirement
from conformance.transcript import Transcript
from conformance.verdicts import HELD, Finding, Judgement, broken, gathered
from conformance.views import BatchBody, ListAnswer, Observed, Refusal, Seen

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


_VIEWS: Mapping[str, Callable[[Observed], Sequence[Any]]] = {
    "batch-body": lambda observed: observed.bodies,
    "create": lambda observed: observed.creates,
    "list": lambda observed: observed.lists,
    "error": lambda observed: observed.refusals,
    "file": lambda observed: list(observed.files.values()),
    "pair": lambda observed: observed.pairs,
    "rows": lambda observed: observed.rows,
    "block": money_views.blocks,
    "message": money_views.messages,
    "wallet": money_views.accounts,
    "transcript": lambda observed: [observed],
}


def _instances(
    row: Requirement, pointer: str, observed: Observed
) -> Iterator[tuple[int, str, Any]]:
    """The instances that a schema row judges: exchange number, pointer of its root, value."""
    for view in _VIEWS[row.input](observed):
        if row.input == "batch-body":
            if _is_full(view, pointer, observed):
                for place, part in money_views.members(view, pointer):
                    yield view.seen.number, view.pointer + place, part
        elif row.input == "block":
            yield view.number, view.pointer, view.plain
        elif row.input == "create":
            if money_views.is_without_credit(view):
                yield view.seen.number, "", plain(view.seen.json)
        elif row.input == "file":
            for seen in (view.upload, *view.metadata):
                if seen is not None:
                    yield seen.number, "", seen.json
        elif _is_meant(view, pointer, observed):
            yield view.seen.number, "", view.plain


def _is_full(body: BatchBody, pointer: str, observed: Observed) -> bool:
    """Whether a body is one that the (sub-)schema speaks of."""
    if body.operation == "list-item":
        return not pointer.startswith("batch-answer.")
    # What a repeated cancel is answered may lack members: that is REST-CANCEL-06's affair.
    return "/properties/" in pointer or not _repeats_a_cancel(body, observed)


def _repeats_a_cancel(body: BatchBody, observed: Observed) -> bool:
    if body.operation != "cancel" or not isinstance(body.id, str):
        return False
    return observed.status_before(body.seen.number, body.id) == "cancelled"


def _is_meant(view: ListAnswer | Refusal, pointer: str, observed: Observed) -> bool:
    if isinstance(view, Refusal):
        if pointer.endswith("/refused_by_provider"):
            return money_views.is_provider_refusal(view.seen, observed)
        return view.seen.route.documented and view.seen.operation != "preflight"
    return view.operation == ("models" if pointer.startswith("models.") else "list")


def _by_schema(row: Requirement, profile: str, observed: Observed) -> Findings:
    for pointer in row.pointers(profile):
        for number, root, instance in _instances(row, pointer, observed):
            for breach in schema_walk.judged(pointer, instance):
                if breach is None:
                    yield HELD
                else:
                    yield broken(breach.value, breach.message, root + breach.pointer, number)


def _by_table(row: Requirement, observed: Observed) -> Findings:
    for case in row.table:
        for seen in observed.seen:
            if seen.request.method == case.request["method"] and tables.is_case(
                row, case, seen, observed
            ):
                yield from _placed(tables.findings_of(case, seen), seen.number)


def _placed(findings: Iterable[Finding], number: int | None, root: str = "") -> Findings:
    for finding in findings:
        if finding.held or (finding.step is not None and not root):
            yield finding
        else:
            step = number if finding.step is None else finding.step
            yield replace(finding, pointer=root + finding.pointer, step=step)


@cache
def _asks_profile(function: CheckFunction) -> bool:
    return "profile" in inspect.signature(function).parameters


def _by_code(row: Requirement, profile: str, observed: Observed) -> Findings:
    function = all_checks()[row.id]
    more = {"profile": profile} if _asks_profile(function) else {}
    for view in _VIEWS[row.input](observed):
        seen = getattr(view, "seen", None) or getattr(getattr(view, "later", None), "seen", None)
        root = getattr(view, "pointer", "")
        number = seen.number if isinstance(seen, Seen) else getattr(view, "number", None)
        yield from _placed(function(view, **more), number, root)


def _findings(row: Requirement, profile: str, observed: Observed) -> Iterable[Finding]:
    if row.by == "schema":
        return _by_schema(row, profile, observed)
    if row.by == "table":
        return _by_table(row, observed)
    return _by_code(row, profile, observed)


def _judgement(row: Requirement, profile: str, observed: Observed) -> Judgement:
    try:
        return gathered(_findings(row, profile, observed), observed.transcript.scenario)
    except Exception as error:
        # A crash of ours must not look like a verdict on the target.
        where = f"{observed.transcript.scenario}: {type(error).__name__}: {error}"
        return Judgement(crash=f"the check of {row.id} broke on {where}")


def judge(
    transcripts: Iterable[Transcript], rows: Iterable[Requirement], profile: str
) -> dict[str, Judgement]:
    """What the checks of `rows` say of the transcripts, by requirement id."""
    wanted = list(rows)
    judgements = {row.id: Judgement() for row in wanted}
    for transcript in transcripts:
        observed = Observed(transcript)
        for row in wanted:
            judgements[row.id] += _judgement(row, profile, observed)
    return judgements
