"""What `--plan` prints: what would run, what it may cost, what stays untested. Sends nothing."""

from collections.abc import Iterator
from decimal import Decimal

from conformance._run import Run
from conformance.capabilities import EXISTING, Capabilities
from conformance.config import NANOS_PER_USD
from conformance.plan import NOT_BUILT, OTHER_KIND, SHARED_REASONS, Plan
from conformance.report.terminal import shared_lines
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
    yield from _left_out_lines(plan)
    yield _cost_line(run, [scenario for scenario in chosen if scenario.cost != "free"])
    yield from _untested_lines(run, offered, chosen)


def _left_out_lines(plan: Plan) -> Iterator[str]:
    """One line for each scenario, and one for all of the other kind of target."""
    for name, reason in plan.left_out.items():
        if reason not in OTHER_KIND:
            yield f"  not: {name}: {reason}"
    for reason in OTHER_KIND:
        names = [name for name, why in plan.left_out.items() if why == reason]
        if names:
            yield f"  not: {', '.join(names)}: {reason}"


def _untested_lines(run: Run, offered: Capabilities, chosen: list[Scenario]) -> Iterator[str]:
    rows = [row for row in run.registry.masters(run.profile) if row.id in run.wanted]
    certain = {aim for one in chosen if EXISTING.isdisjoint(one.needs) for aim in one.aims}
    found = {aim for one in chosen for aim in one.aims} - certain
    lucky = [row for row in rows if row.id in found]
    left = [row for row in rows if row.id not in certain | found]
    if lucky:
        yield f"tested only if a batch of earlier times shows it: {len(lucky)} of {len(rows)}"
    yield f"would stay not tested: {len(left)} of {len(rows)} requirements"
    is_pending = run.registry.is_pending
    whys = {row.id: NOT_BUILT if is_pending(row) else offered.why_untested(row) for row in left}
    for row in left:
        if whys[row.id] not in SHARED_REASONS:
            yield f"  {row.id} ({row.level}) {whys[row.id]}"
    for reason in SHARED_REASONS:
        yield from shared_lines([row for row in left if whys[row.id] == reason], reason)
