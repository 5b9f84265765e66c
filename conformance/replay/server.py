"""A recording as a real server on the loopback interface, for clients in any language."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.cassette_format import Cassette
from conformance.cassettes import files_of, load
from conformance.errors import CassetteError
from conformance.replay.app import ReplayApp, ReplayOptions
from conformance.replay.sending import Tell
from conformance.serving import Served, Serving

__all__ = ["ReplayOptions", "ReplayServer", "chosen"]

_MOST_NAMES = 8


def chosen(path: Path, scenario: str | None = None) -> Cassette:
    """The cassette at a path, in a folder the one of a scenario; raises CassetteError."""
    files = files_of([path])
    if scenario is not None:
        # The file of a scenario has its name, unless somebody has renamed it.
        named = [file for file in files if file.stem == scenario] or files
        loaded = (load(file) for file in named)
        found = next((one for one in loaded if one.transcript.scenario == scenario), None)
        if found is None:
            raise CassetteError(f"{path}: no cassette of a scenario {scenario}; {_names(files)}")
        return found
    if len(files) > 1:
        raise CassetteError(
            f"{path}: holds {len(files)} cassettes; say --scenario; {_names(files)}"
        )
    return load(files[0])


def _names(files: Sequence[Path]) -> str:
    names = [file.stem for file in files]
    more = ", …" if len(names) > _MOST_NAMES else ""
    return f"there are {', '.join(names[:_MOST_NAMES])}{more}"


def _say_nothing(_text: str) -> None:
    pass


class ReplayServer(Served):
    """Serves a recording at 127.0.0.1, from `start` until `stop`.

    `tell` hears a line for each webhook that was sent, in the thread of the server.
    """

    def __init__(
        self,
        cassette: Cassette,
        options: ReplayOptions | None = None,
        *,
        port: int = 0,
        tell: Tell = _say_nothing,
    ) -> None:
        self.cassette = cassette
        self._app = ReplayApp(cassette.transcript, options or ReplayOptions(), tell)
        self._serving = Serving(
            self._app.starlette(),
            "the replay",
            port=port,
            lifespan="on",
            log_level="critical",
            date_header=False,
        )

    @property
    def left(self) -> list[dict[str, Any]]:
        """The recorded calls that nobody has made yet."""
        return [one.as_json() for one in self._app.turns.left]
