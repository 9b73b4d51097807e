"""Live sessions: real peers on both sides of the gateway, and what can go wrong."""

import asyncio
import base64
import contextlib
import json
import signal
import socket
import sqlite3
import struct

import pytest
from harness import MODEL, TOKEN, Raw, call, poll
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

LIVE = "/ws/google.ai.generativelanguage.{}.GenerativeService.{}"
PATH = LIVE.format("v1beta", "BidiGenerateContent")
SETUP = {"setup": {"model": f"models/{MODEL}"}}


def run(coroutine, seconds=60):
    return asyncio.run(asyncio.wait_for(coroutine, seconds))


def address(server, path=PATH, token=TOKEN, name="key"):
    return f"ws://{server.host}:{server.port}{path}" + (f"?{name}={token}" if token else "")


async def set_up(ws, setup=SETUP):
    await ws.send(json.dumps(setup))
    answer = await ws.recv()
    assert isinstance(answer, bytes), "Google's frames are binary"
    assert json.loads(answer) == {"setupComplete": {}}


async def say(ws, text):
    turn = {"role": "user", "parts": [{"text": text}]}
    await ws.send(json.dumps({"clientContent": {"turns": [turn], "turnComplete": True}}))


async def turn(ws):
    """The messages up to turnComplete, and the text in them."""
    messages, text = [], ""
    while True:
        messages.append(json.loads(await ws.recv()))
        content = messages[-1].get("serverContent", {})
        for part in content.get("modelTurn", {}).get("parts", []):
            text += part.get("text", "")
        if content.get("turnComplete"):
            return messages, text


async def converse(server, text="exactly: Hello.", **how):
    async with connect(address(server, **how)) as ws:
        await set_up(ws)
        await say(ws, text)
        return (await turn(ws))[1]


async def closing(server, setup=SETUP, text=None, **how):
    """The code and reason with which the gateway closes."""
    async with connect(address(server, **how)) as ws:
        await ws.send(setup if isinstance(setup, (str, bytes)) else json.dumps(setup))
        if text:
            await say(ws, text)
        try:
            while True:
                await ws.recv()
        except ConnectionClosed as closed:
            return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")


async def status(server, path=PATH, **how):
    with pytest.raises(InvalidStatus) as refused:
        await connect(address(server, path, **how))
    return refused.value.response


def sessions(simulator):
    return [each for each in simulator.requests() if each["target"].startswith("/ws/")]


@pytest.mark.parametrize("version", ["v1alpha", "v1beta", "v1"])
@pytest.mark.parametrize("method", ["BidiGenerateContent", "BidiGenerateContentConstrained"])
def test_a_session_on_each_path(gateway, version, method):
    assert run(converse(gateway, path=LIVE.format(version, method))) == "Hello."
    # As genai joins it to its base URL.
    assert run(converse(gateway, path="/" + LIVE.format(version, method))) == "Hello."


def test_the_key_reaches_the_upstream_by_header_and_the_token_never(gateway, simulator):
    assert run(converse(gateway)) == "Hello."
    seen = sessions(simulator)[0]
    assert seen["key"].startswith("AIza-e2e-key-") and "?" not in seen["target"]
    assert TOKEN not in json.dumps(seen)


def test_every_way_to_present_a_token(gateway):
    assert run(converse(gateway, name="access_token")) == "Hello."

    async def by_header(headers):
        async with connect(address(gateway, token=None), additional_headers=headers) as ws:
            await set_up(ws)

    run(by_header({"x-goog-api-key": TOKEN}))
    run(by_header({"Authorization": f"Bearer {TOKEN}"}))
    run(by_header({"Authorization": f"Token {TOKEN}"}))


def test_an_ephemeral_token_goes_upstream_instead_of_a_key(servers, simulator):
    gateway = servers.gateway(simulator, TOKENS_ALLOW="live,ephemeral_tokens")
    minted = call(gateway, "POST", "/v1alpha/auth_tokens", {"uses": 1}, {"x-goog-api-key": TOKEN})
    name = minted.json["name"]
    path = LIVE.format("v1alpha", "BidiGenerateContentConstrained")
    assert run(converse(gateway, path=path, token=name, name="access_token")) == "Hello."
    seen = sessions(simulator)[0]
    assert seen["headers"]["authorization"] == "Token " + name and "x-goog-api-key" not in seen["headers"]
    unknown = run(status(gateway, path=path, token="auth_tokens/never-minted", name="access_token"))
    assert unknown.status_code == 401


def test_a_token_that_may_not_use_live(servers, simulator):
    gateway = servers.gateway(simulator, TOKENS_ALLOW="files")
    refused = run(status(gateway))
    assert refused.status_code == 403 and "live" in json.loads(refused.body)["error"]["message"]


