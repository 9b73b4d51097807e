"""Which credential is tried when, and who is blamed for what."""

import json
import socket
import threading

import pytest
from harness import SLOW, TOKEN, call, chat, generate, is_gemini_error, is_openai_error, sse_events
from test_streams import open_stream
from upstream import ANSWER, answer_well, google_error

QUOTA = google_error(
    429,
    "RESOURCE_EXHAUSTED",
    "You exceeded your current quota. Please retry in 34.07s.",
    [
        {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [
                {
                    "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
                    "quotaId": "GenerateRequestsPerMinutePerProjectPerModel",
                }
            ],
        },
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"},
    ],
)
INVALID_KEY = google_error(
    400,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key.",
    [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
        }
    ],
)
OVERLOADED = google_error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")


def refusing_first(status, error):
    """Refuses whichever key comes first, for good; answers the others."""
    refused = []

    def respond(exchange):
        if exchange.method == "POST":
            if not refused:
                refused.append(exchange.key)
            if exchange.key == refused[0]:
                return exchange.json(status, error)
        return answer_well(exchange)

    return respond


def posts(upstream):
    return [request for request in upstream.requests if request.method == "POST"]


REFUSALS = [(429, QUOTA), (503, OVERLOADED), (400, INVALID_KEY)]


@pytest.mark.parametrize("status, error", REFUSALS)
def test_failover_is_invisible_before_first_byte(servers, status, error):
    for ask in (
        lambda gateway: generate(gateway),
        lambda gateway: chat(gateway),
        lambda gateway: generate(gateway, method="streamGenerateContent", query="?alt=sse"),
        lambda gateway: chat(gateway, stream=True),
    ):
        upstream = servers.upstream(refusing_first(status, error))
        gateway = servers.gateway(upstream)
        answer = ask(gateway)
        assert answer.status == 200, answer
        assert "Hello" in answer.text and "error" not in answer.text
        keys = [request.key for request in posts(upstream)]
        assert len(set(keys)) == 2, keys


def test_quota_cools_a_credential_for_as_long_as_it_says(servers):
    upstream = servers.upstream(refusing_first(429, QUOTA))
    gateway = servers.gateway(upstream)
    for _ in range(6):
        assert chat(gateway).status == 200
    keys = [request.key for request in posts(upstream)]
    assert keys.count(keys[0]) == 1, keys


def test_invalid_key_is_disabled_at_once(servers):
    upstream = servers.upstream(refusing_first(400, INVALID_KEY))
    gateway = servers.gateway(upstream)
    for _ in range(6):
        assert chat(gateway).status == 200
    keys = [request.key for request in posts(upstream)]
    assert keys.count(keys[0]) == 1, keys


def test_all_credentials_cooling_is_said_in_the_dialect(servers):
    upstream = servers.upstream(lambda exchange: exchange.json(429, QUOTA))
    gateway = servers.gateway(upstream)
    for _ in range(2):
        answer = chat(gateway)
        assert answer.status in (429, 503) and is_openai_error(answer), answer
        assert 1 <= int(answer.headers["retry-after"]) <= 40
        answer = generate(gateway)
        assert answer.status in (429, 503) and is_gemini_error(answer), answer
    # Cooling ones are left alone: two keys, one attempt each.
    assert len(posts(upstream)) == 2


def test_no_credential_says_what_to_do(servers):
    gateway = servers.gateway("http://127.0.0.1:9", GEMINI_API_KEYS=None)
    answer = chat(gateway)
    assert answer.status == 503 and is_openai_error(answer), answer
    assert "GEMINI_API_KEYS" in answer.json["error"]["message"]
    answer = generate(gateway)
    assert answer.status == 503 and is_gemini_error(answer), answer


def test_a_reused_connection_that_closes_is_retried_and_blames_nobody(servers):
    def respond(exchange):
        # Keep-alive is promised, and the second request finds the door shut.
        if exchange.number_on_connection > 1:
            return exchange.close()
        return answer_well(exchange)

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream, GEMINI_API_KEYS="AIza-only-key")
    for _ in range(5):
        answer = chat(gateway)
        assert answer.status == 200, answer
    assert {request.key for request in posts(upstream)} == {"AIza-only-key"}
    stats = call(gateway, "GET", "/stats", token="").json
    assert stats["keys_detail"][0]["failure_count"] == 0, stats
    assert stats["active_keys"] == 1


def test_a_new_connection_that_closes_is_a_failure(servers):
    upstream = servers.upstream(lambda exchange: exchange.close())
    gateway = servers.gateway(upstream, MAX_RETRIES="2")
    answer = chat(gateway)
    assert answer.status == 502 and is_openai_error(answer), answer
    assert 2 <= len(posts(upstream)) <= 3


