"""`conformance parity`: methods by SDKs, two SDKs or two versions side by side."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from conformance._run import Run
from conformance.cassettes import write_whole
from conformance.cli.options import config_of, suite_options
from conformance.errors import ReportError, UsageError
from conformance.json_text import dump
from conformance.options import BY_NAME
from conformance.report.parity import Column, parity
from conformance.report.parity_text import markdown, page, parity_lines
from conformance.verdicts import exit_status

_OPTIONS = (
    "profile", "gateway-url", "spend", "max-spend", "timeout", "concurrency", "adapter-start",
    "adapter-wait", "adapter-grace",
)  # fmt: skip
_FORMS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    ".md": markdown,
    ".html": page,
    ".json": lambda table: dump(table) + "\n",
}


@click.command("parity")
@click.option(
    "--adapter", "adapters", multiple=True, metavar="MODULE:NAME", help="An SDK (repeatable)."
)
@click.option(
    "--adapter-cmd", "commands", multiple=True, metavar="COMMAND", help="An SDK (repeatable)."
)
@click.option(
    "--write",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the table there too: .md, .html or .json (repeatable).",
)
@suite_options(*_OPTIONS)
def parity_of(
    adapters: tuple[str, ...], commands: tuple[str, ...], files: tuple[Path, ...], **given: Any
) -> int:
    """Judge several SDKs, and show which method of which breaks what.

    For two versions of a Python package give the interpreter of each environment:
    --adapter-cmd "old/bin/python -m conformance.adapters.stdio MODULE:NAME".
    """
    for file in files:
        if file.suffix not in _FORMS:
            raise UsageError(f"--write {file}: expected a name in {', '.join(_FORMS)}")
    chosen = [("adapter", one) for one in adapters] + [("adapter-cmd", one) for one in commands]
    if not chosen:
        raise UsageError("parity: say which SDKs, with --adapter or --adapter-cmd")
    runs = [_run(given, option, value) for option, value in chosen]
    table = parity([_column(run) for run in runs], runs[0].profile)
    for line in parity_lines(table):
        click.echo(line)
    for file in files:
        _write(file, _FORMS[file.suffix](table))
    return exit_status([result for run in runs for result in run.results])


def _run(given: Mapping[str, Any], option: str, value: str) -> Run:
    dests = {BY_NAME[name].dest: None for name in ("adapter", "adapter-cmd")}
    run = Run(config_of({**given, **dests, BY_NAME[option].dest: value}))
    run.observe()
    return run


def _column(run: Run) -> Column:
    name = str(run.about_target()["name"])
    return Column(name, run.transcripts, run.results, run.notes)


def _write(file: Path, text: str) -> None:
    try:
        write_whole(file, text)
    except OSError as error:
        raise ReportError(f"--write {file}: cannot be written: {error}") from error