def test_what_is_known_before_the_upgrade_is_told_by_http(servers, gateway):
    assert run(status(gateway, token=None)).status_code == 401
    refused = run(status(gateway, token="wrong-token"))
    assert refused.status_code == 401
    assert json.loads(refused.body)["error"]["status"] == "UNAUTHENTICATED"
    plain = call(gateway, "GET", PATH, token=TOKEN)
    assert plain.status == 426 and plain.headers["sec-websocket-version"] == "13"
    assert call(gateway, "POST", PATH, {}, token=TOKEN).status == 405
    assert run(status(gateway, path=LIVE.format("v1beta", "Nothing"))).status_code == 404
    none = servers.gateway("http://127.0.0.1:9", GEMINI_API_KEYS=None)
    assert run(status(none)).status_code == 503


@pytest.mark.parametrize(
    "setup, code, word",
    [
        ("not json", 1007, "JSON"),
        ('{"clientContent":{"turns":[]}}', 1007, "setup"),
        ('{"setup":{"model":"models/no/such"}}', 1008, "model"),
        ('{"setup":{"model":"models/no-such"}}', 1008, "not found"),
        ('{"setup":"' + "x" * (5 << 20) + '"}', 1009, "4 MiB"),
    ],
)
def test_a_bad_setup_is_closed_with_a_reason(gateway, setup, code, word):
    got, reason = run(closing(gateway, setup))
    assert got == code and word in reason


def test_an_alias_stands_for_a_model(servers, simulator):
    gateway = servers.gateway(simulator, WASAT_MODEL_ALIASES="talk=gemini-2.0-flash-live-001")

    async def session():
        async with connect(address(gateway)) as ws:
            await set_up(ws, {"setup": {"model": "models/talk"}})
            await say(ws, "exactly: Yes.")
            return (await turn(ws))[1]

    assert run(session()) == "Yes."


def test_messages_pass_as_they_are(gateway):
    async def session():
        async with connect(address(gateway), max_size=None) as ws:
            await set_up(ws)
            # A fragmented message, with a ping of ours between; larger than any buffer.
            text = "exactly: " + "".join(chr(0x20AC + i % 50) for i in range(100_000))
            message = json.dumps(
                {"clientContent": {"turns": [{"role": "user", "parts": [{"text": text}]}], "turnComplete": True}},
                ensure_ascii=False,
            )
            pong = await ws.ping()

            async def fragments():
                for at in range(0, len(message), 7001):
                    yield message[at : at + 7001]

            await ws.send(fragments())
            await pong
            _, got = await turn(ws)
            assert got == text.removeprefix("exactly: ")
            # Binary frames in, as some clients send.
            await ws.send(json.dumps({"realtimeInput": {"text": "exactly: Again."}}).encode())
            assert (await turn(ws))[1] == "Again."

    run(session())


def test_sound_tools_and_resumption(gateway):
    setup = {
        "setup": {
            **SETUP["setup"],
            "generationConfig": {"responseModalities": ["AUDIO"]},
            "outputAudioTranscription": {},
            "sessionResumption": {},
            "tools": [{"functionDeclarations": [{"name": "get_weather", "parameters": {
                "type": "OBJECT", "properties": {"city": {"type": "STRING"}}}}]}],
        }
    }

    async def session():
        async with connect(address(gateway)) as ws:
            await set_up(ws, setup)
            chunk = {"data": base64.b64encode(b"\0" * 3200).decode(), "mimeType": "audio/pcm;rate=16000"}
            for _ in range(10):
                await ws.send(json.dumps({"realtimeInput": {"audio": chunk}}))
            await ws.send(json.dumps({"realtimeInput": {"audioStreamEnd": True}}))
            messages, _ = await turn(ws)
            parts = [m["serverContent"]["modelTurn"]["parts"] for m in messages if "modelTurn" in m.get("serverContent", {})]
            assert parts[0][0]["inlineData"]["mimeType"] == "audio/pcm;rate=24000"
            said = [m["serverContent"]["outputTranscription"]["text"] for m in messages
                    if "outputTranscription" in m.get("serverContent", {})]
            assert "32000 bytes" in "".join(said)
            assert json.loads(await ws.recv())["sessionResumptionUpdate"]["resumable"]
            await say(ws, "What is the weather in Paris?")
            messages, _ = await turn(ws)
            calls = [c for m in messages for c in m.get("toolCall", {}).get("functionCalls", [])]
            assert calls[0]["name"] == "get_weather" and calls[0]["id"]
            await ws.recv()
            response = {"id": calls[0]["id"], "name": "get_weather", "response": {"sky": "blue"}}
            await ws.send(json.dumps({"toolResponse": {"functionResponses": [response]}}))
            messages, _ = await turn(ws)
            assert messages[-1]["usageMetadata"]["totalTokenCount"] > 0

    run(session())


