"""Table cases of the registry as requests: which of them can be played now, and playing them."""

import re
import secrets
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any
from urllib.parse import quote

from conformance import tables
from conformance.requirements import Case, Requirement
from conformance.targets.session import Session
from conformance.transcript import Exchange, Headers

# What stands for itself in every run; everything else in braces is prepared by a scenario.
_ALWAYS = frozenset(
    {"key", "model", "endpoint", "file:unknown", "any-file", "any-batch", "unknown-batch"}
)
_PLACEHOLDER = re.compile(r"\{([a-z][a-z_-]*(?::[a-z0-9_-]+)?)\}")
_NO_FIXTURES: Mapping[str, str] = {}


def unknown_id(prefix: str) -> str:
    """An id of the usual form that nobody made."""
    return prefix + secrets.token_hex(16)


def unknown_token() -> str:
    """A key of the gateway's form that was never issued."""
    return f"aistats_v1_sk_{secrets.token_hex(8)}_{secrets.token_hex(24)}"


def needed(case: Case) -> frozenset[str]:
    """The names of the fixtures that a scenario must prepare for the case."""
    return frozenset(_names(case.request)) - _ALWAYS


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, list | Mapping):
        for member in chain(value, value.values()) if isinstance(value, Mapping) else value:
            yield from _names(member)


def playable(row: Requirement, fixtures: Mapping[str, str], given: str | None) -> list[Case]:
    """The cases that want this state and need some of these fixtures, or nothing of the kind.

    Cases that need nothing are left to the scenario that plays without fixtures.
    """
    found = []
    for case in row.table:
        states = str(case.request["given"]).split("|") if "given" in case.request else [None]
        prepared = bool(needed(case)) or given is not None
        if given in states and needed(case) <= fixtures.keys() and prepared >= bool(fixtures):
            found.append(case)
    return found


async def play(
    session: Session,
    row: Requirement,
    fixtures: Mapping[str, str] = _NO_FIXTURES,
    *,
    given: str | None = None,
) -> list[Exchange]:
    """Send the playable cases of a row in order, each labelled as the case.

    `fixtures` maps names such as `file:good` or `batch:completed` to ids; `given` is the state
    that the scenario has brought about. A case whose key is not at hand is left out.
    """
    return [
        await play_case(session, row, case, fixtures)
        for case in playable(row, fixtures, given)
        if _has_credential(session, case)
    ]


def _has_credential(session: Session, case: Case) -> bool:
    word = case.request.get("credential", "key")
    return word in {"key", "none", "unknown"} or word in session.keys


async def play_case(
    session: Session, row: Requirement, case: Case, fixtures: Mapping[str, str] = _NO_FIXTURES
) -> Exchange:
    """Send the request of one case, filled with fixtures, labelled as the case."""
    known = {
        "key": session.keys["a"],
        "model": session.work.model,
        "endpoint": session.work.endpoint,
        "any-file": unknown_id("file-"),
        "file:unknown": unknown_id("file-"),
        "any-batch": unknown_id("batch_"),
        "unknown-batch": unknown_id("batch_"),
        **fixtures,
    }
    request = tables.fill(case.request, known)
    in_path = {name: quote(value, safe="") for name, value in known.items()}
    key, headers = _credential(session, request.get("credential", "key"))
    raw = request.get("raw")
    return await session.call(
        request["method"],
        tables.fill(case.request["path"], in_path),
        key=key,
        body=request.get("body"),
        raw=None if raw is None else raw.encode(),
        headers=headers + tuple(request.get("headers", {}).items()),
        query=request.get("query", ""),
        label=tables.label_of(row, case),
    )


def _credential(session: Session, word: str) -> tuple[str | None, Headers]:
    """The name of the key to send, or none of them and a header in its place."""
    if word == "key":
        return "a", ()
    if word == "unknown" and word not in session.keys:
        return None, (("authorization", f"Bearer {unknown_token()}"),)
    return (None if word == "none" else word), ()
