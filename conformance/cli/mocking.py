"""`conformance mock`: the mock gateway as a server for tests in any language."""

import json
import signal
import threading

import click

from conformance.mock.faults import all_faults
from conformance.mock.server import MockServer


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8787,
    show_default=True,
    help="Port to bind; 0 takes a free one.",
)
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="Switch a fault on.")
@click.option(
    "--list-faults", is_flag=True, help="Print every fault and what it breaks, then exit."
)
def mock(host: str, port: int, faults: tuple[str, ...], *, list_faults: bool) -> None:
    """Serve the mock gateway until Ctrl-C; print its URLs and keys as JSON first.

    The keys stand under the environment variables that the suite reads. Time is virtual: each
    read of a batch moves it one state on.
    """
    if list_faults:
        for one in all_faults():
            click.echo(f"{one.name}  breaks {', '.join(one.breaks)}")
        return
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with MockServer(host=host, port=port, faults=faults) as server:
        urls = {name: getattr(server, name) for name in ("url", "credits_url", "control_url")}
        about = {**urls, **server.default_keys()}
        click.echo(json.dumps(about), nl=True)
        stop.wait()