def resuming(handle=None):
    return {"setup": {**SETUP["setup"], "sessionResumption": {"handle": handle} if handle else {}}}


async def handle_of(server, setup):
    async with connect(address(server)) as ws:
        await set_up(ws, setup)
        await say(ws, "Hello.")
        await turn(ws)
        return json.loads(await ws.recv())["sessionResumptionUpdate"]["newHandle"]


def test_a_session_is_resumed_on_the_key_that_it_began_with(servers, simulator, tmp_path):
    # A handle is the key's own: any other key of these would refuse it.
    keys = ",".join(f"AIza-e2e-key-{i}" for i in range(8))
    gateway = servers.gateway(simulator, folder=tmp_path / "home", GEMINI_API_KEYS=keys)
    handle = run(handle_of(gateway, resuming()))
    for _ in range(6):
        handle = run(handle_of(gateway, resuming(handle)))
    gateway.stop()
    with contextlib.closing(sqlite3.connect(gateway.data / "wasat.db")) as store:
        kept = store.execute("SELECT count(*) FROM resources WHERE name LIKE 'live_sessions/%'")
        assert kept.fetchone()[0] <= 2, "a newer one takes the place of the one before the last"
    gateway = servers.gateway(simulator, folder=tmp_path / "home", GEMINI_API_KEYS=keys)
    run(handle_of(gateway, resuming(handle)))
    # What nobody here has seen goes upstream as it is.
    assert run(closing(gateway, resuming("handle-x-1"))) == (
        1008, "BidiGenerateContent session not found")


def test_a_setup_goes_to_the_owner_of_the_files_that_it_names(servers, simulator):
    keys = ",".join(f"AIza-e2e-key-{i}" for i in range(8))
    gateway = servers.gateway(simulator, GEMINI_API_KEYS=keys)
    made = call(gateway, "POST", "/upload/v1beta/files?uploadType=media", token=TOKEN,
                body=b"rules", headers={"Content-Type": "text/plain"})
    file = made.json["file"]
    instruction = {"parts": [{"fileData": {"fileUri": file["uri"], "mimeType": "text/plain"}}]}
    setup = {"setup": {**SETUP["setup"], "systemInstruction": instruction}}

    async def session():
        async with connect(address(gateway)) as ws:
            await set_up(ws, setup)

    for _ in range(6):
        run(session())
    asked = [r for r in simulator.requests() if "Bidi" in r["target"]]
    assert len({r["key"] for r in asked}) == 1, "the file's owner, each time"
    other = setup["setup"] | {"systemInstruction": {"parts": [
        {"fileData": {"fileUri": file["uri"][:-3] + "xyz", "mimeType": "text/plain"}}]}}
    code, reason = run(closing(gateway, {"setup": other}))
    assert code == 1008 and "files/" in reason


def test_music(gateway):
    async def session():
        path = LIVE.format("v1alpha", "BidiGenerateMusic")
        async with connect(address(gateway, path)) as ws:
            await set_up(ws, {"setup": {"model": "models/lyria-realtime-exp"}})
            await ws.send(json.dumps({"playbackControl": "PLAY"}))
            assert json.loads(await ws.recv())["serverContent"]["audioChunks"][0]["data"]

    run(session())


@pytest.mark.parametrize("fault", ["quota-day", "overloaded", "key-leaked", "live-quota", "bad-gateway"])
def test_failover_is_invisible_before_the_first_message(servers, simulator, fault):
    gateway = servers.gateway(simulator, POOL_POLICY="round_robin")
    simulator.fault(fault, {"key": "one"})
    assert run(converse(gateway)) == "Hello."
    assert run(converse(gateway)) == "Hello."
    keys = [each["key"][-3:] for each in sessions(simulator)]
    assert keys.count("two") == 2 and "one" in keys


def test_a_bad_key_fails_over_though_the_upgrade_was_accepted(servers, simulator):
    gateway = servers.gateway(simulator, GEMINI_API_KEYS="AIza-invalid-key,AIza-e2e-key-two")
    assert run(converse(gateway)) == "Hello."
    assert run(converse(gateway)) == "Hello."
    # It is not tried again.
    assert [each["key"] for each in sessions(simulator)].count("AIza-invalid-key") <= 1


