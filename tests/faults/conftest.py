import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from conformance.cassettes import load_all
from conformance.checks import judge
from conformance.drive import drive
from conformance.mock.server import MockServer
from conformance.requirements import Requirement, registry
from conformance.resources import cassettes_dir
from conformance.scenarios import all_scenarios
from conformance.targets.mock import MockTarget, mock_capabilities
from conformance.transcript import Delivery, Stream, Transcript
from conformance.verdicts import Judgement

MATRIX = Path(__file__).parent / "kill_matrix.json"
Drive = Callable[[Sequence[str], frozenset[str] | None], list[Transcript]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-kill-matrix", action="store_true", help="write what falls")


def built_rows() -> list[Requirement]:
    known = registry()
    return [row for row in known.masters() if not known.is_pending(row)]


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
def recorded() -> list[Transcript]:
    """The recordings of the gateway that hold a message: a stream or a webhook."""
    found = [one.transcript for one in load_all([cassettes_dir() / "ai-stats"])]
    return [one for one in found if any(isinstance(s, Stream | Delivery) for s in one.steps)]


@pytest.fixture(scope="session")
def verdicts() -> Callable[[Sequence[Transcript]], dict[str, Judgement]]:
    """Judge transcripts; one that was judged before is not judged again."""
    known: dict[int, tuple[Transcript, dict[str, Judgement]]] = {}

    def judged(transcript: Transcript, *, keep: bool) -> dict[str, Judgement]:
        if id(transcript) not in known:
            found = judge([transcript], built_rows(), "ai-stats")
            if not keep:
                return found
            known[id(transcript)] = (transcript, found)
        return known[id(transcript)][1]

    def total(transcripts: Sequence[Transcript], *, keep: bool = False) -> dict[str, Judgement]:
        sums = {row.id: Judgement() for row in built_rows()}
        for transcript in transcripts:
            for one, found in judged(transcript, keep=keep).items():
                sums[one] += found
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
