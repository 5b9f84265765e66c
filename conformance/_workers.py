"""Under xdist: the controller drives once and leaves what it saw to its workers."""

import pickle
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

FOLDER_INPUT = "conformance_folder"
# The node id of an item of the suite, in whatever way it was called.
_SUITE_ITEM = re.compile(r"(?:^|(?:^|/)test_requirements\.py)::([A-Z0-9-]+)$")
_FOLDER: pytest.StashKey[str] = pytest.StashKey()
_FILE = "run.pickle"


def suite_ids(node_ids: Iterable[str]) -> frozenset[str]:
    """The requirement ids of those node ids that are items of the suite."""
    found = (_SUITE_ITEM.search(one) for one in node_ids)
    return frozenset(match[1] for match in found if match)


def folder_name(config: pytest.Config) -> str:
    """Where the controller will leave things: a name that nobody can foresee."""
    if _FOLDER not in config.stash:
        name = f"conformance-{secrets.token_hex(16)}"
        config.stash[_FOLDER] = str(Path(tempfile.gettempdir()) / name)
    return config.stash[_FOLDER]


def hand_over(config: pytest.Config, state: Any) -> None:
    """Leave a state to the workers, in a folder that only this user can open."""
    folder = Path(folder_name(config))
    folder.mkdir(mode=0o700)
    (folder / _FILE).write_bytes(pickle.dumps(state))


def take_over(folder: str) -> Any:
    """The state that the controller has left."""
    return pickle.loads((Path(folder) / _FILE).read_bytes())  # noqa: S301 - written by ourselves


def clean_up(config: pytest.Config) -> None:
    """Remove what was left to the workers."""
    if _FOLDER in config.stash:
        shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)
