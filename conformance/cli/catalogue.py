"""`conformance explain ID` and `conformance requirements`: what the registry says."""

import click

from conformance.adapters.faults import sdk_faults
from conformance.checks import all_checks
from conformance.cli.options import RequirementId
from conformance.requirements import FAMILIES, Requirement, profiles, registry


def _lines(row: Requirement) -> list[str]:
    lines = [f"{row.id} ({row.level}) {row.text}", f"area      {row.family}/{row.area}"]
    if row.same_as:
        lines.append(f"same as   {row.same_as}: it takes that verdict and level")
    if row.excluded:
        lines.append(f"excluded  {row.excluded}")
    lines += [
        f"profiles  {', '.join(row.profiles)}",
        f"needs     {', '.join(row.needs) or 'a working key alone'} (cost: {row.cost})",
        f"provoke   {row.provoke}",
        f"observe   {row.observe}",
        f"source    {'; '.join(row.source)}",
        f"phaseo    {row.revision_b}",
        f"judged    {_judged_by(row)}",
    ]
    if row.fault:
        lines.append(f"fault     {row.fault.name}: {_shown_by(row, row.fault.name)}")
    return lines


def _shown_by(row: Requirement, name: str) -> str:
    """What to type to see a fault."""
    if row.family == "sdk":
        return f"--adapter {sdk_faults()[name].target}"
    return f"conformance mock --fault {name}"


def _judged_by(row: Requirement) -> str:
    if not row.is_master:
        return "not by a check of its own"
    if registry().is_pending(row):
        return "not built yet"
    if row.by == "schema":
        return "by " + ", ".join(row.pointers(row.profiles[0]))
    if row.by == "table":
        return "by a table: " + ", ".join(case.name for case in row.table)
    function = all_checks().get(row.id)
    name = getattr(function, "__name__", "no check")
    return f"by {getattr(function, '__module__', '')}.{name}"


@click.command()
@click.argument("ids", nargs=-1, required=True, type=RequirementId())
def explain(ids: tuple[str, ...]) -> None:
    """Say what requirements promise, where that stands, and how they are judged."""
    known = registry()
    click.echo("\n\n".join("\n".join(_lines(known[one])) for one in ids))


@click.command()
@click.option("--family", type=click.Choice(FAMILIES), help="Rows of one family only.")
@click.option("--profile", type=click.Choice(sorted(profiles())), help="Rows of one profile only.")
@click.option("--level", type=click.Choice(["MUST", "SHOULD", "MAY"]), help="One level only.")
def requirements(family: str | None, profile: str | None, level: str | None) -> None:
    """List the registry, one requirement a line."""
    for row in registry():
        if (
            (family in (None, row.family))
            and (profile is None or profile in row.profiles)
            and (level in (None, str(row.level)))
        ):
            note = f" [same as {row.same_as}]" if row.same_as else ""
            note = " [excluded]" if row.excluded else note
            click.echo(f"{row.id:<18} {row.level:<7} {row.family}/{row.area:<12} {row.text}{note}")
