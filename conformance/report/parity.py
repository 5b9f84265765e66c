"""Methods by SDKs with verdicts, as JSON data: who has which method, and what it breaks. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from conformance.adapters import METHODS
from conformance.requirements import Level
from conformance.sdk_views import all_calls, declared, hello_of
from conformance.transcript import Transcript
from conformance.verdicts import Finding, Result, Verdict
from conformance.views import Observed

VERSION = 1
# The row of what no method is to blame for, such as how a client is built.
CLIENT = "(client)"
ABSENT, PASS, NOT_TESTED = "absent", str(Verdict.PASS), str(Verdict.NOT_TESTED)
_VERDICTS = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.INFO}


@dataclass(frozen=True)
class Column:
    """One SDK: its name, and what its run showed."""

    name: str
    transcripts: Sequence[Transcript]
    results: Sequence[Result]
    notes: Sequence[str] = field(default=())

    @cached_property
    def natives(self) -> Mapping[str, Any]:
        """The methods that its adapter declares, with their native spellings."""
        hellos = [hello_of(one) for one in self.transcripts]
        return next((declared(one) for one in hellos if one), {})

    @cached_property
    def _methods(self) -> Mapping[tuple[str, int], str]:
        """By scenario and step: the method of the call, or of the call that sent it."""
        found = {}
        for transcript in self.transcripts:
            for call in all_calls(Observed(transcript)):
                steps = [call.number, *(number for number, _ in call.sent)]
                found.update({(transcript.scenario, one): call.call.method for one in steps})
        return found

    def method_of(self, finding: Finding) -> str:
        """The method that a finding is about."""
        return self._methods.get((finding.scenario, finding.step or 0), CLIENT)

    @cached_property
    def broken(self) -> Mapping[str, Mapping[Level, list[str]]]:
        """By method: the ids of the requirements that it breaks, by level."""
        found: dict[str, dict[Level, list[str]]] = defaultdict(lambda: defaultdict(list))
        for result in self.results:
            row = result.requirement
            if row.is_master and row.family == "sdk":
                for method in {self.method_of(one) for one in result.findings}:
                    found[method][row.level].append(row.id)
        return found

    def cell(self, method: str) -> dict[str, Any]:
        """What the SDK has for a method: native spelling, verdict, and what it breaks."""
        broken = self.broken.get(method, {})
        ids = [one for level in Level for one in broken.get(level, ())]
        is_there = method == CLIENT or method in self.natives
        verdict = ABSENT if not is_there else self._verdict(method, broken)
        return {"native": self.natives.get(method), "verdict": verdict, "broken": ids}

    def _verdict(self, method: str, broken: Mapping[Level, Sequence[str]]) -> str:
        worst = next((level for level in Level if broken.get(level)), None)
        if worst is not None:
            return str(_VERDICTS[worst])
        was_called = method in self._methods.values() or method == CLIENT
        return PASS if was_called and self.transcripts else NOT_TESTED

    def counts(self) -> dict[str, int]:
        """How many requirements of SDKs got each verdict."""
        found: dict[str, int] = defaultdict(int)
        for result in self.results:
            if result.requirement.is_master and result.requirement.family == "sdk":
                found[str(result.verdict)] += 1
        return dict(sorted(found.items()))


def parity(columns: Sequence[Column], profile: str) -> dict[str, Any]:
    """The table; a method that no SDK has is left out unless it breaks a requirement."""
    rows = {name: [one.cell(name) for one in columns] for name in (*METHODS, CLIENT)}
    return {
        "parity_version": VERSION,
        "profile": profile,
        "sdks": [
            {"name": one.name, "counts": one.counts(), "notes": list(one.notes)} for one in columns
        ],
        "methods": [
            {"method": name, "cells": cells}
            for name, cells in rows.items()
            if any(_is_worth_showing(one) for one in cells)
        ],
    }


def _is_worth_showing(cell: Mapping[str, Any]) -> bool:
    return cell["verdict"] != ABSENT or bool(cell["broken"])
