"""Relay nodes: foreign peers on the nodes' side, plain HTTP on the clients'."""

import asyncio
import concurrent.futures
import contextlib
import functools
import gzip
import json
import signal
import time

import pytest
from harness import MODEL, PRESET, SLOW, TOKEN, Raw, call, chat, chat_body, generate, native_body, poll, sse_events
from nodes import NODE_TOKEN, chunk, node, whole
from test_admin import Admin
from websockets.exceptions import ConnectionClosed, InvalidStatus

CALLERS = concurrent.futures.ThreadPoolExecutor(80)

QUOTA = {
    "error": {
        "code": 429,
        "message": "You exceeded your current quota.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
            }
        ],
    }
}


def start(servers, **settings):
    """A gateway that has nothing but relay nodes."""
    return servers.gateway(
        "http://127.0.0.1:9", GEMINI_API_KEYS=None, RELAY_TOKENS=NODE_TOKEN, **settings
    )


@pytest.fixture
def relay(servers):
    return start(servers)


@pytest.fixture(params=["1", "2"], ids=["one worker", "two workers"])
def any_relay(servers, request):
    return start(servers, WASAT_WORKERS=request.param)


def run(coroutine, seconds=60):
    return asyncio.run(asyncio.wait_for(coroutine, seconds * SLOW))


def ask(function, *arguments, **more):
    """A blocking call beside the loop."""
    return asyncio.get_running_loop().run_in_executor(
        CALLERS, functools.partial(function, *arguments, **more)
    )


async def until(what, probe, seconds=10):
    await ask(poll, what, probe, seconds)


def status_of(server):
    return call(server, "GET", "/").json


def in_pool(server):
    return call(server, "GET", "/health").json["active_keys"]


