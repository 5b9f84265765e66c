"""What the controller of xdist leaves to its workers."""

import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conformance._workers import clean_up, folder_name, hand_over, suite_ids, take_over


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """As much of a pytest config as is needed, with temporary files in the test's folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return SimpleNamespace(stash=pytest.Stash())


@pytest.mark.parametrize(
    ("node_id", "ids"),
    [
        ("suite/test_requirements.py::REST-GET-02", {"REST-GET-02"}),
        ("../lib/conformance/suite/test_requirements.py::XCH-01", {"XCH-01"}),
        ("test_requirements.py::XCH-01", {"XCH-01"}),
        ("::XCH-01", {"XCH-01"}),
        ("my_test_requirements.py::XCH-01", set()),
        ("test_requirements.py::test_of_a_user", set()),
        ("test_x.py::TestX::XCH-01", set()),
    ],
)
def test_items_of_the_suite_are_known_in_whatever_way_they_were_called(
    node_id: str, ids: set[str]
) -> None:
    assert suite_ids([node_id]) == ids


def test_a_state_goes_over_whole_in_a_folder_of_this_user_alone(
    config: Any, tmp_path: Path
) -> None:
    state = {"ids": frozenset({"XCH-01"}), "seen": [b"\x00"]}
    hand_over(config, state)
    folder = Path(folder_name(config))
    assert take_over(str(folder)) == state
    assert (folder.parent, stat.S_IMODE(folder.stat().st_mode)) == (tmp_path, 0o700)
    clean_up(config)
    assert list(tmp_path.iterdir()) == []


def test_a_name_alone_makes_no_folder_and_nobody_can_take_its_place(
    config: Any, tmp_path: Path
) -> None:
    name = folder_name(config)
    assert (folder_name(config), list(tmp_path.iterdir())) == (name, [])
    Path(name).mkdir()
    with pytest.raises(FileExistsError):
        hand_over(config, 1)
    assert folder_name(SimpleNamespace(stash=pytest.Stash())) != name  # type: ignore[arg-type]
