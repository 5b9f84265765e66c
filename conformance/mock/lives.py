"""Lives: what a batch goes through at the provider after it was created."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

TERMINAL = frozenset({"completed", "failed", "expired", "cancelled"})

_STATUSES = TERMINAL | {"validating", "in_progress", "finalizing", "cancelling"}
_ON_CANCEL = ("usual", "immediate", "slow")
AS_ASKED = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """One step: the status, how many rows are done and failed, and how long it took to get here."""

    status: str
    completed: int = 0
    failed: int = 0
    seconds: int = 40


@dataclass(frozen=True, slots=True)
class Life:
    """The frames after creation; the last one lasts. `on_cancel` is usual, immediate or slow.

    With `usage` false the last successful row of the output file carries no usage; `model` is what
    all of them say has answered: another model, none, or by default the one that was asked.
    """

    frames: tuple[Frame, ...]
    on_cancel: str = "usual"
    usage: bool = True
    model: str | None = AS_ASKED


def _life(*frames: Frame) -> Life:
    return Life(frames)


def _running(done: int) -> Frame:
    return Frame("in_progress", done)


def _complete(good: int, bad: int) -> Life:
    done = min(good, (good + bad) // 2)
    return _life(_running(done), Frame("finalizing", good, bad), Frame("completed", good, bad, 20))


def _partial(good: int, bad: int) -> Life:
    total = good + bad
    kept = good if bad and good else max(1, total - 1)
    return _complete(min(kept, total), total - min(kept, total))


def _all_failed(good: int, bad: int) -> Life:
    return _complete(0, good + bad)


def _failed(_good: int, _bad: int) -> Life:
    return _life(Frame("failed", seconds=20))


def _expired(good: int, bad: int) -> Life:
    return _life(_running(0), Frame("expired", 0, good + bad, 86_000))


def _expired_partial(good: int, bad: int) -> Life:
    done = max(1, (good + bad) // 2)
    return _life(_running(done), Frame("expired", done, good + bad - done, 86_000))


def _cancelled(good: int, bad: int) -> Life:
    done = (good + bad) // 2
    return _life(_running(done), Frame("cancelled", done))


def _slow(good: int, bad: int) -> Life:
    return _life(_running((good + bad) // 2))


def _flap(good: int, bad: int) -> Life:
    life = _complete(good, bad)
    return Life((*life.frames, Frame("in_progress", good, bad)))


_NAMED: dict[str, Callable[[int, int], Life]] = {
    "complete": _complete,
    "partial": _partial,
    "all_failed": _all_failed,
    "failed": _failed,
    "expired": _expired,
    "expired_partial": _expired_partial,
    "cancelled": _cancelled,
    "cancel_immediate": lambda good, bad: replace(_complete(good, bad), on_cancel="immediate"),
    "cancel_slow": lambda good, bad: replace(_complete(good, bad), on_cancel="slow"),
    "slow": _slow,
    "flap": _flap,
    "no_usage": lambda good, bad: replace(_complete(good, bad), usage=False),
}

LIFE_NAMES = tuple(_NAMED)


class BadLife(ValueError):
    """A script of a life that cannot be played."""


def named_life(name: str, good: int, bad: int) -> Life:
    """The life of that name for a batch with so many good and bad rows."""
    if name not in _NAMED:
        raise BadLife(f"no life is called {name!r}; there are {', '.join(LIFE_NAMES)}")
    return _NAMED[name](good, bad)


def scripted_life(script: Any, good: int, bad: int) -> Life:
    """The life that a name, a list of frames or `{frames, on_cancel, usage, model}` describes."""
    if isinstance(script, str):
        return named_life(script, good, bad)
    if isinstance(script, list):
        return Life(tuple(_frame(item) for item in script))
    if not isinstance(script, dict):
        raise BadLife("a life is a name, a list of frames or an object with frames")
    frames = script.get("frames", "complete")
    life = scripted_life(frames, good, bad)
    on_cancel = script.get("on_cancel", life.on_cancel)
    if on_cancel not in _ON_CANCEL:
        raise BadLife(f"on_cancel is one of {', '.join(_ON_CANCEL)}, not {on_cancel!r}")
    model = script.get("model", life.model)
    if model is not None and not isinstance(model, str):
        raise BadLife(f"model of a life is a name or null, not {model!r}")
    usage = bool(script.get("usage", life.usage))
    return replace(life, on_cancel=on_cancel, usage=usage, model=model)


def _frame(item: Any) -> Frame:
    if not isinstance(item, dict) or item.get("status") not in _STATUSES:
        raise BadLife(f"a frame is an object with a known status, not {item!r}")
    numbers = {name: item.get(name, 0) for name in ("completed", "failed")}
    numbers["seconds"] = item.get("seconds", 40)
    for name, value in numbers.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise BadLife(f"{name} of a frame is a whole number from 0, not {value!r}")
    return Frame(item["status"], **numbers)
