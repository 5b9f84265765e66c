"""A recording as a real server on the loopback interface, for clients in any language."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conformance.cassette_format import Cassette
from conformance.cassettes import files_of, load
from conformance.errors import CassetteError
from conformance.replay.app import ReplayApp, ReplayOptions
from conformance.replay.sending import Tell
from conformance.serving import Serving

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


class ReplayServer:
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

    def start(self) -> Self:
        """Listen and serve; raises PortInUse when the port is taken."""
        self._serving.start()
        return self

    @property
    def url(self) -> str:
        """The API base, with `/v1`."""
        return f"http://{self._serving.authority}/v1"

    @property
    def left(self) -> list[dict[str, Any]]:
        """The recorded calls that nobody has made yet."""
        return [one.as_json() for one in self._app.turns.left]

    def stop(self) -> None:
        """Stop serving; harmless when it is not running."""
        self._serving.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
