"""What an exchange does while it waits, and when the upstream wants it otherwise."""

import json
import threading
import time

import pytest
from harness import MODEL, SLOW, Raw, call, chat, chat_body, generate, native_body, sse_events, TOKEN
from test_failover import OVERLOADED, posts
from test_streams import open_stream, request_bytes
from upstream import ANSWER, answer_well, google_error, text_chunk

BEAT = {"WASAT_HEARTBEAT": "50ms"}
HEARTBEAT = {"native": b": keepalive\r\n\r\n", "chat": b": keep-alive\n\n"}
# Whole answers that a model botched: nothing a client could use.
BOTCHED = {
    "candidates": [
        {"content": {}, "finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "Malformed: x("}
    ]
}


def read_beats(raw, dialect, count):
    deadline = time.monotonic() + 10 * SLOW
    while raw.buffer.count(HEARTBEAT[dialect]) < count:
        assert time.monotonic() < deadline, raw.buffer[:1000]
        piece = raw.socket.recv(65536)
        assert piece, raw.buffer
        raw.buffer += piece


def body_of(raw):
    return raw.read_answer().text


@pytest.mark.parametrize("dialect", ["native", "chat"])
def test_P33_heartbeats_before_the_first_chunk_and_between_chunks(servers, dialect):
    first, second = threading.Event(), threading.Event()

    def respond(exchange):
        assert first.wait(20 * SLOW)
        exchange.begin_stream()
        exchange.event(text_chunk("Hello"))
        assert second.wait(20 * SLOW)
        exchange.event(text_chunk(" there.", "STOP"))
        exchange.end_stream()

    gateway = servers.gateway(servers.upstream(respond), **BEAT)
    with open_stream(gateway, dialect) as raw:
        read_beats(raw, dialect, 2)
        assert b"Hello" not in raw.buffer
        first.set()
        raw.read_until(b"Hello")
        seen = raw.buffer.count(HEARTBEAT[dialect])
        read_beats(raw, dialect, seen + 2)
        second.set()
        events = sse_events(body_of(raw))
        text = "".join(events)
        assert "Hello" in text and " there." in text and "error" not in text
        # Heartbeats are comments: a client sees the events alone.
        assert (events[-1] == "[DONE]") == (dialect == "chat")


@pytest.mark.parametrize("dialect", ["native", "chat"])
def test_failover_is_possible_behind_heartbeats(servers, dialect):
    go_on, keys = threading.Event(), []

    def respond(exchange):
        keys.append(exchange.key)
        if len(keys) == 1:
            assert go_on.wait(20 * SLOW)
            return exchange.json(503, OVERLOADED)
        return answer_well(exchange)

    gateway = servers.gateway(servers.upstream(respond), **BEAT)
    with open_stream(gateway, dialect) as raw:
        read_beats(raw, dialect, 1)
        go_on.set()
        text = body_of(raw)
        assert "Hello" in text and "error" not in text
        assert len(set(keys)) == 2


@pytest.mark.parametrize("dialect", ["native", "chat"])
def test_an_error_behind_heartbeats_is_told_within_the_stream(servers, dialect):
    go_on = threading.Event()

    def respond(exchange):
        assert go_on.wait(20 * SLOW)
        exchange.json(400, google_error(400, "INVALID_ARGUMENT", "No such thing."))

    gateway = servers.gateway(servers.upstream(respond), **BEAT)
    with open_stream(gateway, dialect) as raw:
        read_beats(raw, dialect, 1)
        go_on.set()
        answer = raw.read_answer()
        assert answer.status == 200
        events = sse_events(answer.text)
        assert "No such thing." in json.loads(events[0])["error"]["message"]


def test_P33_a_client_that_leaves_between_heartbeats_cancels_the_upstream(servers):
    left = []

    def respond(exchange):
        left.append(exchange.wait_for_peer_to_leave(20 * SLOW))

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream, **BEAT)
    with open_stream(gateway, "chat") as raw:
        read_beats(raw, "chat", 2)
    gateway.stop()
    assert left and left[0] is not None
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", ["native", "chat"])
def test_P23_a_botched_answer_is_tried_again(servers, dialect, stream, reason):
    count = [0]
    botched = json.loads(json.dumps(BOTCHED).replace("MALFORMED_FUNCTION_CALL", reason))

    def respond(exchange):
        count[0] += 1
        if count[0] > 1:
            return answer_well(exchange)
        return exchange.stream([botched]) if exchange.streamed else exchange.json(200, botched)

    gateway = servers.gateway(servers.upstream(respond))
    answer = ask(gateway, dialect, stream)
    assert answer.status == 200 and "Hello" in answer.text and reason not in answer.text
    assert count[0] == 2


@pytest.mark.parametrize("stream", [False, True])
def test_P23_what_is_botched_twice_is_no_clean_stop(servers, stream):
    def respond(exchange):
        exchange.stream([BOTCHED]) if exchange.streamed else exchange.json(200, BOTCHED)

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream)
    answer = chat(gateway, stream=stream)
    assert len(posts(upstream)) == 2
    assert answer.status == 502 or "Malformed: x(" in answer.text or '"error"' in answer.text


