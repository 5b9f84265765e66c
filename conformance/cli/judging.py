"""`conformance judge`: judge recorded cassettes, without any gateway."""

from pathlib import Path
from typing import Any

import click

from conformance._run import Run
from conformance.cassettes import files_of, write_whole
from conformance.cli.options import RequirementId, config_of, suite_options
from conformance.errors import ReportError
from conformance.json_text import dump
from conformance.report.model import Evidence, build
from conformance.report.terminal import listing, result_lines, table_lines
from conformance.requirements import registry
from conformance.verdicts import Result, Verdict, exit_status


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--only", multiple=True, type=RequirementId(), help="Judge these requirements only.")
@click.option("--quiet", is_flag=True, help="Print the counts alone.")
@suite_options("profile", "report")
def judge(paths: tuple[Path, ...], only: tuple[str, ...], *, quiet: bool, **given: Any) -> int:
    """Judge cassettes: files or folders that `record` or a test run has written."""
    run = Run(config_of(given), frozenset(masters_of(only)))
    run.load(paths)
    folders = {file.parent for file in files_of(paths)}
    if len(folders) == 1:
        run.folder = folders.pop()
    for note in run.notes:
        click.echo(note, err=True)
    masters = {row.id for row in run.registry.masters(run.profile)}
    results = run.results_of(masters & run.wanted if run.wanted else masters)
    show(run, results, quiet=quiet)
    status = exit_status(results)
    if run.config["report"]:
        write_report(run, build(results, run.transcripts, run.about(status)))
    return status


def masters_of(only: tuple[str, ...]) -> list[str]:
    """The rows that give these their verdicts."""
    known = registry()
    return [known.master_of(known[one]).id for one in only]


def show(run: Run, results: list[Result], *, quiet: bool) -> None:
    """Print what is broken with its evidence, then the counts."""
    if not quiet:
        evidence = Evidence(run.transcripts)
        for result in results:
            if result.findings and result.requirement.is_master:
                click.echo("\n".join(result_lines(result, evidence, run.shown_folder)) + "\n")
        for line in listing(results, Verdict.ERROR):
            click.echo(f"ERROR {line}")
    for line in table_lines(results):
        click.echo(line)


def write_report(run: Run, report: dict[str, Any]) -> None:
    """Write the JSON report to the file of --report; raises ReportError."""
    path = Path(run.config["report"])
    try:
        write_whole(path, dump(report) + "\n")
    except OSError as error:
        raise ReportError(f"--report {path}: cannot be written: {error}") from error
