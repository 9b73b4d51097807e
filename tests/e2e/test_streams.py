"""What happens to an answer on its way: departure, stalls, resets, slow readers."""

import json
import threading
import time

import pytest
from harness import MODEL, PRESET, SLOW, TOKEN, call, chat, chat_body, generate, is_gemini_error, is_openai_error, native_body, poll, Raw, reset, sse_events
from upstream import ANSWER, answer_well, google_error, text_chunk

NATIVE = f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
CHAT = "/v1/chat/completions"


def request_bytes(path, body):
    body = json.dumps(body)
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


def open_stream(gateway, dialect, timeout=10):
    raw = Raw(gateway, timeout)
    if dialect == "chat":
        return raw.send(request_bytes(CHAT, chat_body(stream=True)))
    return raw.send(request_bytes(NATIVE, native_body()))


@pytest.mark.parametrize("leave", ["fin", "rst"])
@pytest.mark.parametrize("moment", ["before the first byte", "in the middle"])
@pytest.mark.parametrize("kind", ["native", "chat", "unary"])
def test_client_disconnect_cancels_upstream(servers, kind, moment, leave):
    if kind == "unary" and moment == "in the middle":
        return  # an answer that is not streamed has no middle
    arrived, left = threading.Event(), []

    def respond(exchange):
        if moment == "in the middle":
            exchange.begin_stream()
            exchange.event(text_chunk("Hello"))
        arrived.set()
        left.append(exchange.wait_for_peer_to_leave(20))

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream)
    if kind == "unary":
        raw = Raw(gateway).send(request_bytes(CHAT, chat_body()))
    else:
        raw = open_stream(gateway, kind)
    assert arrived.wait(10 * SLOW)
    if moment == "in the middle":
        raw.read_until(b"Hello")
    departure = time.monotonic()
    if leave == "rst":
        reset(raw.socket)
    else:
        raw.close()
    poll("the upstream's end", lambda: left, 10)
    assert left[0] is not None, "the upstream connection stayed open"
    assert left[0] - departure < 0.1 * SLOW, f"{left[0] - departure:.3f} s"
    # Nobody is to blame, and nothing is tried again.
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("dialect", ["native", "chat"])
def test_events_pass_as_they_come(servers, dialect):
    """The next event is sent only when the client holds the one before."""
    received = threading.Semaphore(0)

    def respond(exchange):
        exchange.begin_stream()
        for word in ("one", "two", "three"):
            exchange.event(text_chunk(f"word-{word} "))
            assert received.acquire(timeout=10 * SLOW), "held back: " + word
        exchange.event(text_chunk("", "STOP"))
        exchange.end_stream()

    gateway = servers.gateway(servers.upstream(respond))
    with open_stream(gateway, dialect) as raw:
        for word in (b"one", b"two", b"three"):
            raw.read_until(b"word-" + word)
            received.release()
        raw.read_until(b"\r\n0\r\n")


@pytest.mark.parametrize("dialect", ["native", "chat"])
@pytest.mark.parametrize(
    "end", ["reset", "close", "end without finishReason", "error object", "half an event"]
)
def test_a_stream_that_breaks_off_ends_in_an_error_event(servers, dialect, end):
    def respond(exchange):
        exchange.begin_stream()
        exchange.event(text_chunk("Hello"))
        received.wait(10 * SLOW)
        if end == "reset":
            exchange.cut()
        elif end == "close":
            exchange.close()
        elif end == "error object":
            exchange.event(google_error(503, "UNAVAILABLE", "The model is overloaded."))
            exchange.end_stream()
        elif end == "half an event":
            exchange.chunk('data: {"candidates": [{"content"')
            exchange.end_stream()
        else:
            exchange.end_stream()

    received = threading.Event()
    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream)
    with open_stream(gateway, dialect) as raw:
        raw.read_until(b"Hello")
        received.set()
        answer = raw.read_answer()
    assert answer.status == 200
    events = sse_events(answer.text)
    assert "[DONE]" not in events, "a broken answer must not look complete"
    error = json.loads(events[-1])["error"]
    assert error["message"]
    if dialect == "native":
        assert 400 <= error["code"] <= 599 and error["status"]
    else:
        assert error["type"]
    assert len(upstream.requests) == 1, "after the first byte nothing is tried again"


def test_error_object_inside_200_before_the_first_chunk_is_a_failure_of_that_attempt(servers):
    seen = []

    def respond(exchange):
        seen.append(exchange.key)
        if len(seen) == 1:
            error = google_error(503, "UNAVAILABLE", "The model is overloaded.")
            if exchange.streamed:
                return exchange.stream([error])
            return exchange.json(200, error)
        return answer_well(exchange)

    for stream in (True, False):
        seen.clear()
        gateway = servers.gateway(servers.upstream(respond))
        answer = chat(gateway, stream=stream)
        assert answer.status == 200 and "Hello" in answer.text and "overloaded" not in answer.text
        assert len(seen) == 2


