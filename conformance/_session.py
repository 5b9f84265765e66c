"""The suite's part in one pytest run: when to drive, who judges, what is said at the end."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from conformance import _workers
from conformance._run import Run
from conformance.cassettes import write_whole
from conformance.config import Config, resolve
from conformance.errors import ConformanceError, UsageError
from conformance.forecast import plan_lines
from conformance.json_text import dump
from conformance.options import OPTIONS
from conformance.report.model import build
from conformance.report.terminal import listing, table_lines
from conformance.requirements import registry
from conformance.suite.items import RUN, Refused, RequirementItem, SuiteFile
from conformance.transcript import Transcript
from conformance.verdicts import Result, Verdict, exit_status


def _config(pytest_config: pytest.Config) -> Config:
    given = {option.name: getattr(pytest_config.option, option.dest, None) for option in OPTIONS}
    # A folder among the arguments moves pytest's root away from where the user stands.
    here = pytest_config.invocation_params.dir
    stands_in_one = (here / "pyproject.toml").is_file()
    return resolve(given, root=here if stands_in_one else pytest_config.rootpath)


def _fresh_folder(where: Path) -> Path:
    """The place of the last run below the folder in which pytest was called, emptied."""
    # Not pytest's own cache: with --pyargs its root may be the environment of the suite.
    folder = where / ".conformance" / "last-run"
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / ".gitignore").write_text("*\n", "utf-8")
    for old in folder.glob("*.json"):
        old.unlink()
    return folder


class SuiteSession:
    """Holds the Run of a pytest session and the ids that were left out.

    Options that cannot be used are remembered as `refusal`: pytest takes an error inside of
    collection for one of the collected file.
    """

    def __init__(self, pytest_config: pytest.Config) -> None:
        self.refusal: str | None = None
        self.config = Config()
        self.run = Run(self.config)
        try:
            registry()
            self.config = _config(pytest_config)
            self.run = Run(self.config)
            if self.config["cassette"]:
                self.run.load(map(Path, self.config["cassette"]))
        except UsageError as error:
            self.refusal = str(error)
        self.deselected: list[str] = []
        self.ids: frozenset[str] = frozenset()
        self.report_failure: str | None = None
        self._pytest_config = pytest_config
        self._results: list[Result] | None = None
        self._stand_in: Refused | None = None
        self._planned = False
        self._seen = False
        pytest_config.stash[RUN] = self.run

    @property
    def _is_worker(self) -> bool:
        return hasattr(self._pytest_config, "workerinput")

    def collector(self, path: Path, parent: pytest.Collector) -> pytest.Collector:
        """The collector of the shipped suite."""
        if self.refusal is None:
            return SuiteFile.from_parent(parent, path=path)
        self._stand_in = Refused.from_parent(parent, path=path)
        return self._stand_in

    def usable_config(self) -> Config:
        """The options; raises UsageError when they cannot be used."""
        if self.refusal is not None:
            raise UsageError(self.refusal)
        return self.config

    def refuse(self, items: list[pytest.Item]) -> None:
        """Raise pytest's UsageError when the options cannot be used.

        A worker of xdist reports one item in place of the suite instead, and its controller
        raises.
        """
        if self.refusal is None or self._stand_in is None:
            return
        if not self._is_worker:
            raise pytest.UsageError(self.refusal)
        items[:] = self._stand_in.collect()

    def before_items(self, session: pytest.Session) -> bool | None:
        """Drive for the items of this session; True when nothing is to be run after it."""
        option = session.config.option
        given_up = session.testsfailed and not option.continue_on_collection_errors
        if option.collectonly or given_up or self._is_worker:
            return None
        ids = frozenset(i.row.id for i in session.items if isinstance(i, RequirementItem))
        if not ids:
            return None
        if self.config["plan"]:
            self._print_plan(ids)
            return True
        self._drive(ids)
        return None

    def before_workers(self, ids: Collection[str]) -> None:
        """Drive in the controller of xdist, once, for what its workers have collected."""
        if self.ids or self._seen:
            return
        if self.refusal is not None:
            raise pytest.UsageError(self.refusal)
        masters = [row.id for row in registry().masters(self.run.profile)]
        wanted = frozenset(ids).intersection(masters)
        if not wanted:
            return
        self.deselected = [one for one in masters if one not in wanted]
        if self.config["plan"]:
            self._print_plan(wanted)
            pytest.exit("conformance: that was the plan, nothing was sent", returncode=0)
        self._drive(wanted)
        _workers.hand_over(self._pytest_config, self.run.observation)

    def before_item(self) -> None:
        """In a worker of xdist: take over what the controller saw."""
        if self._is_worker and not self._seen:
            self._seen = True
            inputs: Any = self._pytest_config
            self.run.observation = _workers.take_over(inputs.workerinput[_workers.FOLDER_INPUT])

    def _drive(self, ids: frozenset[str]) -> None:
        self.ids = self.run.wanted = ids
        reporter = self._pytest_config.pluginmanager.get_plugin("terminalreporter")
        try:
            self.run.folder = self._run_folder()
            self.run.observe(self._progress(reporter))
        except UsageError as error:
            raise pytest.UsageError(str(error)) from error
        except ConformanceError as error:
            pytest.exit(f"error: {error}", returncode=3)
        finally:
            if reporter is not None:
                for line in self._head_lines():
                    reporter.write_line(line)
        self._seen = True

    def _head_lines(self) -> list[str]:
        if self.run.target is None and not self.run.transcripts:
            return []
        about = self.run.about_target()
        lines = [f"conformance: {about['kind']} {about['name']}, profile {self.run.profile}"]
        if self.run.unreachable:
            lines.append(f"conformance: {self.run.unreachable}")
        lines += [f"conformance: {note}" for note in self.run.notes]
        return lines

    def _progress(self, reporter: Any) -> Any:
        def show(done: int, total: int, transcript: Transcript) -> None:
            if reporter is not None and reporter.verbosity > 0:
                count = len(transcript.exchanges)
                reporter.write_line(
                    f"conformance: {done}/{total} {transcript.scenario} ({count} calls)"
                )

        return show

    def _run_folder(self) -> Path | None:
        if self.config["record"]:
            return Path(self.config["record"])
        wants_no_files = getattr(self._pytest_config, "cache", None) is None
        if self.config["cassette"] or wants_no_files:
            return None
        try:
            folder = _fresh_folder(self._pytest_config.invocation_params.dir)
        except OSError as error:
            self.run.notes.append(f"transcripts are not kept: {error}; --record DIR keeps them")
            return None
        return folder

    def _print_plan(self, ids: frozenset[str]) -> None:
        self._planned = True
        self.run.wanted = ids
        reporter: Any = self._pytest_config.pluginmanager.get_plugin("terminalreporter")
        try:
            lines = list(plan_lines(self.run))
        except UsageError as error:
            raise pytest.UsageError(str(error)) from error
        for line in lines if reporter is not None else ():
            reporter.write_line(line)

    def results(self) -> list[Result]:
        """The results of the driven ids and of the rows that repeat them."""
        if self._results is None:
            self._results = self.run.results_of(self.ids)
        return self._results

    def summarise(self, reporter: Any) -> None:
        """The section of the suite in pytest's terminal summary."""
        if self._seen:
            reporter.section("conformance", "=")
            results = self.results()
            for verdict in (Verdict.WARN, Verdict.INFO):
                for line in listing(results, verdict):
                    reporter.write_line(f"{str(verdict).upper()} {line}")
            for line in table_lines(results):
                reporter.write_line(line)
        if self.run.unreachable:
            reporter.write_line(f"nothing was judged: {self.run.unreachable}", red=True)
        if self.run.folder and self.run.transcripts:
            reporter.write_line(f"transcripts kept in {self.run.shown_folder}")
        if self.report_failure:
            reporter.write_line(self.report_failure, red=True)

    def finish(self, session: pytest.Session) -> None:
        """Write the report; make pytest's exit status that of the suite where ours is stronger."""
        if self._planned:
            session.exitstatus = 0
        _workers.clean_up(session.config)
        if not self._seen or session.exitstatus in {2, 4}:
            return
        own = exit_status(self.results())
        status = self._combined(int(session.exitstatus), own)
        path = self.config["report"]
        if path is not None and not self._write_report(Path(path), status):
            status = 3
        session.exitstatus = status

    @staticmethod
    def _combined(pytest_status: int, own: int) -> int:
        if own == 3 or pytest_status == 3:
            return 3
        if own == 1 or pytest_status == 1:
            return 1
        return own or pytest_status

    def _write_report(self, path: Path, status: int) -> bool:
        about = self.run.about(status, self.deselected)
        report = build(self.results(), self.run.transcripts, about)
        try:
            write_whole(path, dump(report) + "\n")
        except OSError as error:
            self.report_failure = f"error: --conformance-report {path}: cannot be written: {error}"
            return False
        return True
