"""Starts of an adapter: with each interpreter once, a hello and a client, and nothing is called."""

import shutil
from collections.abc import Sequence
from typing import Any

from conformance.errors import ConfigError, ConformanceError
from conformance.targets.sdk_caller import SdkHost

# Nothing is sent by building a client; the address only has to look like one.
_SETTINGS = {"base_url": "http://127.0.0.1:9/v1", "api_key": "sk-conformance-start"}
_CLIENT = "start"
# The suite itself has to be there; where it is not, nothing is said of the SDK.
_LACKS_THE_SUITE = "No module named 'conformance"


async def start_of(host: SdkHost, interpreter: str) -> dict[str, Any]:
    """How the adapter of `host` starts: a hello and a client, or the error that came of it.

    The interpreter is `admitted` where package and suite are installed, as the package allowed.
    """
    runtime = interpreter
    try:
        hello = await host.hello()
        runtime = f"{hello['runtime']} ({interpreter})"
        outcome = await host.open(_CLIENT, _SETTINGS)
        if "error" not in outcome:
            outcome = await host.close(_CLIENT)
    except ConformanceError as error:
        outcome = {"error": {"kind": "other", "type": "", "message": str(error)}}
    is_admitted = _LACKS_THE_SUITE not in str(outcome.get("error", ""))
    return {"runtime": runtime, "admitted": is_admitted, "outcome": outcome}


def checked_interpreters(paths: Sequence[str]) -> list[str]:
    """The interpreters of --adapter-python; raises ConfigError."""
    for path in paths:
        if shutil.which(path) is None:
            raise ConfigError(f"--adapter-python {path}: there is no such program")
    return list(dict.fromkeys(paths))
