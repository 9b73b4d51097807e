"""Relay nodes for tests: they speak the first applet's protocol, well or badly."""

import asyncio
import contextlib
import json

from harness import SLOW
from websockets.asyncio.client import connect

NODE_TOKEN = "wsr-e2e-node-token-0123456789abcdef"


def chunk(text, **more):
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0, **more}
    return {"candidates": [candidate]}


def whole(text="Hello."):
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}
    return chunk(text, finishReason="STOP") | {"usageMetadata": usage}


class Node:
    """A connection to the relay; `requests` holds what it was asked, in order."""

    def __init__(self, ws):
        self.ws = ws
        self.counts = []
        self.cancelled = []
        self.requests = asyncio.Queue()
        self.reader = asyncio.create_task(self._read())

    async def _read(self):
        with contextlib.suppress(Exception):
            async for text in self.ws:
                message = json.loads(text)
                if message.get("type") == "cluster_sync":
                    self.counts.append(message["count"])
                elif message.get("type") == "cancel":
                    self.cancelled.append(message["id"])
                else:
                    await self.requests.put(message)

    async def asked(self, seconds=10):
        return await asyncio.wait_for(self.requests.get(), seconds * SLOW)

    async def say(self, message):
        await self.ws.send(message if isinstance(message, (str, bytes)) else json.dumps(message))

    async def answer(self, request, payload=None):
        await self.say({"id": request["id"], "success": True, "payload": payload or whole()})

    async def fail(self, request, error):
        await self.say({"id": request["id"], "success": False, "error": error})

    async def batch(self, request, *chunks):
        await self.say({"id": request["id"], "stream": True, "type": "batch", "chunks": chunks})

    async def done(self, request, **more):
        await self.say({"id": request["id"], "stream": True, "done": True, **more})

    async def until_counted(self, count, seconds=10):
        async def seen():
            while count not in self.counts[-1:]:
                await asyncio.sleep(0.005)

        await asyncio.wait_for(seen(), seconds * SLOW)

    async def vanish(self):
        self.ws.transport.abort()
        await self.ws.wait_closed()

    async def close(self):
        self.reader.cancel()
        await self.ws.close()


@contextlib.asynccontextmanager
async def node(server, path="/ws", token=NODE_TOKEN, name=None, **how):
    query = [f"token={token}"] * bool(token) + [f"name={name}"] * bool(name)
    address = f"ws://{server.host}:{server.port}{path}" + ("?" + "&".join(query) if query else "")
    async with connect(address, max_size=None, **how) as ws:
        joined = Node(ws)
        try:
            yield joined
        finally:
            joined.reader.cancel()
