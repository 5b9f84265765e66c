"""Requests that are refused without cost: every table case of the registry that needs no batch."""

from conformance.requirements import Requirement, registry
from conformance.scenarios import scenario
from conformance.scenarios.playing import play, playable
from conformance.targets.session import Session

# What the refusals show by the way.
_BESIDES = (
    "REST-ERR-01", "REST-ERR-02", "REST-ERR-03", "REST-ERR-04", "REST-ERR-05", "REST-ERR-06",
    "REST-ERR-07", "REST-ERR-08", "REST-ERR-09", "REST-ERR-13", "REST-ERR-14", "REST-AUTH-07",
    "REST-AUTH-08",
)  # fmt: skip
_KEYS = frozenset({"second-key", "same-workspace-key", "no-funds", "bad-key"})


def _rows() -> list[Requirement]:
    """The rows with cases that can be played with nothing but keys."""
    return [
        row
        for row in registry()
        if row.is_master
        and row.by == "table"
        and (row.channel, row.cost) == ("http", "free")
        and _KEYS.issuperset(row.needs)
        and playable(row, {}, None)
    ]


@scenario(*(row.id for row in _rows()), *_BESIDES)
async def refusals(session: Session) -> None:
    """Every request of the tables that a gateway refuses, or answers, without making a batch"""
    for row in _rows():
        await play(session, row)