class Stream(Raw):
    """A client that streams, and reads only what it is told to."""

    def __init__(self, server, text="Say hello.", query="?alt=sse"):
        super().__init__(server)
        body = json.dumps(native_body(text))
        self.send(
            f"POST /v1beta/models/{MODEL}:streamGenerateContent{query} HTTP/1.1\r\n"
            f"Host: x\r\nx-goog-api-key: {TOKEN}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )


def test_a_whole_answer(any_relay):
    async def session():
        async with node(any_relay) as one:
            await one.until_counted(1)
            answer = ask(generate, any_relay, "Say hello.", query="?key=" + TOKEN, token=None)
            request = await one.asked()
            assert list(request) == ["id", "path", "body", "method"]
            assert request["path"] == f"/v1beta/models/{MODEL}:generateContent"
            assert request["method"] == "POST" and request["body"] == native_body("Say hello.")
            assert status_of(any_relay)["tasks"] == 1
            await one.answer(request)
            got = await answer
            assert got.status == 200 and got.json == whole()
            assert status_of(any_relay) | {"nodes": 1, "tasks": 0} == status_of(any_relay)

    run(session())


def test_a_stream_as_events_and_as_an_array(any_relay):
    async def session():
        async with node(any_relay) as one:
            await one.until_counted(1)
            for query in ("?alt=sse", ""):
                answer = ask(generate, any_relay, method="streamGenerateContent", query=query)
                request = await one.asked()
                await one.batch(request, chunk("Hel"), chunk("lo"))
                await one.batch(request)
                await one.batch(request, chunk(".", finishReason="STOP"))
                await one.done(request)
                got = await answer
                assert got.status == 200
                chunks = [chunk("Hel"), chunk("lo"), chunk(".", finishReason="STOP")]
                if query:
                    assert got.headers["content-type"].startswith("text/event-stream")
                    assert [json.loads(event) for event in sse_events(got.text)] == chunks
                    assert got.text.startswith("data: {") and "\r" not in got.text
                else:
                    assert got.json == chunks
                    assert got.text.startswith("[\n  {") and "},\n  {" in got.text
                    assert got.text.endswith("}\n]")

    run(session())


def test_a_chunk_over_several_lines_is_one_event(relay):
    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            answer = ask(generate, relay, method="streamGenerateContent", query="?alt=sse")
            request = await one.asked()
            message = {"id": request["id"], "stream": True, "type": "batch"}
            await one.say(json.dumps(message | {"chunks": [whole()]}, indent=1))
            await one.done(request)
            assert [json.loads(event) for event in sse_events((await answer).text)] == [whole()]

    run(session())


def test_chunks_reach_the_client_as_they_come(any_relay):
    async def session():
        async with node(any_relay) as one:
            await one.until_counted(1)
            with Stream(any_relay) as client:
                request = await one.asked()
                for text in ("One", "Two", "Three"):
                    await one.batch(request, chunk(text))
                    await ask(client.read_until, text.encode())
                await one.batch(request, chunk("", finishReason="STOP"))
                await one.done(request)
                await ask(client.read_until, b"0\r\n\r\n")

    run(session())


def test_the_list_of_models(relay):
    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            answer = ask(call, relay, "GET", "/v1beta/models", None, {"x-goog-api-key": TOKEN})
            request = await one.asked()
            assert {**request, "id": ""} == {
                "id": "", "path": "/v1beta/models", "method": "GET", "body": {}}
            models = {"models": [{"name": f"models/{MODEL}", "displayName": "Flash"}]}
            await one.answer(request, models)
            assert (await answer).json == models

    run(session())


def test_one_model(relay):
    """The first applets answer every question for models with the whole list."""

    def get(model):
        return call(relay, "GET", f"/v1beta/models/{model}", None, {"x-goog-api-key": TOKEN})

    flash = {"name": f"models/{MODEL}", "displayName": "Flash"}

    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            for model, status in ((MODEL, 200), ("gemini-none", 404)):
                answer = ask(get, model)
                request = await one.asked()
                assert {**request, "id": ""} == {
                    "id": "", "path": "/v1beta/models", "method": "GET", "body": {}}
                await one.answer(request, {"models": [{"name": "models/gemini-x"}, flash]})
                answer = await answer
                assert answer.status == status
            # It is known now; OpenAI's clients ask for it as well.
            assert (await ask(get, MODEL)).json == flash
            answer = ask(call, relay, "GET", "/v1/models/gemini-x", None, None, TOKEN)
            await one.answer(await one.asked(), {"models": [{"name": "models/gemini-x"}]})
            assert (await answer).json["id"] == "gemini-x"
            answer = ask(get, "gemini-y")
            await one.answer(await one.asked(), flash)
            assert (await answer).status == 502

    async def by_http():
        async with node(relay, path="/v1/ws") as one:
            await until("the node", lambda: in_pool(relay) == 1)
            answer = ask(get, "gemini-z")
            request = await one.asked()
            assert request["payload"]["method"] == "GET"
            assert request["payload"]["url"].endswith("/v1beta/models/gemini-z")
            await one.say({"id": request["id"], "type": "http_response", "payload": {
                "status": 200, "headers": {}, "body": json.dumps({"name": "models/gemini-z"})}})
            assert (await answer).json == {"name": "models/gemini-z"}

    run(session())
    poll("the node's leave", lambda: status_of(relay)["nodes"] == 0)
    run(by_http())


def test_a_node_that_is_counted_can_serve(relay):
    async def session():
        for _ in range(20):
            async with node(relay) as one:
                while (await ask(status_of, relay))["nodes"] == 0:
                    pass
                answer = ask(generate, relay)
                await one.answer(await one.asked())
                assert (await answer).status == 200
            await until("the node's leave", lambda: status_of(relay)["nodes"] == 0)

    run(session())


def test_when_to_ask_again(relay):
    """Google may say so in a header alone."""
    vague = {"error": {"code": 429, "message": "Too many.", "status": "RESOURCE_EXHAUSTED"}}

    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            answer = ask(generate, relay)
            request = await one.asked()
            await one.say({"id": request["id"], "success": False, "status": 429,
                           "error": json.dumps(vague), "retry_after": "3600"})
            answer = await answer
            assert answer.status == 429
            assert 3590 <= int(answer.headers["retry-after"]) <= 3600

    run(session())


def test_count_and_embed(relay):
    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            for method, payload in (
                ("countTokens", {"totalTokens": 7}),
                ("embedContent", {"embedding": {"values": [0.5, 1]}}),
            ):
                body = {"content": {"parts": [{"text": "x"}]}} if method == "embedContent" else None
                path = f"/v1beta/models/{MODEL}:{method}"
                answer = ask(call, relay, "POST", path, body or native_body(), {"x-goog-api-key": TOKEN})
                await one.answer(await one.asked(), payload)
                assert (await answer).json == payload

    run(session())


def test_an_unknown_path_goes_to_a_node(relay):
    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            path = "/v1beta/models/imagen:predict"
            answer = ask(call, relay, "POST", path, {"instances": []}, {"x-goog-api-key": TOKEN})
            request = await one.asked(30)
            assert request["path"] == path and request["body"] == {"instances": []}
            await one.answer(request, {"predictions": []})
            assert (await answer).json == {"predictions": []}

    run(session())


def test_every_dialect(any_relay):
    async def session():
        async with node(any_relay) as one:
            await one.until_counted(1)
            messages = [{"role": "user", "content": "Say hello."}]
            anthropic = {"model": MODEL, "max_tokens": 99, "messages": messages}
            for path, body, more, found in (
                ("/v1/chat/completions", chat_body(), {}, lambda j: j["choices"][0]["message"]["content"]),
                ("/v1/responses", {"model": MODEL, "input": "Say hello."}, {},
                 lambda j: j["output"][-1]["content"][0]["text"]),
                ("/v1/messages", anthropic, {"anthropic-version": "2023-06-01"},
                 lambda j: j["content"][0]["text"]),
            ):
                answer = ask(call, any_relay, "POST", path, body, more, token=TOKEN)
                request = await one.asked()
                assert request["body"]["contents"][0]["parts"] == [{"text": "Say hello."}]
                await one.answer(request)
                got = await answer
                assert got.status == 200 and found(got.json) == "Hello.", got
                stream = ask(call, any_relay, "POST", path, body | {"stream": True}, more, token=TOKEN)
                request = await one.asked()
                assert request["path"].endswith(":streamGenerateContent?alt=sse")
                await one.batch(request, chunk("Hel"))
                await one.batch(request, chunk("lo.", finishReason="STOP"))
                await one.done(request)
                got = await stream
                assert got.status == 200 and "Hel" in got.text and "lo." in got.text, got

    run(session())


def test_the_nodes_own_words_of_failure(relay):
    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            for error, message in (("Unsupported API endpoint: x", None), ("", "Applet Error")):
                answer = ask(generate, relay)
                await one.fail(await one.asked(), error)
                got = await answer
                assert got.status == 500
                assert got.json == {"error": {
                    "code": 500, "message": message or error, "status": "INTERNAL_ERROR"}}

    run(session())


def test_googles_error_rests_the_node(relay):
    async def session():
        async with node(relay, name="poor") as poor:
            await poor.until_counted(1)
            answer = ask(generate, relay)
            await poor.fail(await poor.asked(), "got status: 429. " + json.dumps(QUOTA))
            got = await answer
            assert got.status == 429 and got.json["error"]["status"] == "RESOURCE_EXHAUSTED"
            async with node(relay, name="rich") as rich:
                await rich.until_counted(2)
                for _ in range(3):
                    answer = ask(generate, relay)
                    await rich.answer(await rich.asked())
                    assert (await answer).status == 200
                assert poor.requests.empty()

    run(session())


def test_a_failed_stream_is_told_to_the_client(relay):
    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            answer = ask(generate, relay, method="streamGenerateContent", query="?alt=sse")
            request = await one.asked()
            await one.batch(request, chunk("Half"))
            await one.say({"id": request["id"], "stream": True, "error": "the page slept", "done": True})
            got = await answer
            events = [json.loads(event) for event in sse_events(got.text)]
            assert events[0] == chunk("Half") and events[-1]["error"]["message"] == "the page slept"

    run(session())


def test_no_nodes(relay):
    got = generate(relay)
    assert got.status == 503
    assert got.json == {
        "error": {"code": 503, "message": "No execution nodes.", "status": "UNAVAILABLE"}}
    assert chat(relay).status == 503


def test_least_pending_then_oldest_use(relay):
    async def session():
        async with node(relay) as one, node(relay) as two:
            await two.until_counted(2)
            nodes = [one, two]
            asked = []
            for _ in range(4):
                answer = ask(generate, relay)
                got = [asyncio.create_task(each.asked()) for each in nodes]
                done, waits = await asyncio.wait(got, return_when=asyncio.FIRST_COMPLETED)
                for task in waits:
                    task.cancel()
                served = got.index(done.pop())
                asked.append((served, got[served].result(), answer))
            assert [each[0] for each in asked[:2]] in ([0, 1], [1, 0])
            assert sorted(each[0] for each in asked) == [0, 0, 1, 1]
            for served, request, answer in asked:
                await nodes[served].answer(request)
                assert (await answer).status == 200
            order = []
            for _ in range(4):
                answer = ask(generate, relay)
                got = [asyncio.create_task(each.asked()) for each in nodes]
                done, waits = await asyncio.wait(got, return_when=asyncio.FIRST_COMPLETED)
                for task in waits:
                    task.cancel()
                order.append(got.index(done.pop()))
                await nodes[order[-1]].answer(got[order[-1]].result())
                assert (await answer).status == 200
            assert order in ([0, 1, 0, 1], [1, 0, 1, 0])

    run(session())


@pytest.mark.parametrize("method", ["generateContent", "streamGenerateContent"])
def test_a_node_that_dies_before_its_stream_begins_is_replaced(any_relay, method):
    async def session():
        async with node(any_relay) as one, node(any_relay) as two:
            await two.until_counted(2)
            answer = ask(generate, any_relay, method=method, query="?alt=sse" if "stream" in method else "")
            got = [asyncio.create_task(each.asked()) for each in (one, two)]
            done, waits = await asyncio.wait(got, return_when=asyncio.FIRST_COMPLETED)
            dying, other = (one, two) if got[0] in done else (two, one)
            await dying.vanish()
            request = await waits.pop()
            await other.batch(request, whole()) if "stream" in method else await other.answer(request)
            if "stream" in method:
                await other.done(request)
            assert (await answer).status == 200

    run(session())


def test_a_node_that_dies_with_nobody_in_its_place(relay):
    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            answer = ask(generate, relay)
            await one.asked()
            await one.vanish()
            got = await answer
            assert got.status == 503
            assert got.json == {
                "error": {"code": 503, "message": "Node crashed.", "status": "UNAVAILABLE"}}
        await until("no node", lambda: status_of(relay)["nodes"] == 0)

    run(session())


def test_a_node_that_dies_within_a_stream(relay):
    async def session():
        async with node(relay) as one, node(relay) as two:
            await two.until_counted(2)
            with Stream(relay) as client:
                got = [asyncio.create_task(each.asked()) for each in (one, two)]
                done, _ = await asyncio.wait(got, return_when=asyncio.FIRST_COMPLETED)
                dying = one if got[0] in done else two
                await dying.batch(done.pop().result(), chunk("Half"))
                await ask(client.read_until, b"Half")
                await dying.vanish()
                rest = await ask(client.read_until, b"0\r\n\r\n")
                assert b'"message":"Node crashed."' in rest
                await asyncio.sleep(0)
                assert (one if dying is two else two).requests.empty()

    run(session())


def test_nonsense_hurts_nobody(any_relay):
    async def session():
        async with node(any_relay) as one, node(any_relay) as bad:
            await bad.until_counted(2)
            first = ask(generate, any_relay)
            second = ask(generate, any_relay)
            mine, its = await one.asked(), await bad.asked()
            # Of the wrong node, of nobody, and nothing at all.
            await bad.answer(mine, whole("forged"))
            await bad.answer({"id": "no-such-request"}, whole("forged"))
            for nonsense in (
                "not json", "", "{", "[]", "1", "ping", " Pong!", "null", '{"id":1}', '{"id":null}',
                '{"id":"' + "x" * 100_000 + '"}', "[" * 5000, b"\xff\x00",
                '{"id":"' + mine["id"] + '","stream":true,"type":"batch","chunks":[{}]}',
                json.dumps({"stream": True, "done": True}),
            ):
                await bad.say(nonsense)
            await bad.answer(its, whole("right"))
            await bad.answer(its, whole("again"))
            await bad.batch(its, chunk("behind the end"))
            await bad.done(its)
            await one.answer(mine, whole("mine"))
            texts = [(await each).json["candidates"][0]["content"]["parts"][0]["text"]
                     for each in (first, second)]
            assert sorted(texts) == ["mine", "right"]
            # It is still there, and serves.
            assert status_of(any_relay)["nodes"] == 2

    run(session())


def test_chunks_that_are_no_objects(relay):
    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            answer = ask(generate, relay, method="streamGenerateContent", query="?alt=sse")
            request = await one.asked()
            await one.batch(request, chunk("Good"))
            await one.batch(request, 1, "x", None, [])
            await one.batch(request, chunk(".", finishReason="STOP"))
            await one.done(request)
            for event in sse_events((await answer).text):
                assert isinstance(json.loads(event), dict)

    run(session())


def test_a_node_that_floods_is_dropped(servers):
    relay = start(servers, RELAY_MAX_MESSAGES="20")

    async def session():
        async with node(relay) as one, node(relay) as flood:
            await flood.until_counted(2)
            with pytest.raises(ConnectionClosed) as closed:
                for _ in range(100_000):
                    await flood.say("ping")
                    await asyncio.sleep(0)
            assert closed.value.rcvd.code == 1008 and "many" in closed.value.rcvd.reason
            await one.until_counted(1)
            answer = ask(generate, relay)
            await one.answer(await one.asked())
            assert (await answer).status == 200

    run(session())


def test_who_is_let_in(servers, relay):
    async def refused(server, token, **how):
        async with node(server, token=token, **how) as one:
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(one.ws.recv(), 10)
            return closed.value.rcvd.code, closed.value.rcvd.reason

    async def session():
        # Whoever reads ahead would take the close away.
        for token in (None, "wrong", TOKEN):
            query = f"?token={token}" if token else ""
            from websockets.asyncio.client import connect
            async with connect(f"ws://{relay.host}:{relay.port}/ws{query}") as ws:
                with pytest.raises(ConnectionClosed) as closed:
                    await asyncio.wait_for(ws.recv(), 10)
                assert closed.value.rcvd.code == 1008 and "token" in closed.value.rcvd.reason
        async with node(relay, token=None, additional_headers={"Authorization": f"Bearer {NODE_TOKEN}"}) as one:
            await one.until_counted(1)
        protocols = ["wasat.relay", f"wasat.token.{NODE_TOKEN}"]
        async with node(relay, token=None, subprotocols=protocols) as one:
            assert one.ws.subprotocol == "wasat.relay"
            await one.until_counted(1)
        opened = start(servers, RELAY_OPEN="true")
        async with node(opened, token=None) as one:
            await one.until_counted(1)

    run(session())
    # A node's token opens nothing else.
    assert generate(relay, token=NODE_TOKEN).status == 401
    plain = call(relay, "GET", "/ws")
    assert plain.status == 426 and plain.headers["sec-websocket-version"] == "13"
    off = servers.gateway("http://127.0.0.1:9", RELAY_ENABLED="false")
    assert call(off, "GET", "/ws").status == 404


@pytest.mark.parametrize("target", ["/ws?token=x", "/?authIndex=0"])
def test_a_stranger_has_4_kib_and_5_s_to_say_who_it_is(relay, target):
    def knock(target):
        return Raw(relay, 60).send(f"GET {target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n")

    with knock(target) as raw:
        raw.send(f"Cookie: {'x' * 5000}\r\n")
        assert raw.read_answer().status == 431
    with knock("/v1beta/models") as other, knock(target) as raw:
        begin = time.monotonic()
        assert raw.read_answer().status == 408
        assert 4 < time.monotonic() - begin < 10 * SLOW
        # An ordinary request has longer for its head.
        other.send(f"Cookie: {'x' * 5000}\r\n\r\n")
        assert other.read_answer().status == 401


def test_no_more_nodes_than_may_be(servers):
    relay = start(servers, RELAY_MAX_NODES="2")

    async def session():
        from websockets.asyncio.client import connect

        async with node(relay, name="a") as one, node(relay, name="b"):
            await one.until_counted(2)
            async with connect(f"ws://{relay.host}:{relay.port}/ws?token={NODE_TOKEN}") as ws:
                with pytest.raises(ConnectionClosed) as closed:
                    await asyncio.wait_for(ws.recv(), 10)
                assert closed.value.rcvd.code == 1013
            # One that comes again takes its own place.
            async with node(relay, name="b") as again:
                await again.until_counted(2)

    run(session())


def test_a_name_goes_over_to_who_comes_again_with_the_same_token(relay):
    async def session():
        async with node(relay, name="home") as old:
            await old.until_counted(1)
            answer = ask(generate, relay)
            await old.asked()
            async with node(relay, name="home") as new:
                await asyncio.wait_for(old.ws.wait_closed(), 10)
                assert old.ws.close_code == 1000
                await new.until_counted(1)
                await new.answer(await new.asked())
                assert (await answer).status == 200

    run(session())


def test_a_name_is_its_tokens_while_its_node_is_away(servers, tmp_path):
    other = NODE_TOKEN + "-other"

    def begin():
        return servers.gateway(
            "http://127.0.0.1:9", GEMINI_API_KEYS=None, RELAY_TOKENS=f"{NODE_TOKEN},{other}",
            folder=tmp_path / "durable")

    async def ids(token):
        async with node(relay, name="home", token=token) as one:
            await one.until_counted(1)
            found = [each["id"] for each in Admin(relay).get("/nodes")["items"]]
        await until("the node's leave", lambda: status_of(relay)["nodes"] == 0)
        return found

    relay = begin()

    async def served_by(token):
        async with node(relay, name="home", token=token) as one:
            await one.until_counted(1)
            answer = ask(generate, relay)
            request = await one.asked()
            if token == NODE_TOKEN:
                await one.fail(request, json.dumps(QUOTA))
            else:
                await one.answer(request)
            answer = (await answer).status
        await until("the node's leave", lambda: status_of(relay)["nodes"] == 0)
        return answer

    async def session():
        assert await served_by(NODE_TOKEN) == 429
        # Another one's node is not made to rest for it.
        assert await served_by(other) == 200
        async with node(relay, name="home") as one:
            await one.until_counted(1)
            assert (await ask(generate, relay)).status in (429, 503), "it rests still"
            assert one.requests.empty()

    run(session())
    relay.stop()
    relay = begin()
    assert run(ids(other)) == ["relay-home-2"], "the name is known after a restart"
    assert run(ids(NODE_TOKEN)) == ["relay-home"]


def test_a_client_that_leaves_cancels(any_relay):
    async def session():
        async with node(any_relay) as one:
            await one.until_counted(1)
            with Stream(any_relay) as client:
                request = await one.asked()
                await one.batch(request, chunk("One"))
                await ask(client.read_until, b"One")
            await until("the cancel", lambda: request["id"] in one.cancelled)
            await until("nothing running", lambda: status_of(any_relay)["tasks"] == 0)
            # What the node says of it later goes nowhere.
            await one.batch(request, chunk("Two"))
            await one.done(request)
            answer = ask(generate, any_relay)
            await one.answer(await one.asked())
            assert (await answer).status == 200

    run(session())


def test_silence_ends_a_request(servers):
    relay = start(servers, RELAY_REQUEST_TIMEOUT="1s")

    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            answer = ask(generate, relay)
            request = await one.asked()
            got = await answer
            assert got.status == 504
            assert got.json == {
                "error": {"code": 504, "message": "Gateway Timeout", "status": "DEADLINE_EXCEEDED"}}
            await until("nothing running", lambda: status_of(relay)["tasks"] == 0)
            # Each word of it gives it as long again.
            answer = ask(generate, relay, method="streamGenerateContent", query="?alt=sse")
            request = await one.asked()
            for _ in range(5):
                await asyncio.sleep(0.4)
                await one.batch(request)
            await one.batch(request, whole())
            await one.done(request)
            assert [json.loads(event) for event in sse_events((await answer).text)] == [whole()]

    run(session())


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_slow_reader_alone_stalls_its_node_and_loses_nothing(servers, workers):
    relay = start(servers, WASAT_WORKERS=workers)
    piece = "x" * 100_000
    count = 300  # 30 MB: more than all sockets hold

    def grows(before, most):
        # A sanitizer keeps what was freed.
        if PRESET in ("release", "debug"):
            assert relay.resident_kib() - before < most

    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            with Stream(relay) as client:
                request = await one.asked()

                async def talk():
                    for _ in range(count):
                        await one.batch(request, chunk(piece))
                    await one.batch(request, chunk("", finishReason="STOP"))
                    await one.done(request)

                before = relay.resident_kib()
                talking = asyncio.create_task(talk())
                # As long as nobody reads, the node cannot say all.
                await asyncio.wait([talking], timeout=1.5)
                assert not talking.done()
                grows(before, 24 * 1024)

                def read():
                    client.read_until(b"\r\n\r\n")
                    total = client.buffer.split(b"\r\n\r\n", 1)[1].count(b"x")
                    tail = b""
                    while not tail.endswith(b"0\r\n\r\n"):
                        got = client.socket.recv(1 << 20)
                        assert got
                        total += got.count(b"x")
                        tail = (tail + got)[-5:]
                    return total

                total = await ask(read)
                await talking
                # "text" and "index" have one each.
                assert total == count * len(piece) + 2 * (count + 1)
            grows(before, 32 * 1024)

    run(session(), 120)


def test_a_slow_reader_among_others_fails_alone(servers):
    relay = start(servers, RELAY_WINDOW="1MiB")
    piece = "x" * 100_000

    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            with Stream(relay) as slow:
                first = await one.asked()
                with Stream(relay) as quick:
                    second = await one.asked()
                    for number in range(400):
                        await one.batch(first, chunk(piece))
                        await one.batch(second, chunk(f"n{number}."))
                        await ask(quick.read_until, f"n{number}.".encode())
                        if first["id"] in one.cancelled:
                            break
                    assert first["id"] in one.cancelled
                    await one.batch(second, chunk("", finishReason="STOP"))
                    await one.done(second)
                    await ask(quick.read_until, b"0\r\n\r\n")
                rest = await ask(slow.read_until, b"0\r\n\r\n")
                assert b"too slowly" in rest

    run(session())


def test_a_large_request_passes_in_fragments(any_relay):
    async def session():
        async with node(any_relay) as one:
            await one.until_counted(1)
            text = "y" * (24 << 20)
            path = f"/v1beta/models/{MODEL}:generateContent"
            headers = {"x-goog-api-key": TOKEN}
            answer = ask(call, any_relay, "POST", path, native_body(text), headers, timeout=60)
            request = await one.asked(60)
            assert request["body"] == native_body(text)
            await one.answer(request)
            assert (await answer).status == 200

    run(session(), 120)


def predict(server, body, **more):
    """On a path that Wasat does not know: nobody has read the body."""
    headers = {"x-goog-api-key": TOKEN, "Content-Type": "application/json"} | more
    path = "/v1beta/models/imagen:predict"
    return call(server, "POST", path, body, headers, timeout=60)


def predict_in_chunks(server, text):
    with Raw(server, 60) as raw:
        raw.send(
            f"POST /v1beta/models/imagen:predict HTTP/1.1\r\nHost: x\r\nx-goog-api-key: {TOKEN}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for at in range(0, len(text), 999_999):
            piece = text[at : at + 999_999]
            raw.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        return raw.send(b"0\r\n\r\n").read_answer()


def test_a_large_request_on_an_unknown_path(any_relay):
    async def session():
        async with node(any_relay) as one:
            await one.until_counted(1)
            mib = 24
            body = {"instances": [{"prompt": "ü" * (mib << 19)}], "user_id": 1}
            text = json.dumps(body, ensure_ascii=False).encode()
            before = any_relay.resident_kib()
            answer = ask(predict, any_relay, text)
            request = await one.asked(60)
            assert request["path"] == "/v1beta/models/imagen:predict" and request["body"] == body
            await one.answer(request, {"predictions": []})
            assert (await answer).json == {"predictions": []}
            if PRESET in ("release", "debug"):
                peak = any_relay.peak_kib() - before
                assert peak < 1.1 * mib * 1024 + 1024, peak
            packed = {"Content-Encoding": "gzip"}
            for answer in (
                lambda: ask(predict, any_relay, gzip.compress(text, 1), **packed),
                lambda: ask(predict_in_chunks, any_relay, text),
            ):
                answer = answer()
                request = await one.asked(60)
                assert request["body"] == body
                await one.answer(request, {"predictions": []})
                assert (await answer).status == 200

    run(session(), 120)


def start_with_a_key(servers):
    """Behind the nodes comes a key, whose upstream says what it got."""
    upstream = servers.upstream(lambda exchange: exchange.json(200, {"got": exchange.body.decode()}))
    return servers.gateway(
        upstream, RELAY_TOKENS=NODE_TOKEN, RELAY_TRUST="all", POOL_PROVIDERS="relay,api_key"
    )


def test_a_large_body_goes_on_to_a_key_when_its_node_dies(servers):
    relay = start_with_a_key(servers)

    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            text = json.dumps({"instances": [LONG]})
            answer = ask(predict, relay, text)
            await one.asked(30)
            await one.vanish()
            assert (await answer).json == {"got": text}
            # What is no JSON is nothing for a node: it goes to whoever takes anything.
            assert (await ask(predict, relay, "no JSON" + LONG)).json == {"got": "no JSON" + LONG}

    run(session())


def test_what_is_no_json_goes_past_the_nodes_to_a_key(servers):
    relay = start_with_a_key(servers)

    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            for kind in ("text/plain", "multipart/related; boundary=x", "application/jsonl"):
                for text in ("no JSON", "no JSON" + LONG):
                    got = await ask(predict, relay, text, **{"Content-Type": kind})
                    assert got.json == {"got": text}, kind
            assert one.requests.empty()
            for kind in ("application/json; charset=utf-8", "Application/JSON", "application/x+json"):
                answer = ask(predict, relay, "{}", **{"Content-Type": kind})
                await one.answer(await one.asked(), {"of": "the node"})
                assert (await answer).json == {"of": "the node"}
            # What says that it is JSON must be.
            assert (await ask(predict, relay, "no JSON")).status == 400

    run(session())


LONG = "x" * (2 << 20)


@pytest.mark.parametrize("path", ["/ws", "/v1/ws", "/ws/events"])
def test_a_body_stays_within_its_place(relay, path):
    """What only looks like a body would speak to the node in our name."""

    async def session():
        async with node(relay, path=path) as one:
            await until("the node", lambda: in_pool(relay) == 1)
            for wrong in (
                '{"a": "%s"}, "method": "DELETE"',
                '{"a": "%s"}}{"id": "1", "path": "/v1beta/files", "method": "GET", "body": {}',
                '{"a": "%s"',
                '{"a": "%s"}]',
                '"%s", "path": "/v1beta/files"',
                '{"a": "%s\n"}',
                '{"a": "%s\0"}',
                "x%s",
                "[" * 200 + '"%s"' + "]" * 200,
            ):
                for text in ("", LONG):
                    answer = await ask(predict, relay, wrong % text)
                    assert answer.status == 400, (wrong, len(text), answer)
                    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"
            for wrong in (b'{"a": "%s\xff"}', b'{"a": "%s\xed\xa0\x80"}', b'{"a": "%s"}\xff'):
                for text in (b"", LONG.encode()):
                    answer = await ask(predict, relay, wrong % text)
                    assert answer.status == 400, (wrong, len(text), answer)
            assert one.requests.empty()
            # What escapes its string when it is spliced carelessly.
            body = '{"a": "\\",\\"method\\":\\"GET\\",\\"path\\":\\"/", "b": "%s"}' % LONG
            answer = ask(predict, relay, body.replace('\\\\"', '\\"'))
            request = await one.asked(30)
            spoken = request.get("payload", request)
            told = spoken["body"] if isinstance(spoken["body"], dict) else json.loads(spoken["body"])
            assert told["b"] == LONG and spoken["method"] == "POST"
            assert "imagen" in (spoken.get("path") or spoken["url"])
            await one.ws.close()
            await answer

    run(session(), 120)


def test_a_large_answer(any_relay):
    async def session():
        async with node(any_relay) as one:
            await one.until_counted(1)
            answer = ask(generate, any_relay)
            text = "z" * (8 << 20)
            await one.answer(await one.asked(), whole(text))
            assert (await answer).json == whole(text)

    run(session(), 120)


@pytest.mark.once
def test_an_answer_of_more_than_256_mib(relay):
    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            answer = ask(call, relay, "POST", f"/v1beta/models/{MODEL}:generateContent", native_body(),
                         {"x-goog-api-key": TOKEN}, timeout=60)
            request = await one.asked()
            size = 260 << 20
            head, tail = json.dumps(whole("TEXT")).split("TEXT")
            before = relay.resident_kib()

            async def parts():
                yield '{"id":"' + request["id"] + '","success":true,"payload":' + head
                for _ in range(size >> 20):
                    yield "z" * (1 << 20)
                yield tail + "}"

            await one.ws.send(parts())
            got = await answer
            assert got.status == 200 and len(got.body) == len(head) + size + len(tail)
            if PRESET in ("release", "debug"):
                peak = relay.peak_kib() - before
                assert peak < 2.2 * size / 1024, peak

    run(session(), 120)


def test_the_two_other_kinds_of_nodes(relay):
    async def envelope():
        async with node(relay, path="/v1/ws") as one:
            await until("the node", lambda: in_pool(relay) == 1)
            answer = ask(generate, relay)
            request = await one.asked()
            assert request["type"] == "http_request"
            assert request["payload"]["url"].endswith(f"/v1beta/models/{MODEL}:generateContent")
            await one.say({"id": request["id"], "type": "http_response", "payload": {
                "status": 200, "headers": {"Content-Type": ["application/json"]},
                "body": json.dumps(whole())}})
            assert (await answer).json == whole()
            answer = ask(generate, relay, method="streamGenerateContent", query="?alt=sse")
            request = await one.asked()
            assert request["payload"]["url"].endswith("alt=sse")

            def part(kind, **payload):
                return {"id": request["id"], "type": kind, "payload": payload}

            await one.say(part("stream_start", status=200, headers={"Content-Type": ["text/event-stream"]}))
            await one.say(part("stream_chunk", data="data: " + json.dumps(whole()) + "\n\n"))
            await one.say(part("stream_end"))
            assert [json.loads(event) for event in sse_events((await answer).text)] == [whole()]
            # A refusal in the upstream's own words rests the node.
            answer = ask(generate, relay)
            request = await one.asked()
            await one.say({"id": request["id"], "type": "http_response", "payload": {
                "status": 429, "headers": {}, "body": json.dumps(QUOTA)}})
            assert (await answer).status == 429

    async def events():
        async with node(relay, path=f"/?authIndex=0&token={NODE_TOKEN}", token=None) as one:
            await until("the node", lambda: in_pool(relay) == 1)
            answer = ask(generate, relay)
            request = await one.asked()
            assert request["method"] == "POST"
            about = {name: request[name] for name in request if name in ("request_id", "request_attempt_id")}
            await one.say(about | {"event_type": "response_headers", "status": 200,
                                   "headers": {"content-type": "application/json"}})
            await one.say(about | {"event_type": "chunk", "data": json.dumps(whole())})
            await one.say(about | {"event_type": "stream_close"})
            assert (await answer).json == whole()

    run(envelope())
    poll("the node's leave", lambda: status_of(relay)["nodes"] == 0)
    run(events())


def test_a_draining_server_lets_requests_end(any_relay):
    async def session():
        async with node(any_relay) as busy, node(any_relay) as idle:
            await idle.until_counted(2)
            answer = ask(generate, any_relay)
            got = [asyncio.create_task(each.asked()) for each in (busy, idle)]
            done, waits = await asyncio.wait(got, return_when=asyncio.FIRST_COMPLETED)
            if got[1] in done:
                busy, idle = idle, busy
            any_relay.process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(idle.ws.wait_closed(), 10)
            assert idle.ws.close_code == 1001
            await busy.answer(done.pop().result())
            assert (await answer).json == whole()
            await asyncio.wait_for(busy.ws.wait_closed(), 10)
            assert busy.ws.close_code == 1001

    run(session())


def test_one_that_does_not_answer_pings_is_cut_unless_it_works(servers):
    relay = start(servers, RELAY_PING_INTERVAL="1s")

    async def session():
        async with node(relay, name="works") as works:
            await works.until_counted(1)
            answer = ask(generate, relay)
            request = await works.asked()
            with Raw(relay) as silent:
                silent.send(
                    f"GET /ws?token={NODE_TOKEN} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                )
                await ask(silent.read_until, b"\r\n\r\n")
                await works.until_counted(2)
                await works.until_counted(1)
                assert b"\x89\x00" in await ask(silent.read_to_end)
            await works.answer(request)
            assert (await answer).status == 200

    run(session())


def test_requests_survive_nodes_that_are_killed_under_load(servers):
    relay = start(servers, WASAT_WORKERS="2")

    async def serve(one):
        while True:
            request = await one.requests.get()
            await asyncio.sleep(0.02)
            await one.answer(request)

    async def session():
        async with contextlib.AsyncExitStack() as stack:
            nodes = [await stack.enter_async_context(node(relay)) for _ in range(33)]
            await kill_most(nodes[:30], nodes[30:])

    async def kill_most(doomed, good):
        await good[-1].until_counted(33)
        answers = [ask(generate, relay) for _ in range(60)]
        asked = 0
        while asked < 16:
            asked = sum(each.requests.qsize() for each in doomed)
            await asyncio.sleep(0.005)
        for each in doomed:
            each.ws.transport.abort()
        serving = [asyncio.create_task(serve(each)) for each in good]
        for answer in answers:
            assert (await answer).status == 200
        for task in serving:
            task.cancel()

    run(session())


def test_plain_upgrades_elsewhere_are_as_before(relay):
    async def session():
        from websockets.asyncio.client import connect

        for path in ("/", "/ws/nothing", "/v1/ws/x"):
            with pytest.raises(InvalidStatus):
                await connect(f"ws://{relay.host}:{relay.port}{path}?token={NODE_TOKEN}")

    run(session())
