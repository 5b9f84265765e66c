"""An application on a real socket, and its end."""

import threading

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from conformance.errors import PortInUse
from conformance.serving import Serving


async def _hello(_request):
    return PlainTextResponse("hello")


@pytest.fixture
def serving():
    made = Serving(Starlette(routes=[Route("/", _hello)]), "the greeter")
    yield made
    made.stop()


def test_it_serves_at_a_free_port_and_leaves_no_thread(serving):
    threads = threading.active_count()
    serving.start()
    text = httpx.get(f"http://{serving.authority}/", trust_env=False).text
    serving.stop()
    serving.stop()
    assert (text, threading.active_count()) == ("hello", threads)


def test_a_taken_port_is_named_with_who_wanted_it(serving):
    serving.start()
    with pytest.raises(PortInUse, match=rf"the other cannot listen on 127\.0\.0\.1:{serving.port}"):
        Serving(Starlette(), "the other", port=serving.port).start()


def test_what_was_not_started_has_no_port(serving):
    with pytest.raises(RuntimeError, match="the greeter was not started"):
        _ = serving.authority