def test_when_all_refuse_the_reason_is_told_without_secrets(gateway, simulator):
    simulator.fault("key-suspended")
    code, reason = run(closing(gateway))
    assert code == 1011 and "AIza" not in reason and reason


def test_a_close_in_the_middle_keeps_its_code_and_reason(gateway, simulator):
    simulator.fault("live-close")
    assert run(closing(gateway, text="Tell me a long story.")) == (1011, "Internal error encountered.")


def test_an_upstream_that_breaks_off_becomes_a_close(gateway, simulator):
    simulator.fault("reset")
    code, reason = run(closing(gateway, text="Tell me a long story."))
    assert code == 1011 and "upstream" in reason


def test_go_away_passes(gateway, simulator):
    simulator.fault("live-go-away")

    async def session():
        async with connect(address(gateway)) as ws:
            await set_up(ws)
            await say(ws, "Tell me a long story.")
            messages, _ = await turn(ws)
            assert {"goAway": {"timeLeft": "10s"}} in messages

    run(session())


def test_a_clients_close_reaches_the_upstream(gateway, simulator):
    async def session():
        async with connect(address(gateway)) as ws:
            await set_up(ws)
            await ws.close(4321, "enough")
            assert (ws.close_code, ws.close_reason) == (4321, "enough")

    run(session())
    poll("the upstream's end", lambda: sessions(simulator)[0]["ending"] == "answered")


def test_a_client_that_vanishes_ends_the_upstreams_session(gateway, simulator):
    async def session():
        ws = await connect(address(gateway))
        await set_up(ws)
        ws.transport.abort()

    run(session())
    poll("the upstream's end", lambda: sessions(simulator)[0]["ending"] == "answered")


def test_a_client_that_vanishes_before_the_session_begins(gateway, simulator):
    simulator.fault("stall")

    async def session():
        ws = await connect(address(gateway))
        await ws.send(json.dumps(SETUP))
        # Until the upstream has it, asked by polling a thread: the simulator is silent.
        await asyncio.to_thread(poll, "the session", lambda: sessions(simulator))
        ws.transport.abort()

    run(session())
    poll("the upstream's end", lambda: sessions(simulator)[0]["ending"] != "open")


def frame(opcode, payload, fin=True, mask=b"\1\2\3\4", rsv=0):
    head = bytes([(0x80 if fin else 0) | rsv | opcode])
    length = len(payload)
    masked = 0x80 if mask else 0
    if length < 126:
        head += bytes([masked | length])
    else:
        head += bytes([masked | 126]) + struct.pack(">H", length)
    if not mask:
        return head + payload
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def upgraded(server):
    raw = Raw(server)
    raw.send(
        f"GET {PATH}?key={TOKEN} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    )
    raw.read_until(b"\r\n\r\n")
    head, raw.buffer = raw.buffer.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
    assert b"extensions" not in head.lower()
    return raw


@pytest.mark.parametrize(
    "bad, code",
    [
        (frame(1, b"x", mask=None), 1002),
        (frame(1, b"x", rsv=0x40), 1002),
        (frame(3, b"x"), 1002),
        (frame(0, b"x"), 1002),
        (frame(9, b"x", fin=False), 1002),
        (frame(9, b"x" * 126), 1002),
        (frame(8, b"\3"), 1002),
        (frame(8, b"\3\xed"), 1002),
        (frame(8, b"\3\xe8\xff"), 1007),
    ],
)
@pytest.mark.parametrize("ready", [False, True])
def test_who_breaks_the_protocol_is_closed_with_its_code(gateway, simulator, bad, code, ready):
    with upgraded(gateway) as raw:
        if ready:
            raw.send(frame(1, json.dumps(SETUP).encode()))
            raw.read_until(b"setupComplete")
            raw.read_until(b"}\n}\n")
            raw.buffer = b""
        raw.send(bad)
        closed = raw.read_to_end()
        assert closed[0] == 0x88 and struct.unpack(">H", closed[2:4])[0] == code
    if ready:
        poll("the upstream's end", lambda: sessions(simulator)[0]["ending"] == "answered")


def test_a_setup_that_comes_byte_by_byte_with_more_behind_it(gateway):
    turn_ = {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "exactly: Early."}]}], "turnComplete": True}}
    data = frame(9, b"hello") + frame(1, json.dumps(SETUP).encode()) + frame(1, json.dumps(turn_).encode())
    with upgraded(gateway) as raw:
        raw.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(data)):
            raw.send(data[at : at + 1])
        assert b"\x8a\x05hello" in raw.read_until(b"turnComplete")
        assert b"Early." in raw.buffer