@pytest.mark.parametrize("dialect", ["native", "chat"])
def test_a_stall_before_the_first_byte_is_a_timeout_in_the_dialect(servers, dialect):
    upstream = servers.upstream(lambda exchange: exchange.wait_for_peer_to_leave(30))
    gateway = servers.gateway(upstream, REQUEST_TIMEOUT="1", MAX_RETRIES="1")
    started = time.monotonic()
    answer = chat(gateway) if dialect == "chat" else generate(gateway)
    assert answer.status == 504, answer
    assert is_openai_error(answer) if dialect == "chat" else is_gemini_error(answer)
    assert time.monotonic() - started < 6 * SLOW


@pytest.mark.parametrize("dialect", ["native", "chat"])
def test_a_stall_in_the_middle_ends_in_an_error_event(servers, dialect):
    def respond(exchange):
        exchange.begin_stream()
        exchange.event(text_chunk("Hello"))
        exchange.wait_for_peer_to_leave(30)

    gateway = servers.gateway(servers.upstream(respond), WASAT_STREAM_IDLE_TIMEOUT="1")
    with open_stream(gateway, dialect) as raw:
        events = sse_events(raw.read_answer().text)
    assert "[DONE]" not in events
    error = json.loads(events[-1])["error"]
    if dialect == "native":
        assert error["code"] == 504
    assert error["message"]


def test_events_that_come_byte_by_byte_are_whole(servers):
    def respond(exchange):
        exchange.begin_stream()
        for content in (text_chunk("Grüße, 世界 🌍"), text_chunk("", "STOP")):
            for byte in ("data: " + json.dumps(content, ensure_ascii=False) + "\r\n\r\n").encode():
                exchange.chunk(bytes([byte]))
        exchange.end_stream()

    gateway = servers.gateway(servers.upstream(respond))
    answer = generate(gateway, method="streamGenerateContent", query="?alt=sse")
    events = [json.loads(event) for event in sse_events(answer.text)]
    assert events == [text_chunk("Grüße, 世界 🌍"), text_chunk("", "STOP")]
    answer = chat(gateway, stream=True)
    text = "".join(
        json.loads(event)["choices"][0]["delta"].get("content") or ""
        for event in sse_events(answer.text)[:-1]
    )
    assert text == "Grüße, 世界 🌍"


def test_native_bytes_are_unaltered(servers):
    odd = '{ "candidates" : [ {"content":{"role":"model","parts":[{"text":"\\u00e9\\/<>"}]},\n "finishReason":"STOP"} ],\t"novelty":[1.0,1e3,{"k":null}] }'

    def respond(exchange):
        if exchange.streamed:
            exchange.begin_stream()
            exchange.chunk("data: " + odd.replace("\n", " ") + "\r\n\r\n")
            exchange.end_stream()
        else:
            exchange.send(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n"
                f"Content-Length: {len(odd)}\r\n\r\n{odd}"
            )

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream)
    assert generate(gateway).body == odd.encode()
    answer = generate(gateway, method="streamGenerateContent", query="?alt=sse")
    assert answer.body == b"data: " + odd.replace("\n", " ").encode() + b"\r\n\r\n"
    # The request's bytes too.
    sent = json.loads(upstream.requests[0].body)
    assert sent == native_body()


def test_without_alt_sse_the_stream_is_a_json_array(servers):
    def respond(exchange):
        answer_well(exchange)

    gateway = servers.gateway(servers.upstream(respond))
    answer = generate(gateway, method="streamGenerateContent")
    assert answer.status == 200 and answer.headers["content-type"].startswith("application/json")
    texts = [
        chunk["candidates"][0]["content"]["parts"][0]["text"] for chunk in json.loads(answer.body)
    ]
    assert "".join(texts) == "Hello there."


def test_clients_that_stop_reading_cost_bounded_memory(servers):
    clients = 1000 if SLOW == 1 else 200
    piece = text_chunk("x" * 16000)
    sent = [0]
    lock = threading.Lock()

    def respond(exchange):
        exchange.begin_stream()
        while True:
            exchange.event(piece)
            with lock:
                sent[0] += 1

    gateway = servers.gateway(servers.upstream(respond))
    assert generate(gateway, method="countTokens").status in (200, 404, 502)  # warmed up
    before = gateway.resident_kib()
    streams = [open_stream(gateway, "native", timeout=60) for _ in range(clients)]
    for stream in streams:
        stream.socket.recv(1)  # it has begun, and is never read again

    # Until everything is full: nothing has gone anywhere for a second.
    last = [-1, time.monotonic()]

    def at_rest():
        if sent[0] != last[0]:
            last[:] = [sent[0], time.monotonic()]
        return time.monotonic() - last[1] > 1

    poll("rest", at_rest, 60)
    grown = gateway.resident_kib() - before
    for stream in streams:
        reset(stream.socket)
    # AddressSanitizer keeps up to 256 MiB of what was freed.
    bound = clients * 160 + (400 << 10 if PRESET != "release" else 0)
    assert grown < bound, f"{grown / clients:.0f} KiB per client"