def test_the_clients_own_mistake_is_not_retried_and_blames_nobody(servers):
    error = google_error(400, "INVALID_ARGUMENT", "Invalid value at 'contents[0].role'")
    upstream = servers.upstream(lambda exchange: exchange.json(400, error))
    gateway = servers.gateway(upstream)
    answer = generate(gateway)
    assert answer.status == 400 and "contents[0].role" in answer.text, answer
    assert len(posts(upstream)) == 1
    answer = chat(gateway)
    assert answer.status == 400 and is_openai_error(answer), answer
    assert len(posts(upstream)) == 2
    stats = call(gateway, "GET", "/stats").json
    assert stats["active_keys"] == 2, stats


EMPTY = {**ANSWER, "candidates": [{"content": {}, "finishReason": "STOP", "index": 0}]}


@pytest.mark.parametrize("dialect", ["native", "chat"])
@pytest.mark.parametrize("form", ["whole", "stream in one piece", "stream with a late end"])
def test_P37_an_empty_answer_is_tried_elsewhere(servers, dialect, form):
    seen, late_end = [], threading.Event()

    def respond(exchange):
        seen.append(exchange.key)
        if len(seen) > 1:
            return answer_well(exchange)
        if not exchange.streamed:
            return exchange.json(200, EMPTY)
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        exchange.send(head + f"data: {json.dumps(EMPTY)}\r\n\r\n")
        if form == "stream with a late end":
            assert late_end.wait(20 * SLOW)
        exchange.close()

    gateway = servers.gateway(servers.upstream(respond), WASAT_HEARTBEAT="20ms")
    if form == "whole":
        answer = chat(gateway) if dialect == "chat" else generate(gateway)
        text = answer.text
    else:
        with open_stream(gateway, dialect) as raw:
            if form == "stream with a late end":
                # The gateway has the event by now, and waits.
                raw.read_until(b": keep")
                late_end.set()
            text = raw.read_answer().text
    assert "Hello" in text and "error" not in text, text
    assert len(set(seen)) == 2


def test_a_dead_upstream_is_an_error_in_the_dialect(servers):
    # Bound, so that nobody else gets the port, and not listening.
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        gateway = servers.gateway(url, MAX_RETRIES="2")
        answer = chat(gateway)
        assert answer.status in (502, 503) and is_openai_error(answer), answer
        answer = generate(gateway)
        assert answer.status in (502, 503) and is_gemini_error(answer), answer


def test_an_answer_that_is_no_json_is_an_error(servers):
    def respond(exchange):
        body = "<html>502 Bad Gateway</html>"
        exchange.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )

    gateway = servers.gateway(servers.upstream(respond), MAX_RETRIES="2")
    answer = chat(gateway)
    assert answer.status == 502 and is_openai_error(answer), answer


def test_early_refusal_while_the_body_is_still_going_up_reaches_the_client(servers):
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        # Refuses after the head and reads no byte of the body.
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(1024)
            body = b'{"error":{"code":400,"message":"too early","status":"INVALID_ARGUMENT"}}'
            connection.sendall(
                b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
                b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            connection.shutdown(socket.SHUT_WR)

    threading.Thread(target=serve, daemon=True).start()
    gateway = servers.gateway(f"http://127.0.0.1:{listener.getsockname()[1]}")
    answer = generate(gateway, text="x" * (24 << 20))
    listener.close()
    assert answer.status == 400 and "too early" in answer.text, answer


def test_the_clients_token_never_travels_upstream(servers):
    upstream = servers.upstream()
    gateway = servers.gateway(upstream)
    path = "/v1beta/models/gemini-2.5-flash:generateContent"
    body = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
    ways = [
        (path, {"Authorization": f"Bearer {TOKEN}"}),
        (path, {"x-goog-api-key": TOKEN}),
        (path, {"x-api-key": TOKEN}),
        (f"{path}?key={TOKEN}", {}),
        (f"{path}?%24alt=json&key={TOKEN}", {}),
    ]
    for target, headers in ways:
        headers = {**headers, "Cookie": "session=" + TOKEN, "X-Custom": "no business of Google's"}
        answer = call(gateway, "POST", target, body, headers)
        assert answer.status == 200, (target, headers, answer)
    assert len(posts(upstream)) == len(ways)
    for request in posts(upstream):
        sent = request.target + repr(request.headers) + request.body.decode()
        assert TOKEN not in sent and "cookie" not in request.headers, sent
        assert "x-custom" not in request.headers
        assert "key=" not in request.target and request.key.startswith("AIza-e2e-key")
        assert request.headers.get("accept-encoding") == "identity"


def test_round_robin_uses_all_credentials(servers):
    upstream = servers.upstream()
    gateway = servers.gateway(upstream, GEMINI_API_KEYS="AIza-a,AIza-b,AIza-c", POOL_POLICY="round_robin")
    for _ in range(9):
        assert chat(gateway).status == 200
    keys = [request.key for request in posts(upstream)]
    assert sorted(keys) == sorted(["AIza-a", "AIza-b", "AIza-c"] * 3)


def test_streamed_failover_leaves_no_trace_in_the_stream(servers):
    upstream = servers.upstream(refusing_first(503, OVERLOADED))
    gateway = servers.gateway(upstream)
    events = sse_events(chat(gateway, stream=True).text)
    assert events[-1] == "[DONE]" and not any("error" in event for event in events)
