import asyncio
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from pathlib import Path

import httpx
import pytest

from conformance.checks import judge
from conformance.drive import drive
from conformance.mock.server import MockServer
from conformance.requirements import Requirement, registry
from conformance.scenarios import all_scenarios
from conformance.targets.mock import MockTarget, mock_capabilities
from conformance.transcript import Transcript
from conformance.verdicts import Judgement

MATRIX = Path(__file__).parent / "kill_matrix.json"
Drive = Callable[[Sequence[str], frozenset[str] | None], list[Transcript]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-kill-matrix", action="store_true", help="write what falls")


@cache
def built_rows() -> list[Requirement]:
    """The rows of gateways: those of SDKs are broken by adapters, in test_sdk_kill.py."""
    known = registry()
    return [one for one in known.masters() if not known.is_pending(one) and one.family != "sdk"]


def seen_ids() -> frozenset[str]:
    """The built requirements that the mock offers all the needs of."""
    offered = mock_capabilities()
    return frozenset(row.id for row in built_rows() if not offered.missing(row.needs))


@pytest.fixture(scope="session")
def server() -> Iterator[MockServer]:
    with MockServer(receiver_wait_s=5.0) as running:
        yield running


@pytest.fixture(scope="session")
def driven(server: MockServer) -> Drive:
    """Drive the scenarios that aim at one of the ids (None: all) on the mock with these faults."""

    def run(faults: Sequence[str], ids: frozenset[str] | None) -> list[Transcript]:
        found: list[Transcript] = []
        chosen = [s for s in all_scenarios().values() if s.aims & (ids or seen_ids())]

        async def go() -> None:
            # Streams live in the loop of the server: they alone need sockets.
            transport = httpx.ASGITransport(app=server.app)
            target = MockTarget(faults, server=server, transport=transport)
            await drive([s for s in chosen if "stream" not in s.needs], target, keep=found.append)
            target = MockTarget(faults, server=server)
            await drive([s for s in chosen if "stream" in s.needs], target, keep=found.append)

        asyncio.run(go())
        return found

    return run


@pytest.fixture(scope="session")
def unbroken(driven: Drive) -> list[Transcript]:
    return driven((), None)


@pytest.fixture(scope="session")
def verdicts() -> Callable[[Sequence[Transcript]], dict[str, Judgement]]:
    """Judge transcripts, by all rows or those of `ids`; what was judged by all is kept."""
    known: dict[int, tuple[Transcript, dict[str, Judgement]]] = {}

    def kept(transcript: Transcript) -> dict[str, Judgement]:
        if id(transcript) not in known:
            known[id(transcript)] = (transcript, judge([transcript], built_rows(), "ai-stats"))
        return known[id(transcript)][1]

    def judged(transcript: Transcript, rows: Sequence[Requirement]) -> dict[str, Judgement]:
        if id(transcript) in known:
            return kept(transcript)
        return judge([transcript], rows, "ai-stats")

    def total(
        transcripts: Sequence[Transcript],
        *,
        keep: bool = False,
        ids: Collection[str] | None = None,
    ) -> dict[str, Judgement]:
        rows = [row for row in built_rows() if ids is None or row.id in ids]
        sums = {row.id: Judgement() for row in rows}
        for transcript in transcripts:
            found = kept(transcript) if keep else judged(transcript, rows)
            for one in sums:
                sums[one] += found[one]
        return sums

    return total


@pytest.fixture(scope="session")
def kill_matrix(request: pytest.FixtureRequest) -> Iterator[dict[str, list[str]]]:
    """Fault → ids that fall with it, as kept; with --update-kill-matrix written anew."""
    kept: dict[str, list[str]] = json.loads(MATRIX.read_text()) if MATRIX.is_file() else {}
    yield kept
    if request.config.getoption("--update-kill-matrix", default=False):
        text = json.dumps(dict(sorted(kept.items())), indent=1)
        MATRIX.write_text(text + "\n", "utf-8")
