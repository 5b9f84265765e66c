"""Run scenarios against a target, concurrently; every one leaves its transcript."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace

from conformance.capabilities import EXISTING
from conformance.errors import ConformanceError
from conformance.scenarios import Scenario
from conformance.targets import Target
from conformance.targets.session import ScenarioStopped
from conformance.transcript import Transcript

Progress = Callable[[int, int, Transcript], None]


def in_turns(scenarios: Iterable[Scenario], *, shared: bool) -> list[list[Scenario]]:
    """The scenarios in groups that run one after the other, each group at once.

    In a shared workspace those that want to be alone are first and by themselves; of these first
    the readers of what is there already, which may settle it, then the readers of the balance,
    so that no batch of the others can move it.
    """
    wanted = list(scenarios)
    alone = [one for one in wanted if one.alone] if shared else []
    alone.sort(key=lambda one: (EXISTING.isdisjoint(one.needs), "wallet" not in one.needs))
    return [[one] for one in alone] + [[one for one in wanted if one not in alone]]


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
    turns = in_turns(scenarios, shared=target.shared)
    total = sum(map(len, turns))
    room = asyncio.Semaphore(concurrency)
    done = 0

    async def one(scenario: Scenario) -> None:
        nonlocal done
        async with room:
            transcript = await _run(scenario, target)
        done += 1
        keep(transcript)
        progress(done, total, transcript)

    async with AsyncExitStack() as stack:
        stack.push_async_callback(target.close)
        try:
            for turn in turns:
                async with asyncio.TaskGroup() as group:
                    for scenario in turn:
                        group.create_task(one(scenario))
        except BaseExceptionGroup as several:
            raise _first_known(several) from None


def _first_known(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error to show of a group: one that a user can mend, else the group."""
    known = several.subgroup(ConformanceError)
    return known.exceptions[0] if known else several