def ask(gateway, dialect, stream):
    if dialect == "chat":
        return chat(gateway, stream=stream)
    if stream:
        return generate(gateway, method="streamGenerateContent", query="?alt=sse")
    return generate(gateway)


@pytest.mark.parametrize("stream", [False, True])
def test_options_that_a_model_refuses_are_left_out(servers, stream):
    def respond(exchange):
        config = json.loads(exchange.body).get("generationConfig", {})
        if "presencePenalty" in config:
            text = f"Penalty is not enabled for models/{MODEL}"
            return exchange.json(400, google_error(400, "INVALID_ARGUMENT", text))
        return answer_well(exchange)

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream, GEMINI_API_KEYS="AIza-only")
    answer = chat(gateway, stream=stream, presence_penalty=0.5, temperature=0.3, model=MODEL)
    assert answer.status == 200 and "Hello" in answer.text, answer
    sent = [json.loads(request.body)["generationConfig"] for request in posts(upstream)]
    assert len(sent) == 2 and sent[1]["temperature"] == 0.3, sent
    assert call(gateway, "GET", "/stats").json["keys_detail"][0]["failure_count"] == 0


def test_a_model_that_is_only_in_v1beta_is_found_from_v1(servers):
    def respond(exchange):
        if exchange.target.startswith("/v1/"):
            text = f"models/{MODEL} is not found for API version v1, or is not supported for x."
            return exchange.json(404, google_error(404, "NOT_FOUND", text))
        return answer_well(exchange)

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream)
    headers = {"x-goog-api-key": TOKEN}
    answer = call(gateway, "POST", f"/v1/models/{MODEL}:generateContent", native_body(), headers)
    assert answer.status == 200, answer
    assert [request.target.split("/")[1] for request in posts(upstream)] == ["v1", "v1beta"]


@pytest.mark.parametrize("dialect", ["native", "chat"])
def test_fake_streaming_asks_for_a_whole_and_answers_with_a_stream(servers, dialect):
    go_on = threading.Event()

    def respond(exchange):
        assert not exchange.streamed
        assert go_on.wait(20 * SLOW)
        exchange.json(200, ANSWER)

    gateway = servers.gateway(servers.upstream(respond), FAKE_STREAM_MODELS="gemini-2.5-*", **BEAT)
    with open_stream(gateway, dialect) as raw:
        read_beats(raw, dialect, 2)
        go_on.set()
        answer = raw.read_answer()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "Hello there." in "".join(sse_events(answer.text))


