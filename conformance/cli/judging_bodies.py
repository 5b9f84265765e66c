"""`conformance judge-body`: judge loose batch bodies, such as a support ticket holds."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from conformance._run import Run
from conformance.cli.judging import masters_of, write_report
from conformance.cli.options import RequirementId, config_of, suite_options
from conformance.errors import BodyError
from conformance.loose_bodies import (
    Bodies,
    bodies_of,
    can_be_broken_by,
    decoded,
    masks,
    merged,
    transcript_of,
)
from conformance.report.loose import LooseEvidence, located, summary
from conformance.report.model import build
from conformance.report.terminal import listing, result_lines, table_lines
from conformance.verdicts import Result, Verdict, exit_status

STDIN = "-"
_LARGEST_BYTES = 64 * 1024 * 1024
_MOST_NOTES = 5
_TARGET: dict[str, Any] = {"kind": "bodies", "url": None, "capabilities": []}


def content_of(name: str) -> bytes:
    """The bytes of a file, or of standard input for `-`; raises BodyError."""
    try:
        if name == STDIN:
            content = sys.stdin.buffer.read(_LARGEST_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise BodyError(f"{name}: cannot be read: {error.strerror or error}") from error
    if len(content) > _LARGEST_BYTES:
        raise BodyError(f"{name}: larger than {_LARGEST_BYTES // 2**20} MiB, no batch body")
    return content


@click.command("judge-body")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--only", multiple=True, type=RequirementId(), help="Judge these requirements only.")
@click.option("--quiet", is_flag=True, help="Print the counts alone.")
@suite_options("profile", "report")
def judge_body(files: tuple[str, ...], only: tuple[str, ...], *, quiet: bool, **given: Any) -> int:
    """Judge batch bodies: FILE (- is standard input) holds one, an array, a list, or JSON Lines.

    Bodies of one batch are taken as successive reads, in the order of the files. Messages of a
    stream or a webhook are judged as such. What needs the call itself is left out.
    """
    config = config_of(given)
    found = merged(bodies_of(name, decoded(name, content_of(name))) for name in files)
    run = Run(config, frozenset(masters_of(only)))
    run.transcripts = [transcript_of(found.bodies, masks(found.bodies, config.secrets))]
    results = _results(run, found)
    evidence = LooseEvidence(files)
    if not quiet:
        _show(results, evidence)
    for line in table_lines(results, keys=["level"]):
        click.echo(line)
    in_profile = len(run.registry.masters(run.profile))
    for line in summary(found.bodies, results, run.profile, in_profile):
        click.echo(line)
    status = exit_status(results)
    if config["report"]:
        about = replace(run.about(status), target={**_TARGET, "name": " ".join(files)})
        write_report(run, build(results, run.transcripts, about, evidence))
    return status


def _results(run: Run, found: Bodies) -> list[Result]:
    masters = [row for row in run.registry.masters(run.profile) if not run.registry.is_pending(row)]
    judged = {row.id for row in masters if can_be_broken_by(row)}
    notes = list(found.passed_over)
    notes += [f"{one}: no body alone can break it" for one in sorted(run.wanted - judged)]
    for note in notes[:_MOST_NOTES]:
        click.echo(note, err=True)
    if len(notes) > _MOST_NOTES:
        click.echo(f"…and {len(notes) - _MOST_NOTES} more", err=True)
    if not found.bodies:
        click.echo("no batch body was found", err=True)
    results = run.results_of(judged & run.wanted if run.wanted else judged)
    return located(results, found.bodies)


def _show(results: list[Result], evidence: LooseEvidence) -> None:
    for result in results:
        if result.findings and result.requirement.is_master:
            click.echo("\n".join(result_lines(result, evidence, None)) + "\n")
    for line in listing(results, Verdict.ERROR):
        click.echo(f"ERROR {line}")
