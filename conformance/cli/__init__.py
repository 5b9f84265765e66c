"""The `conformance` command: one module for each verb."""

import sys

import click

from conformance import __version__
from conformance.cli.authoring import new
from conformance.cli.billing import bill
from conformance.cli.catalogue import explain, requirements
from conformance.cli.completion import completion
from conformance.cli.doctoring import doctor
from conformance.cli.judging import judge
from conformance.cli.judging_bodies import judge_body
from conformance.cli.mocking import mock
from conformance.cli.parity import parity_of
from conformance.cli.recording import import_recordings, record
from conformance.cli.replaying import replay
from conformance.errors import ConformanceError, TargetUnreachable, UsageError
from conformance.requirements import registry

# \b keeps click from flowing the lines of a paragraph together.
_HELP = """Does a batch API keep its contract?

\b
Start here:
  pytest --pyargs conformance                    judge the embedded mock gateway
  pytest --pyargs conformance --gateway-url URL  judge a live one, key in AI_STATS_API_KEY
  conformance judge DIR                          judge a recorded run again
  conformance judge-body FILE                    judge a batch body, from a ticket for one
  conformance bill FILE                          explain a bill line by line
  conformance explain REST-CANCEL-04             what a requirement says, and why
  conformance doctor --adapter MODULE:NAME       is the adapter of an SDK in order?
  conformance parity --adapter A --adapter B      which method of which SDK breaks what

\b
Exit status: 0 conforms, 1 a MUST is broken, 2 interrupted, 3 our own error,
4 usage, 5 nothing was judged.
"""


def _status_of(error: ConformanceError) -> int:
    if isinstance(error, UsageError):
        return 4
    return 5 if isinstance(error, TargetUnreachable) else 3


def run() -> None:
    """The console script: usage errors end with 4, known errors with one line and no traceback."""
    try:
        status = main.main(prog_name="conformance", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        status = 2
    except click.ClickException as error:
        error.show()
        status = 4
    except ConformanceError as error:
        click.echo(f"error: {error}", err=True)
        status = _status_of(error)
    sys.exit(status if isinstance(status, int) else 0)


def _print_version(context: click.Context, _parameter: click.Parameter, *values: bool) -> None:
    if any(values) and not context.resilient_parsing:
        known = registry()
        click.echo(f"conformance {__version__}")
        click.echo(f"registry {known.digest} ({len(known.rows)} requirements)")
        context.exit()


@click.group(help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Print version and digest of the registry, then exit.",
)
def main() -> None:
    """The `conformance` command."""


_SDK_VERBS = (doctor, parity_of)
_VERBS = (mock, replay, judge, judge_body, bill, record, import_recordings, explain)
for verb in (*_VERBS, *_SDK_VERBS, requirements, new, completion):
    main.add_command(verb)
