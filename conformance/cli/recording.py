"""`conformance record`: drive a target and keep what was seen. `import-recordings`: from others."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from conformance._run import Run
from conformance.cli.options import config_of, suite_options
from conformance.errors import TargetUnreachable, UsageError
from conformance.importer import import_folder
from conformance.options import BY_NAME
from conformance.scenarios import all_scenarios
from conformance.transcript import Transcript

_TARGET_OPTIONS = tuple(
    name for name in BY_NAME if name not in {"cassette", "plan", "record", "report"}
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--scenario", "names", multiple=True, metavar="NAME", help="Drive this one only (repeatable)."
)
@suite_options(*_TARGET_OPTIONS)
def record(folder: Path, names: tuple[str, ...], **given: Any) -> None:
    """Drive every scenario that the target allows; write one cassette for each into FOLDER.

    The target is the gateway at --gateway-url, or the embedded mock.
    """
    config = config_of(given)
    if config["cassette"]:
        raise UsageError(f"{config.origins['cassette']}: record drives a target; leave it out")
    run = Run(config, only=_known(names), folder=folder)

    def progress(done: int, total: int, transcript: Transcript) -> None:
        calls = len(transcript.exchanges)
        stopped = f", stopped: {transcript.failure}" if transcript.failure else ""
        click.echo(f"{done}/{total} {transcript.scenario} ({calls} calls{stopped})", err=True)

    try:
        run.observe(progress)
    finally:
        for note in run.notes:
            click.echo(note, err=True)
    if run.unreachable:
        raise TargetUnreachable(run.unreachable)
    click.echo(
        f"{len(run.transcripts)} cassettes in {folder}; judge them: conformance judge {folder}"
    )


def _known(names: tuple[str, ...]) -> frozenset[str]:
    for name in names:
        if name not in all_scenarios():
            near = get_close_matches(name, all_scenarios(), n=3) or sorted(all_scenarios())
            raise UsageError(f"--scenario {name}: no such scenario; there are {', '.join(near)}")
    return frozenset(names)


@click.command("import-recordings")
@click.argument("source", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def import_recordings(source: Path, folder: Path) -> None:
    """Turn recordings of the gateway's own code (SOURCE, *.json) into cassettes in FOLDER."""
    written = import_folder(source, folder)
    click.echo(f"{len(written)} cassettes in {folder}")
