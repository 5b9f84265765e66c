"""Which recording is served, and where."""

import threading
from contextlib import ExitStack

import httpx
import pytest
from websockets.sync.client import connect

from conformance.cassettes import load
from conformance.errors import CassetteError, PortInUse
from conformance.replay.server import ReplayOptions, ReplayServer, chosen
from conformance.transcript import Delivery, Exchange, Stream


@pytest.fixture
def folder(cassettes_folder):
    return cassettes_folder / "ai-stats"


def test_a_file_is_its_cassette_and_a_folder_needs_a_scenario(folder):
    assert chosen(folder / "cancel.json").transcript.scenario == "cancel"
    assert chosen(folder, "cancel").transcript.scenario == "cancel"
    with pytest.raises(CassetteError, match=r"holds \d+ cassettes; say --scenario; there are auth"):
        chosen(folder)


def test_a_folder_of_one_needs_no_scenario_and_its_file_may_be_renamed(folder, tmp_path):
    (tmp_path / "other.json").write_bytes((folder / "cancel.json").read_bytes())
    assert chosen(tmp_path).transcript.scenario == "cancel"
    assert chosen(tmp_path, "cancel").transcript.scenario == "cancel"
    with pytest.raises(CassetteError, match=r"no cassette of a scenario x; there are other$"):
        chosen(tmp_path, "x")


def test_it_listens_on_loopback_and_leaves_nothing_behind(folder):
    threads = threading.active_count()
    cassette = load(folder / "completed_charged.json")
    first = next(step for _, step in cassette.transcript.exchanges)
    with ReplayServer(cassette) as server:
        path = first.request.url.partition("/v1")[2]
        url = server.url + path
        status = httpx.request(first.request.method, url, trust_env=False).status_code
        with pytest.raises(PortInUse, match=r"the replay cannot listen on 127\.0\.0\.1:"):
            ReplayServer(cassette, port=httpx.URL(server.url).port or 0).start()
    server.stop()
    assert status == first.response.status
    assert threading.active_count() == threads


def test_a_recorded_life_is_lived_again_on_every_channel(cassettes_folder, scripted, reply):
    receiver = scripted(lambda method, path: reply(204))
    cassette = load(cassettes_folder / "mock" / "channels_of_a_whole_life.json")
    options = ReplayOptions(strict=True, deliver_to=f"{receiver.url}/hook")
    told, came = [], threading.Semaphore(0)

    def tell(line):
        told.append(line.partition(" ")[2].partition(" ")[2])
        came.release()

    with ReplayServer(cassette, options, tell=tell) as server, ExitStack() as stack:
        client = stack.enter_context(httpx.Client(trust_env=False))
        heard = [call(client, stack, server.url, step) for step in cassette.transcript.steps]
        arrived = [came.acquire(timeout=10) for _ in cassette.transcript.of(Delivery)]
        assert (server.left, arrived) == ([], [True, True, True])
    assert all(heard)
    assert told == ["batch.created: 204", "batch.progress: 204", "batch.completed: 204"]


def call(client, stack, base, step):
    """Make the call of a step again; whether what came of it is what was recorded."""
    if isinstance(step, Exchange):
        url = base + step.request.url.partition("/v1")[2]
        answer = client.request(step.request.method, url)
        assert step.response is not None
        recorded = step.response.body.content if step.response.body else b""
        return (answer.status_code, answer.content) == (step.response.status, recorded)
    if isinstance(step, Stream):
        url = f"ws{base.removeprefix('http')}{step.request.url.partition('/v1')[2]}"
        socket = stack.enter_context(connect(url, proxy=None))
        return list(socket) == [frame.content for frame in step.frames]
    return True
