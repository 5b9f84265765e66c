"""One frozen Config of the command line, the environment and pyproject.toml, in that order."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from conformance.errors import ConfigError
from conformance.options import BY_NAME, OPTIONS, Option
from conformance.requirements import profiles
from conformance.routes import is_batch_id

NANOS_PER_USD = 1_000_000_000
_HIGHEST = 1_000_000_000
_FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False}
_FLAGS |= {"no": False, "off": False}


@dataclass(frozen=True)
class Config:
    """The options of one run; `origins` says where each value came from."""

    values: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def max_spend_nanos(self) -> int | None:
        """The bound on spending in nano-dollars, None when there is none."""
        amount: Decimal | None = self.values["max-spend"]
        return None if amount is None else int(amount * NANOS_PER_USD)


def _number(option: Option, text: Any, origin: str) -> float | int:
    try:
        number = int(str(text)) if option.kind == "whole" else float(text)
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(f"{origin}: {text!r:.80} is not a number ({option.metavar})") from error
    above_least = number > 0 if option.least is None else number >= option.least
    if not (above_least and number < option.most + 1):
        raise ConfigError(f"{origin}: {text!r:.80} must be {_bounds(option)}")
    return number


def _bounds(option: Option) -> str:
    if option.least is None:
        return f"above 0 and below {option.most + 1}"
    return f"from {option.least} to {option.most}"


def _usd(text: Any, origin: str) -> Decimal:
    try:
        amount = Decimal(str(text))
    except InvalidOperation as error:
        raise ConfigError(f"{origin}: {text!r} is not an amount of USD, such as 0.50") from error
    if not amount.is_finite() or not 0 <= amount < _HIGHEST:
        raise ConfigError(f"{origin}: {text!r} is not an amount of USD, such as 0.50")
    return amount


def _flag(value: Any, origin: str) -> bool:
    word = str(value).lower()
    if word not in _FLAGS:
        raise ConfigError(f"{origin}: {value!r} is none of {', '.join(_FLAGS)}")
    return _FLAGS[word]


def _waits(option: Option, value: Any, origin: str) -> tuple[float | int, ...]:
    """Seconds, as text with commas or as a list; whole ones are integers."""
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    seconds = [_number(option, part, origin) for part in parts]
    return tuple(int(one) if one == int(one) else one for one in seconds)


def _converted(option: Option, value: Any, origin: str) -> Any:
    if option.kind in {"number", "whole"}:
        return _number(option, value, origin)
    if option.kind == "waits":
        return _waits(option, value, origin)
    if option.kind == "usd":
        return _usd(value, origin)
    if option.kind == "flag":
        return _flag(value, origin)
    if option.kind == "many":
        return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
    if option.choices and value not in option.choices:
        raise ConfigError(f"{origin}: {value!r} is none of {', '.join(option.choices)}")
    return str(value)


def _from_pyproject(root: Path) -> Mapping[str, Any]:
    path = root / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        tool = tomllib.loads(path.read_text("utf-8")).get("tool", {})
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    table = tool.get("conformance", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: [tool.conformance] is no table but {table!r:.80}")
    for name in table:
        if name not in BY_NAME:
            known = ", ".join(sorted(BY_NAME))
            raise ConfigError(f"{path}: [tool.conformance] has no option {name!r}; it has {known}")
    return dict(table)


def _sources(
    option: Option, given: Mapping[str, Any], environ: Mapping[str, str], table: Mapping[str, Any]
) -> tuple[Any, str]:
    value = given.get(option.name)
    # Compared by identity: 0 is a value that was given, and a wrong one.
    if value is not None and value is not False and value not in ([], ()):
        return value, f"--{option.name}"
    if environ.get(option.variable):
        text = environ[option.variable]
        return text.split(",") if option.kind == "many" else text, option.variable
    if option.name in table:
        return table[option.name], f"[tool.conformance] {option.name}"
    return None, "default"


def _check(values: Mapping[str, Any]) -> None:
    if values["profile"] not in profiles():
        known = ", ".join(profiles())
        raise ConfigError(f"--profile {values['profile']}: no such profile; there are {known}")
    if values["gateway-url"] and values["cassette"]:
        raise ConfigError("--gateway-url and --cassette: one target a run, please")
    _check_adapter(values)
    if values["fault"] and (values["gateway-url"] or values["cassette"] or _sdk(values)):
        raise ConfigError("--fault: only the embedded mock has faults; leave the other target out")
    for batch_id in values["batch-id"]:
        if not is_batch_id(batch_id):
            raise ConfigError(f"--batch-id {batch_id!r:.80}: that is no id of a batch")


def _sdk(values: Mapping[str, Any]) -> str | None:
    """The option that names an SDK to judge."""
    return next((f"--{one}" for one in ("adapter", "adapter-cmd") if values[one]), None)


def _check_adapter(values: Mapping[str, Any]) -> None:
    if values["adapter"] and values["adapter-cmd"]:
        raise ConfigError("--adapter and --adapter-cmd: one SDK a run, please")
    if _sdk(values) and values["cassette"]:
        raise ConfigError(f"{_sdk(values)} and --cassette: one target a run, please")
    if values["adapter-python"] and not values["adapter"]:
        raise ConfigError("--adapter-python: that is for the Python SDK of an --adapter")


def _check_target(values: Mapping[str, Any], origins: Mapping[str, str]) -> None:
    """Only a live gateway has batches of earlier times."""
    for name in ("batch-id", "examine"):
        if origins[name] != "default" and not values["gateway-url"]:
            other = "--cassette" if values["cassette"] else "the embedded mock"
            raise ConfigError(
                f"{origins[name]}: {other} has no batches of earlier times; give --gateway-url URL"
            )


def _default(option: Option) -> Any:
    return {"many": (), "flag": False}.get(option.kind, option.default)


def resolve(
    given: Mapping[str, Any],
    *,
    environ: Mapping[str, str] | None = None,
    root: Path | None = None,
) -> Config:
    """The Config of a run: `given` (command line, by option name), environment, pyproject.toml.

    Raises ConfigError for a value that cannot be used, saying where it came from.
    """
    environ = os.environ if environ is None else environ
    table = _from_pyproject(root) if root else {}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for option in OPTIONS:
        value, origin = _sources(option, given, environ, table)
        origins[option.name] = origin
        values[option.name] = (
            _default(option) if value is None else _converted(option, value, origin)
        )
    _check(values)
    _check_target(values, origins)
    return Config(values, origins, _secrets(environ, values["header"]))


def _secrets(environ: Mapping[str, str], headers: Sequence[str]) -> dict[str, str]:
    """The secrets of the environment, by variable, and those of --header, by `header:NAME`."""
    found = {
        name: text for name, text in environ.items() if name.startswith("AI_STATS_API_KEY") and text
    }
    for entry in headers:
        name, equals, variable = entry.partition("=")
        if not (name and equals and variable):
            raise ConfigError(f"--header {entry}: expected NAME=ENVIRONMENT_VARIABLE")
        if not environ.get(variable):
            raise ConfigError(f"--header {entry}: the environment has no {variable}")
        found[f"header:{name}"] = environ[variable]
    return found
