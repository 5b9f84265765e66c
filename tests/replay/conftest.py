from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from conformance.cassette_format import Cassette
from conformance.replay.server import ReplayOptions, ReplayServer
from conformance.transcript import Step, Transcript

Replayed = Callable[..., ReplayServer]


@pytest.fixture
def replayed() -> Iterator[Replayed]:
    """Serves steps as a recording: `replayed(step, …, strict=True)`."""
    with ExitStack() as servers:

        def serve(*steps: Step, tell: Callable[[str], None] | None = None, **options):
            made = Transcript("s", steps, "", "2026-11-24T12:00:00.000Z")
            cassette = Cassette(made, {"kind": "mock"}, "ai-stats", "0.1.0", "sha256:0")
            more = {} if tell is None else {"tell": tell}
            return servers.enter_context(ReplayServer(cassette, ReplayOptions(**options), **more))

        yield serve
