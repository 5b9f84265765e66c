import asyncio
from collections.abc import Callable

import pytest

from conformance.mock.server import MockServer
from conformance.scenarios import all_scenarios
from conformance.targets.mock import MockTarget
from conformance.targets.session import ScenarioStopped, Session
from conformance.transcript import Transcript

Change = Callable[[Session], None]


@pytest.fixture
def driven(mock_gateway: MockServer) -> Callable[..., Transcript]:
    """Drive one scenario on the mock, its session changed beforehand."""

    def drive(name: str, change: Change = lambda session: None) -> Transcript:
        async def go() -> Transcript:
            target = MockTarget(server=mock_gateway)
            try:
                session = await target.open(name)
                change(session)
                try:
                    await all_scenarios()[name].drive(session)
                except ScenarioStopped as stopped:
                    return session.transcript(str(stopped))
                return session.transcript()
            finally:
                await target.close()

        return asyncio.run(go())

    return drive
