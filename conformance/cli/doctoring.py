"""`conformance doctor`: is it the adapter that is broken, or the SDK?"""

import asyncio
from typing import Any

import click

from conformance.cli.options import config_of, suite_options
from conformance.doctor import Symptom, examine
from conformance.errors import UsageError
from conformance.targets.factory import sdk_host

_OPTIONS = ("adapter", "adapter-cmd", "adapter-start", "adapter-wait", "adapter-grace", "timeout")


@click.command()
@suite_options(*_OPTIONS)
def doctor(**given: Any) -> int:
    """Look at an adapter before a run, in six steps against a recorder.

    Exit status: 0 all is well, 1 the SDK is broken, 3 the adapter is.
    """
    host = sdk_host(config_of(given))
    if host is None:
        raise UsageError("doctor: say which, with --adapter MODULE:NAME or --adapter-cmd COMMAND")
    symptoms = asyncio.run(examine(host))
    for symptom in symptoms:
        click.echo(f"{symptom.blame.upper() or 'ok':8}{symptom.step:7} {symptom.text}")
    for note in host.notes:
        click.echo(f"note: {note}")
    click.echo(_opinion(symptoms))
    return _status(symptoms)


def _opinion(symptoms: list[Symptom]) -> str:
    blames = [symptom.blame for symptom in symptoms]
    if "adapter" in blames:
        return "the adapter is broken: mend it before it is used to judge an SDK"
    if "sdk" in blames:
        return f"the adapter works; the SDK is broken in {blames.count('sdk')} of {len(blames)}"
    return "the adapter works, and the SDK does in these steps"


def _status(symptoms: list[Symptom]) -> int:
    blames = {symptom.blame for symptom in symptoms}
    return 3 if "adapter" in blames else int("sdk" in blames)