def test_P26_thoughts_are_not_held_back_for_long(servers):
    shown = threading.Event()
    thought = text_chunk("Thinking...")
    thought["candidates"][0]["content"]["parts"][0]["thought"] = True

    def respond(exchange):
        exchange.begin_stream()
        while not shown.wait(0.1):
            exchange.event(thought)
        exchange.event(text_chunk("Hello", "STOP"))
        exchange.end_stream()

    gateway = servers.gateway(servers.upstream(respond))
    with open_stream(gateway, "chat") as raw:
        raw.read_until(b"Thinking...")
        shown.set()
        assert "Hello" in body_of(raw)


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_is_to_be_continued_is(servers, stream):
    def part(text, reason, **more):
        chunk = text_chunk(text, reason)
        chunk["candidates"][0] |= more
        return chunk

    def respond(exchange):
        token = json.loads(exchange.body).get("continuationToken")
        tokens.append((token, exchange.key))
        if len(tokens) < 3:
            number = str(len(tokens))
            chunk = part(f"part {number}, ", "CONTINUATION", continuationToken=f"dG9rZW4{number}")
        else:
            chunk = part("the end.", "STOP")
        return exchange.stream([chunk]) if exchange.streamed else exchange.json(200, chunk)

    tokens = []
    gateway = servers.gateway(servers.upstream(respond), GEMINI_API_KEYS="AIza-a,AIza-b,AIza-c")
    answer = chat(gateway, stream=stream, stream_options={"include_usage": True} if stream else None)
    assert answer.status == 200, answer
    if stream:
        chunks = [json.loads(event) for event in sse_events(answer.text)[:-1]]
        text = "".join(
            choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"]
        )
        reasons = [c["finish_reason"] for chunk in chunks for c in chunk["choices"]]
        assert [reason for reason in reasons if reason] == ["stop"]
        usage = chunks[-1]["usage"]
    else:
        text = answer.json["choices"][0]["message"]["content"]
        assert answer.json["choices"][0]["finish_reason"] == "stop"
        usage = answer.json["usage"]
    assert text == "part 1, part 2, the end."
    assert [token for token, _ in tokens] == [None, "dG9rZW41", "dG9rZW42"]
    assert len({key for _, key in tokens}) == 1  # who began goes on
    # The prompt counts once, each round's output is added.
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (3, 12), usage


def test_several_images_are_asked_for_at_the_same_time(servers):
    together, most, lock = [0], [0], threading.Lock()
    four = threading.Event()
    failed = []
    image = {
        "candidates": [
            {
                "content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}]},
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 10, "totalTokenCount": 13},
    }

    def respond(exchange):
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
            if together[0] == 4:
                four.set()
        assert four.wait(20 * SLOW)
        with lock:
            together[0] -= 1
            fails = len(failed) == 0 and not failed.append(1)
        if fails:
            return exchange.json(503, OVERLOADED)
        exchange.json(200, image)

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream)
    body = {"model": "gemini-2.5-flash-image", "prompt": "A lion", "n": 6}
    answer = call(gateway, "POST", "/v1/images/generations", body, token=TOKEN)
    assert answer.status == 200, answer
    assert len(answer.json["data"]) == 6
    assert most[0] == 4
    # One of them failed, and that one alone was tried again.
    assert len(posts(upstream)) == 7


def test_P34_a_client_that_leaves_cancels_all_calls(servers):
    arrived, left = threading.Semaphore(0), []

    def respond(exchange):
        arrived.release()
        left.append(exchange.wait_for_peer_to_leave(20 * SLOW))

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream)
    body = {"model": "gemini-2.5-flash-image", "prompt": "A lion", "n": 6}
    with Raw(gateway) as raw:
        raw.send(request_bytes("/v1/images/generations", body))
        for _ in range(4):
            assert arrived.acquire(timeout=10 * SLOW)
    gateway.stop()
    assert len(left) == 4 and None not in left
    assert len(posts(upstream)) == 4


def test_P34_a_client_that_leaves_between_attempts_starts_no_other(servers):
    arrived = threading.Event()

    def respond(exchange):
        arrived.set()
        if exchange.wait_for_peer_to_leave(20 * SLOW) is None:
            exchange.json(503, OVERLOADED)

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream)
    with open_stream(gateway, "chat"):
        assert arrived.wait(10 * SLOW)
    gateway.stop()
    assert len(posts(upstream)) == 1
