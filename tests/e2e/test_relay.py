"""Relay nodes: foreign peers on the nodes' side, plain HTTP on the clients'."""

import asyncio
import functools
import json

from harness import MODEL, TOKEN, call, chat, generate, native_body, poll, sse_events
from nodes import NODE_TOKEN, chunk, node, whole
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

import pytest


@pytest.fixture
def relay(servers):
    """A gateway that has nothing but relay nodes."""
    return servers.gateway("http://127.0.0.1:9", GEMINI_API_KEYS=None, RELAY_TOKENS=NODE_TOKEN)


def run(coroutine, seconds=60):
    return asyncio.run(asyncio.wait_for(coroutine, seconds))


def ask(function, *arguments, **more):
    """A blocking call beside the loop."""
    return asyncio.get_running_loop().run_in_executor(
        None, functools.partial(function, *arguments, **more)
    )


def test_a_whole_answer(relay):
    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            answer = ask(generate, relay, "Say hello.", query="?key=" + TOKEN, token=None)
            request = await one.asked()
            assert list(request) == ["id", "path", "body", "method"]
            assert request["path"] == f"/v1beta/models/{MODEL}:generateContent"
            assert request["method"] == "POST" and request["body"] == native_body("Say hello.")
            await one.answer(request)
            got = await answer
            assert got.status == 200 and got.json == whole()

    run(session())
