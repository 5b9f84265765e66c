"""Faults: named, deliberate deviations of the mock, each with the requirements that it must break.

A fault of behaviour is a subclass of Gateway that overrides one or a few methods:

    @fault("list-default-limit-one", breaks=["REST-LIST-03"])
    class ListDefaultLimitOne(Gateway):
        \"\"\"Without `limit` the list has one item.\"\"\"

        def default_list_limit(self) -> int:
            return 1

Faults that are one edit of an answer stand in the registry rows instead and are found here too.
"""

import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module

from conformance.errors import UnknownFault
from conformance.mock.gateway import Gateway
from conformance.mock.phaseo import Phaseo
from conformance.mock.row_faults import delivery_faults_of, message_faults_of, row_faults_of
from conformance.requirements import DEFAULT_PROFILE, Requirement, registry


@dataclass(frozen=True)
class MockFault:
    """One fault: a change of behaviour (`mixin`) or the edit of a registry row (`row`)."""

    name: str
    breaks: tuple[str, ...]
    summary: str
    mixin: type[Gateway] | None = None
    row: Requirement | None = None


_BEHAVIOUR: dict[str, MockFault] = {}


def fault(name: str, *, breaks: Sequence[str]) -> Callable[[type[Gateway]], type[Gateway]]:
    """Register a subclass of Gateway as the fault `name`."""

    def register(mixin: type[Gateway]) -> type[Gateway]:
        if name in _BEHAVIOUR:
            raise ValueError(f"two faults are called {name}")
        summary = (mixin.__doc__ or "").strip().partition("\n")[0]
        _BEHAVIOUR[name] = MockFault(name, tuple(breaks), summary, mixin=mixin)
        return mixin

    return register


def behaviour_faults() -> dict[str, MockFault]:
    """The faults of behaviour by name, from all modules of this package."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return dict(_BEHAVIOUR)


def row_fault(row: Requirement) -> MockFault | None:
    """The fault that is an edit in a registry row, None when it has none that can be served.

    How a close of the client is answered is out of the hands of the mock.
    """
    if row.fault is None or not row.fault.patch or row.fault.on == "close":
        return None
    breaks = (row.id, *row.fault.breaks)
    return MockFault(row.fault.name, breaks, f"Breaks: {row.text}", row=row)


@cache
def all_faults() -> tuple[MockFault, ...]:
    """Every fault that the mock can show, by name."""
    found = behaviour_faults()
    for row in registry():
        edit = row_fault(row)
        if edit is not None:
            found.setdefault(edit.name, edit)
    return tuple(found[name] for name in sorted(found))


@cache
def _by_name() -> dict[str, MockFault]:
    return {one.name: one for one in all_faults()}


def fault_named(name: str) -> MockFault:
    """The fault of that name; raises UnknownFault with the nearest names."""
    known = _by_name()
    if name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UnknownFault(f"no fault is called {name!r}{hint}")
    return known[name]


def gateway_class(names: Iterable[str], profile: str = DEFAULT_PROFILE) -> type[Gateway]:
    """The gateway of a profile with these faults; the same class each time for the same names."""
    return _gateway_class(tuple(dict.fromkeys(names)), profile)


@cache
def _gateway_class(names: tuple[str, ...], profile: str) -> type[Gateway]:
    base = Phaseo if profile == "phaseo" else Gateway
    if not names:
        return base
    faults = [fault_named(name) for name in names]
    mixins = [one.mixin for one in faults if one.mixin]
    rows = [one.row for one in faults if one.row]
    members = {
        "row_faults": staticmethod(row_faults_of(rows)),
        "message_faults": staticmethod(message_faults_of(rows)),
        "delivery_faults": staticmethod(delivery_faults_of(rows)),
    }
    return type("FaultyGateway", (*mixins, base), members)
