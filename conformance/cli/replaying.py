"""`conformance replay`: a recording as a server for clients in any language."""

import json
import signal
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from conformance.errors import UsageError
from conformance.replay.server import ReplayOptions, ReplayServer, chosen


@click.command()
@click.argument("cassette", type=click.Path(path_type=Path))
@click.option("--scenario", metavar="NAME", help="Which cassette of a folder.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8788,
    show_default=True,
    help="Port to bind at 127.0.0.1; 0 takes a free one.",
)
@click.option("--strict", is_flag=True, help="Answer 501 to all but the call recorded next.")
@click.option("--paced", is_flag=True, help="Keep the recorded time between frames and webhooks.")
@click.option("--rewrite-urls", is_flag=True, help="Lead links in answers and frames to here.")
@click.option("--deliver-to", metavar="URL", help="Send the recorded webhooks there.")
@click.option("--deliver-at-once", is_flag=True, help="All of them now, not as calls are made.")
def replay(cassette: Path, scenario: str | None, port: int, **given: Any) -> None:
    """Serve the recording CASSETTE until Ctrl-C; print its URL as JSON first.

    CASSETTE is a file, or a folder with --scenario. Any credential is accepted. Each call gets the
    next recorded answer of its method, path and query; reads stay at the last one.
    """
    _check(given["deliver_to"], at_once=given["deliver_at_once"])
    found = chosen(cassette, scenario)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with ReplayServer(found, ReplayOptions(**given), port=port, tell=_tell) as server:
        click.echo(json.dumps({"url": server.url, "scenario": found.transcript.scenario}))
        stop.wait()


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _check(url: str | None, *, at_once: bool) -> None:
    if url is None:
        if at_once:
            raise UsageError("--deliver-at-once: say --deliver-to as well")
        return
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"--deliver-to {url}: not an http or https URL")