@pytest.mark.once  # sanitizers keep what was freed
def test_a_client_that_does_not_read_stalls_its_own_session_only(servers):
    simulator = servers.simulator()
    gateway = servers.gateway(simulator)
    before = gateway.resident_kib()
    with upgraded(gateway) as slow:
        slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.send(frame(1, json.dumps(SETUP).encode()))
        slow.read_until(b"setupComplete")
        text = "exactly: " + "x" * 30_000
        ask = frame(1, json.dumps({"realtimeInput": {"text": text}}).encode())
        slow.socket.settimeout(0.5)
        try:
            for _ in range(3000):  # 90 MB of answers, none of which is read
                slow.send(ask)
        except TimeoutError:
            pass
        assert run(converse(gateway)) == "Hello."
        assert gateway.resident_kib() - before < 24 * 1024


def test_a_thousand_sessions_at_once(gateway, simulator):
    count = 1000

    async def one(ready, go):
        async with connect(address(gateway), ping_interval=None, open_timeout=60) as ws:
            await set_up(ws)
            ready.release()
            await go.wait()
            for i in range(2):
                await say(ws, f"exactly: {i}")
                assert (await turn(ws))[1] == str(i)

    async def all_of_them():
        gate, go = asyncio.Semaphore(0), asyncio.Event()
        tasks = [asyncio.create_task(one(gate, go)) for _ in range(count)]
        for _ in range(count):
            await gate.acquire()
        page = await asyncio.to_thread(call, gateway, "GET", "/metrics")
        assert f"wasat_live_sessions {count}" in page.text
        go.set()
        await asyncio.gather(*tasks)

    run(all_of_them(), 240)
    poll("the end of all", lambda: "wasat_live_sessions 0" in call(gateway, "GET", "/metrics").text)


def test_shutdown_says_going_away_and_does_not_wait(servers, simulator):
    gateway = servers.gateway(simulator)

    async def session():
        async with connect(address(gateway)) as ws, connect(address(gateway)) as silent:
            await set_up(ws)
            gateway.process.send_signal(signal.SIGTERM)
            for each in (ws, silent):
                with pytest.raises(ConnectionClosed) as closed:
                    await each.recv()
                assert closed.value.rcvd.code == 1001

    run(session())
    gateway.stop(5)
    poll("the upstream's end", lambda: sessions(simulator)[0]["ending"] == "answered")


def test_shutdown_does_not_wait_for_an_upstream_that_is_silent(servers, simulator):
    gateway = servers.gateway(simulator)
    simulator.fault("stall")

    async def session():
        async with connect(address(gateway)) as ws:
            await ws.send(json.dumps(SETUP))
            await asyncio.to_thread(poll, "the session", lambda: sessions(simulator))
            gateway.process.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                await ws.recv()
            assert closed.value.rcvd.code == 1001

    run(session())
    gateway.stop(5)


def test_an_http_1_0_request_is_not_upgraded(gateway):
    with Raw(gateway) as raw:
        raw.send(
            f"GET {PATH}?key={TOKEN} HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert raw.read_answer().status == 400


def test_the_log_and_the_metrics_tell_of_frames_and_usage(servers, simulator, tmp_path):
    log = tmp_path / "access.log"
    gateway = servers.gateway(simulator, WASAT_ACCESS_LOG=str(log))
    assert run(converse(gateway)) == "Hello."
    line = json.loads(poll("the log line", lambda: log.exists() and log.read_text()))
    assert line["dialect"] == "live" and line["status"] == 101 and line["outcome"] == "ok"
    assert line["model"] == MODEL and line["frames_in"] == 2 and line["frames_out"] >= 4
    assert line["bytes_in"] > 100 and line["bytes_out"] > 100 and line["output_tokens"] > 0
    page = call(gateway, "GET", "/metrics").text
    assert 'wasat_live_frames_total{direction="up"} 2' in page
    assert TOKEN not in log.read_text()


@pytest.mark.once  # sanitizers keep what was freed
def test_a_large_message_passes_with_bounded_memory(servers):
    """64 MiB each way: fragments, never a whole message."""
    simulator = servers.simulator()
    gateway = servers.gateway(simulator)

    async def session():
        async with connect(address(gateway), max_size=None, ping_interval=None) as ws:
            await set_up(ws)
            before = gateway.resident_kib()
            chunk = "A" * (20 << 20)
            for _ in range(3):
                await ws.send(json.dumps({"realtimeInput": {"audio": {"data": chunk}}}))
            await ws.send(json.dumps({"realtimeInput": {"audioStreamEnd": True}}))
            assert "47185920 bytes" in (await turn(ws))[1]
            assert gateway.resident_kib() - before < 4 * 1024

    run(session())
