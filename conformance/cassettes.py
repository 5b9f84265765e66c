"""Cassettes on disk: one JSON file for each scenario; a run is a folder of them.

Keys are sorted and lines end in LF, so that two cassettes can be compared as text.
"""

import json
import os
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from conformance.cassette_format import VERSION, Cassette, Header, from_data, to_data
from conformance.errors import CassetteError
from conformance.json_text import dump_lines, parse
from conformance.resources import schemas_dir
from conformance.transcript import Transcript

_LARGEST_BYTES = 64 * 1024 * 1024


def save(transcript: Transcript, header: Header, folder: Path) -> Path:
    """Write the cassette `<scenario>.json` into a folder, whole or not at all."""
    text = dump_lines(to_data(transcript, header))
    return write_whole(folder / f"{transcript.scenario}.json", text + "\n")


def write_whole(path: Path, text: str) -> Path:
    """Write a file so that it is there whole or not at all; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def load(path: Path) -> Cassette:
    """Read one cassette; raises CassetteError naming the file and what is wrong with it."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise CassetteError(
                f"{path}: larger than {_LARGEST_BYTES // 2**20} MiB, not a cassette"
            )
        text = path.read_text("utf-8")
        data = json.loads(text)
    except OSError as error:
        raise CassetteError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise CassetteError(f"{path}: not JSON: {error}") from error
    version = data.get("cassette_version") if isinstance(data, dict) else None
    if version != VERSION:
        raise CassetteError(
            f"{path}: cassette_version is {version!r}, this suite reads {VERSION}; "
            "is it a file of `conformance record`? `conformance judge-body` judges loose bodies"
        )
    try:
        for breach in _validator().iter_errors(data):
            where = "/" + "/".join(map(str, breach.instance_path))
            raise CassetteError(f"{path}: not a cassette at {where}: {breach.message[:200]}")
        return from_data(_exact(data, text))
    except (KeyError, TypeError, ValueError) as error:
        raise CassetteError(f"{path}: not a cassette: {error!r}") from error


def _exact(data: Any, text: str) -> Any:
    """The data of a cassette with the numbers of its calls as they are written."""
    if not any(step["kind"] == "call" for step in data["steps"]):
        return data
    both = zip(data["steps"], parse(text)["steps"], strict=True)
    return {**data, "steps": [exact if one["kind"] == "call" else one for one, exact in both]}


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    schema = json.loads((schemas_dir() / "cassette.schema.json").read_text("utf-8"))
    return jsonschema_rs.Draft202012Validator(schema)


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files of files and folders, in name order; raises CassetteError for an empty folder."""
    files: list[Path] = []
    for path in paths:
        found = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not found:
            raise CassetteError(f"{path}: no cassette (*.json) in this folder")
        files += found
    return files


def load_all(paths: Iterable[Path]) -> list[Cassette]:
    """The cassettes of files and folders, in name order; raises CassetteError, also for none."""
    return [load(path) for path in files_of(paths)]
