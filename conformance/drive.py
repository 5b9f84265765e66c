"""Run scenarios against a target, concurrently; every one leaves its transcript."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from conformance.errors import ConformanceError
from conformance.scenarios import Scenario
from conformance.targets import Target
from conformance.targets.session import ScenarioStopped
from conformance.transcript import Transcript

Progress = Callable[[int, int, Transcript], None]


@dataclass
class _Workspace:
    """Scenarios that want a shared workspace to themselves wait until nobody else is in it."""

    shared: bool
    inside: int = 0

    def __post_init__(self) -> None:
        self._changed = asyncio.Condition()
        self._alone = False

    async def enter(self, *, alone: bool) -> None:
        if not self.shared:
            return
        async with self._changed:
            await self._changed.wait_for(
                lambda: not self._alone and (not alone or self.inside == 0)
            )
            self.inside += 1
            self._alone = alone

    async def leave(self) -> None:
        if not self.shared:
            return
        async with self._changed:
            self.inside -= 1
            self._alone = False
            self._changed.notify_all()


async def _run(scenario: Scenario, target: Target) -> Transcript:
    session = await target.open(scenario.name)
    failure, crashed = None, False
    try:
        await scenario.drive(session)
    except ScenarioStopped as stopped:
        failure = str(stopped)
    except asyncio.CancelledError:
        # What was seen before an interrupt is kept; the runner ends after this.
        failure = "interrupted"
    except ConformanceError:
        raise
    except Exception as error:
        # A crash of a scenario is ours: what it aims at becomes an error, the others go on.
        failure, crashed = f"{scenario.name}: {type(error).__name__}: {error}", True
    return replace(session.transcript(failure), title=scenario.title, crashed=crashed)


async def drive(
    scenarios: Iterable[Scenario],
    target: Target,
    *,
    concurrency: int = 8,
    keep: Callable[[Transcript], None],
    progress: Progress = lambda done, total, transcript: None,
) -> None:
    """Run every scenario and hand each transcript to `keep` as soon as it is there.

    What was created is cancelled at the end, whatever ended the run.
    """
    wanted = list(scenarios)
    room = asyncio.Semaphore(concurrency)
    workspace = _Workspace(target.shared)
    done = 0

    async def one(scenario: Scenario) -> None:
        nonlocal done
        async with room:
            await workspace.enter(alone=scenario.alone)
            try:
                transcript = await _run(scenario, target)
            finally:
                await workspace.leave()
        done += 1
        keep(transcript)
        progress(done, len(wanted), transcript)

    async with AsyncExitStack() as stack:
        stack.push_async_callback(target.close)
        try:
            async with asyncio.TaskGroup() as group:
                for scenario in wanted:
                    group.create_task(one(scenario))
        except BaseExceptionGroup as several:
            raise _first_known(several) from None


def _first_known(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error to show of a group: one that a user can mend, else the group."""
    known = several.subgroup(ConformanceError)
    return known.exceptions[0] if known else several