def test_sigterm_lets_streams_finish(servers):
    begun, finish = threading.Event(), threading.Event()

    def respond(exchange):
        exchange.begin_stream()
        exchange.event(text_chunk("Hello"))
        begun.set()
        finish.wait(20 * SLOW)
        exchange.event(text_chunk(" there.", "STOP"))
        exchange.end_stream()

    gateway = servers.gateway(servers.upstream(respond))
    with open_stream(gateway, "chat", timeout=20) as raw:
        raw.read_until(b"Hello")
        gateway.process.terminate()

        def not_ready():
            try:
                return call(gateway, "GET", "/readyz").status == 503
            except OSError:
                return True  # no longer listening

        poll("the end of readiness", not_ready)
        finish.set()
        answer = raw.read_answer()
    assert sse_events(answer.text)[-1] == "[DONE]"
    assert "there." in answer.text
    assert gateway.process.wait(10 * SLOW) == 0


def test_sigterm_waits_for_nobody_who_is_silent(servers):
    """Connections without a request in progress must not hold up the end."""
    gateway = servers.gateway(servers.upstream())
    silent = Raw(gateway)
    half = Raw(gateway).send("POST /v1/chat/comp")
    idle = Raw(gateway).send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    assert idle.read_answer().status == 200
    refused = Raw(gateway).send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
    assert refused.read_answer().status == 401
    gateway.process.terminate()
    assert gateway.process.wait(5 * SLOW) == 0
    for raw in (silent, half, idle, refused):
        raw.close()


def test_a_slow_drip_is_no_stall(servers):
    """As long as something comes within the limit, a stream lives."""

    def respond(exchange):
        exchange.begin_stream()
        for _ in range(6):
            exchange.event(text_chunk("drip "))
            time.sleep(0.4)  # the upstream's pace, not a wait for anything
        exchange.event(text_chunk("", "STOP"))
        exchange.end_stream()

    gateway = servers.gateway(servers.upstream(respond), WASAT_STREAM_IDLE_TIMEOUT="2")
    events = sse_events(chat(gateway, stream=True).text)
    assert events[-1] == "[DONE]" and sum("drip" in event for event in events) == 6


def test_prompt_blocked_is_said_and_not_retried(servers):
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": ANSWER["usageMetadata"]}

    def respond(exchange):
        if exchange.streamed:
            exchange.stream([blocked])
        else:
            exchange.json(200, blocked)

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream)
    assert generate(gateway).json["promptFeedback"]["blockReason"] == "SAFETY"
    answer = chat(gateway)
    if answer.status == 200:
        assert answer.json["choices"][0]["finish_reason"] == "content_filter"
    else:
        assert answer.status == 400 and is_openai_error(answer)
    assert len(upstream.requests) == 2


def test_a_large_raw_body_is_passed_on_and_not_held(servers):
    seen = []

    def respond(exchange):
        seen.append((exchange.method, exchange.target, exchange.headers.get("content-type"), exchange.body))
        exchange.json(200, {"file": {"name": "files/abc"}})

    gateway = servers.gateway(servers.upstream(respond), WASAT_TOKENS_ALLOW_RAW="true")
    assert call(gateway, "GET", "/v1beta/webhooks", token=TOKEN).status == 200
    before = gateway.resident_kib()
    content = bytes(range(256)) * (64 << 12)
    headers = {"Content-Type": "video/mp4", "X-Goog-Upload-Protocol": "raw"}
    answer = call(gateway, "POST", "/upload/v1beta/files?key=none", content, headers, token=TOKEN, timeout=120)
    assert answer.status == 200 and answer.json["file"]["name"] == "files/abc", answer
    method, target, kind, body = seen[1]
    assert (method, target, kind) == ("POST", "/upload/v1beta/files", "video/mp4")
    assert body == content
    if PRESET == "release":
        assert gateway.resident_kib() - before < 16 << 10


def test_raw_paths_are_closed_to_tokens_that_do_not_allow_them(gateway):
    answer = call(gateway, "GET", "/v1beta/webhooks", token=TOKEN)
    assert answer.status == 403 and answer.json["error"]["status"] == "PERMISSION_DENIED"
