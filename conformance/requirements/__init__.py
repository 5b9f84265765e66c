"""The registry of requirements: TOML rows, checked against requirement.schema.json, frozen."""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs

from conformance.errors import RegistryError
from conformance.resources import requirements_dir, schemas_dir

FAMILIES = ("rest", "billing", "events", "sdk")
DEFAULT_PROFILE = "ai-stats"


class Level(StrEnum):
    """How binding a promise is."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


@dataclass(frozen=True)
class Fault:
    """The deviation that must break a requirement; without a patch it is one of behaviour."""

    name: str
    on: str = "batch-body"
    when: str = ""
    patch: tuple[Mapping[str, Any], ...] = ()
    breaks: tuple[str, ...] = ()


_PREPARED = ("file", "batch", "endpoint")


def _is_prepared(value: Any) -> bool:
    if isinstance(value, str):
        return any(f"{{{kind}:" in value for kind in _PREPARED)
    members = value.values() if isinstance(value, Mapping) else value
    return isinstance(value, list | Mapping) and any(_is_prepared(member) for member in members)


@dataclass(frozen=True)
class Case:
    """One row of a table: a request and the answer it must get."""

    name: str
    request: Mapping[str, Any]
    expect: Mapping[str, Any]

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The decoded pairs of its query string."""
        return tuple(parse_qsl(self.request.get("query", ""), keep_blank_values=True))

    @cached_property
    def is_prepared(self) -> bool:
        """Whether it needs something that a scenario made before, such as `{file:…}`."""
        return _is_prepared(self.request.get("body")) or _is_prepared(self.request["path"])


@dataclass(frozen=True)
class Requirement:
    """One promise of the contract, as its row says it."""

    id: str
    level: Level
    text: str
    source: tuple[str, ...]
    profiles: tuple[str, ...]
    needs: tuple[str, ...]
    cost: str
    channel: str
    input: str
    by: str
    provoke: str
    observe: str
    revision_b: str
    family: str = ""
    area: str = ""
    # It speaks of something that a conforming target need not show.
    conditional: bool = False
    same_as: str | None = None
    excluded: str | None = None
    schema: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    table: tuple[Case, ...] = ()
    fault: Fault | None = None

    @property
    def is_master(self) -> bool:
        """Whether the row has a verdict of its own to be found by a check."""
        return self.same_as is None and self.excluded is None

    def pointers(self, profile: str) -> tuple[str, ...]:
        """The schema pointers that hold it in `profile`."""
        return self.schema.get(profile) or self.schema.get("default", ())


@dataclass(frozen=True)
class Registry:
    """All requirements by id, with the digest of the data they came from."""

    rows: Mapping[str, Requirement]
    digest: str
    pending: frozenset[str]

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.rows.values())

    def __getitem__(self, requirement_id: str) -> Requirement:
        return self.rows[requirement_id]

    def __contains__(self, requirement_id: object) -> bool:
        return requirement_id in self.rows

    def masters(self, profile: str = DEFAULT_PROFILE) -> list[Requirement]:
        """The judged requirements of a profile, in registry order."""
        return [row for row in self if row.is_master and profile in row.profiles]

    def master_of(self, row: Requirement) -> Requirement:
        """The row whose verdict `row` takes: itself, or the end of its `same_as`."""
        while row.same_as is not None:
            row = self.rows[row.same_as]
        return row

    def is_pending(self, row: Requirement) -> bool:
        """Whether the checks of its family are not built yet."""
        return row.family in self.pending


def _schema_of(row: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    value = row.get("schema", {})
    by_profile = value if isinstance(value, dict) else {"default": value}
    return {
        profile: (pointers,) if isinstance(pointers, str) else tuple(pointers)
        for profile, pointers in by_profile.items()
    }


def _fault_of(row: dict[str, Any]) -> Fault | None:
    if "fault" not in row:
        return None
    data = dict(row["fault"])
    data["patch"] = tuple(data.get("patch", ()))
    data["breaks"] = tuple(data.get("breaks", ()))
    return Fault(**data)


def _requirement(row: dict[str, Any], family: str, area: str) -> Requirement:
    special = {
        "level": Level(row["level"]),
        "schema": _schema_of(row),
        "table": tuple(Case(**case) for case in row.get("table", ())),
        "fault": _fault_of(row),
        **{key: tuple(row[key]) for key in ("source", "profiles", "needs")},
    }
    return Requirement(family=family, area=area, **{**row, **special})


def _read(path: Path) -> list[dict[str, Any]]:
    data = _toml(path)
    rows = data.get("requirement")
    if data.keys() != {"requirement"} or not isinstance(rows, list):
        keys = ", ".join(data) or "nothing"
        raise RegistryError(f"{path}: expected [[requirement]] and nothing else, it has {keys}")
    return rows


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RegistryError(f"{path}: not a registry file: {error}") from error


@cache
def _validator() -> Any:
    schema = json.loads((schemas_dir() / "requirement.schema.json").read_text("utf-8"))
    return jsonschema_rs.validator_for(schema)


def _validate(path: Path, rows: list[dict[str, Any]]) -> None:
    validator = _validator()
    for row in rows:
        breach = _first_breach(validator, row)
        if breach is not None:
            name = row.get("id", "(no id)") if isinstance(row, dict) else "(no table)"
            raise RegistryError(f"{path}: {name}: {breach}")


def _first_breach(validator: Any, row: Any) -> str | None:
    try:
        for error in validator.iter_errors(row):
            return f"/{'/'.join(map(str, error.instance_path))}: {error.message}"
    except ValueError as error:
        # TOML has dates, JSON Schema has not.
        return str(error)
    return None


def _check_links(folder: Path, rows: Mapping[str, Requirement]) -> None:
    for row in rows.values():
        where = f"{folder / row.family / row.area}.toml: {row.id}"
        for broken in row.fault.breaks if row.fault else ():
            if broken not in rows:
                raise RegistryError(f"{where}: its fault breaks {broken}, which is not a row")
        passed = {row.id}
        link = row.same_as
        while link is not None:
            if link not in rows:
                raise RegistryError(f"{where}: same_as names {link}, which is not a row")
            if link in passed:
                raise RegistryError(f"{where}: same_as leads in a circle, through {link}")
            passed.add(link)
            link = rows[link].same_as


def load(folder: Path | None = None, families: Iterable[str] = FAMILIES) -> Registry:
    """Read, validate and freeze the registry below `folder` (default: the shipped one).

    Raises RegistryError naming file and id.
    """
    folder = folder or requirements_dir()
    rows: dict[str, Requirement] = {}
    digest = hashlib.sha256()
    for family in families:
        for path in sorted((folder / family).glob("*.toml")):
            data = _read(path)
            _validate(path, data)
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
            for row in data:
                if row["id"] in rows:
                    raise RegistryError(f"{path}: {row['id']} stands twice in the registry")
                rows[row["id"]] = _requirement(row, family, path.stem)
    if not rows:
        raise RegistryError(f"{folder}: no requirement found")
    _check_links(folder, rows)
    return Registry(rows, f"sha256:{digest.hexdigest()}", _pending(folder))


def _pending(folder: Path) -> frozenset[str]:
    profiles = folder / "profiles.toml"
    if not profiles.is_file():
        return frozenset()
    return frozenset(_toml(profiles).get("pending_families", ()))


@cache
def registry() -> Registry:
    """The shipped registry, read once."""
    return load()


@cache
def profiles() -> Mapping[str, Mapping[str, Any]]:
    """The known profiles with what is said of each."""
    path = requirements_dir() / "profiles.toml"
    return dict(tomllib.loads(path.read_text("utf-8"))["profile"])
