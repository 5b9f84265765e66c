"""What the pytest fixtures of the plugin hand out."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpx

from conformance.cassette_format import Cassette
from conformance.checks import judge
from conformance.config import Config
from conformance.mock.server import MockServer
from conformance.requirements import DEFAULT_PROFILE, registry
from conformance.targets.factory import gateway_options
from conformance.targets.gateway import GatewayOptions, client_settings
from conformance.transcript import Transcript
from conformance.verdicts import Finding


@contextmanager
def gateway_client(config: Config) -> Iterator[httpx.Client]:
    """A client of the gateway under test with its key set, or of a mock started for it.

    Raises UsageError for options that cannot be used.
    """
    if config["gateway-url"] is not None:
        with _client(gateway_options(config)) as client:
            yield client
        return
    with MockServer() as server:
        keys = {"a": server.default_keys()["AI_STATS_API_KEY"]}
        with _client(GatewayOptions(server.url, keys)) as client:
            yield client


def _client(options: GatewayOptions) -> httpx.Client:
    headers = {**options.headers, "authorization": f"Bearer {options.keys['a']}"}
    return httpx.Client(base_url=options.url, headers=headers, **client_settings(options))


def judge_broken(
    observed: Iterable[Transcript | Cassette], profile: str = DEFAULT_PROFILE
) -> dict[str, tuple[Finding, ...]]:
    """The findings of every requirement that the transcripts break, by id."""
    transcripts = [one.transcript if isinstance(one, Cassette) else one for one in observed]
    rows = [row for row in registry().masters(profile) if not registry().is_pending(row)]
    judgements = judge(transcripts, rows, profile)
    return {one: found.broken for one, found in judgements.items() if found.broken}
