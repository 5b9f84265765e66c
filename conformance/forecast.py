"""What `--plan` prints: what would run, what it may cost, what stays untested. Sends nothing."""

from collections.abc import Iterator
from decimal import Decimal

from conformance._run import Run
from conformance.capabilities import EXISTING, Capabilities
from conformance.config import NANOS_PER_USD
from conformance.report.terminal import pending_lines
from conformance.scenarios import Scenario, all_scenarios
from conformance.targets.factory import (
    ROWS_PER_BATCH,
    batch_nanos,
    checked_faults,
    effective_spend,
    gateway_options,
    sdk_host,
)
from conformance.targets.gateway import capabilities_of
from conformance.targets.mock import mock_capabilities
from conformance.targets.sdk_target import with_sdk


def _capabilities(run: Run) -> Capabilities:
    host = sdk_host(run.config)
    gateway = _of_the_gateway(run)
    return gateway if host is None else with_sdk(gateway, host)


def _of_the_gateway(run: Run) -> Capabilities:
    if run.config["gateway-url"] is None:
        batch_nanos(run.config)
        checked_faults(run.config)
        return mock_capabilities(run.profile)
    return capabilities_of(gateway_options(run.config))


def _cost_line(run: Run, paying: list[Scenario]) -> str:
    batches = sum(scenario.batches for scenario in paying)
    if not paying:
        return "cost: nothing, only free calls"
    if run.config["gateway-url"] is None:
        return f"cost: nothing, up to {batches} batches on the mock"
    each = batch_nanos(run.config)
    if each is None:
        return (
            f"cost: up to {batches} batches of at most {ROWS_PER_BATCH} rows; "
            "give --model and --prices to see an amount"
        )
    usd = Decimal(batches * each) / NANOS_PER_USD
    return f"cost: up to {batches} batches, at most {usd:.6f} USD"


def plan_lines(run: Run) -> Iterator[str]:
    """The plan as lines; raises UsageError for options that cannot be used."""
    offered = _capabilities(run)
    spend = effective_spend(run.config)
    plan = run.plan_for(offered)
    scenarios = all_scenarios()
    chosen = [scenarios[name] for name in plan.run]
    yield f"plan for {run.config['gateway-url'] or 'the embedded mock'}, --spend {spend}"
    yield "the target offers: " + ", ".join(
        f"{word} ({origin})" for word, origin in sorted(offered.offered.items())
    )
    yield f"would run {len(chosen)} scenarios:"
    for scenario in chosen:
        yield f"  {scenario.name} ({scenario.cost}) {scenario.title}"
    for name, reason in plan.left_out.items():
        yield f"  not: {name}: {reason}"
    yield _cost_line(run, [scenario for scenario in chosen if scenario.cost != "free"])
    yield from _untested_lines(run, offered, chosen)


def _untested_lines(run: Run, offered: Capabilities, chosen: list[Scenario]) -> Iterator[str]:
    rows = [row for row in run.registry.masters(run.profile) if row.id in run.wanted]
    certain = {aim for one in chosen if EXISTING.isdisjoint(one.needs) for aim in one.aims}
    found = {aim for one in chosen for aim in one.aims} - certain
    lucky = [row for row in rows if row.id in found]
    left = [row for row in rows if row.id not in certain | found]
    if lucky:
        yield f"tested only if a batch of earlier times shows it: {len(lucky)} of {len(rows)}"
    yield f"would stay not tested: {len(left)} of {len(rows)} requirements"
    for row in left:
        if not run.registry.is_pending(row):
            yield f"  {row.id} ({row.level}) {offered.why_untested(row)}"
    yield from pending_lines([row for row in left if run.registry.is_pending(row)])
