"""`wasat node` with the first relay's server: what comes over its WebSocket is answered."""

import json
import signal
import subprocess
import threading

import pytest
from harness import BINARY, MODEL, NODE_KEY, SLOW, FirstRelay, Raw, call, native_body, poll
from upstream import ANSWER, google_error, text_chunk


@pytest.fixture
def relay(servers):
    return servers.first_relay()


def start(servers, relay, upstream, *arguments, **environment):
    node = servers.node(relay.websocket, upstream, *arguments, **environment)
    poll("the node is there", lambda: relay.nodes() == 1)
    return node


def post(relay, method, body, query=""):
    return call(relay, "POST", f"/v1beta/models/{MODEL}:{method}{query}", body)


def test_calls_of_every_kind_pass(servers, relay):
    simulator = servers.simulator()
    start(servers, relay, simulator)
    answer = post(relay, "generateContent", native_body())
    assert answer.json["candidates"][0]["content"]["parts"][0]["text"]
    assert post(relay, "countTokens", native_body()).json["totalTokens"] > 0
    part = {"content": {"parts": [{"text": "one"}]}}
    model = "models/gemini-embedding-001"
    embedded = call(relay, "POST", f"/v1beta/{model}:embedContent", part)
    assert embedded.json["embedding"]["values"]
    many = {"requests": [{"model": model, **part}] * 2}
    embedded = call(relay, "POST", f"/v1beta/{model}:batchEmbedContents", many)
    assert len(embedded.json["embeddings"]) == 2
    names = [m["name"] for m in call(relay, "GET", "/v1beta/models").json["models"]]
    assert f"models/{MODEL}" in names
    keys = {request["key"] for request in simulator.requests() if request.get("key")}
    assert len(keys) == 1


def test_models_come_from_all_pages(servers, relay):
    def respond(exchange):
        page = {"models": [{"name": "models/b"}]}
        if "pageToken" not in exchange.target:
            page = {"models": [{"name": "models/a"}], "nextPageToken": "x&y=1"}
        exchange.json(200, page)

    upstream = servers.upstream(respond)
    start(servers, relay, upstream)
    listed = call(relay, "GET", "/v1beta/models").json
    assert listed == {"models": [{"name": "models/a"}, {"name": "models/b"}]}
    assert upstream.requests[1].target == "/v1beta/models?pageSize=1000&pageToken=x%26y%3D1"


def test_chunks_pass_while_they_come(servers, relay):
    go_on = threading.Event()

    def respond(exchange):
        exchange.begin_stream()
        exchange.event(text_chunk("Hello"))
        assert go_on.wait(20 * SLOW)
        exchange.event(text_chunk(" there.", "STOP"))
        exchange.end_stream()

    start(servers, relay, servers.upstream(respond))
    body = json.dumps(native_body())
    with Raw(relay) as client:
        client.send(
            f"POST /v1beta/models/{MODEL}:streamGenerateContent?alt=sse HTTP/1.1\r\nHost: x\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        client.read_until(b'"Hello"')
        go_on.set()
        client.read_until(b'" there."')
    kinds = [(m.get("type"), m.get("done")) for m in poll("done", lambda: finished(relay))]
    assert kinds == [("batch", None), ("batch", None), (None, True)]


def finished(relay):
    said = relay.messages()
    return said if said and said[-1].get("done") else None


def test_a_body_passes_as_it_was_written(servers, relay):
    upstream = servers.upstream()
    start(servers, relay, upstream)
    # The first relay's server writes bodies anew, so only what it cannot change is seen here:
    # order, names within schemas, numbers, and what no Gemini knows.
    body = {
        "z": 1.5,
        "contents": [{"parts": [{"text": "é \u2028 \U0001f600 \\u0000", "inline_data": None}]}],
        "tools": [{"function_declarations": [{"name": "f", "parameters": {"user_id": {}}}]}],
        "generationConfig": {"response_modalities": "text"},
        "a": [],
    }
    assert post(relay, "generateContent", body).status == 200
    seen = upstream.requests[0]
    assert json.loads(seen.body) == body
    assert list(json.loads(seen.body)) == list(body)
    assert seen.headers["x-goog-api-key"] == NODE_KEY


def test_googles_error_comes_back_in_its_words(servers, relay):
    refusal = google_error(429, "RESOURCE_EXHAUSTED", "Quota exceeded. Please retry in 7s.")
    start(servers, relay, servers.upstream(lambda exchange: exchange.json(429, refusal)))
    answer = post(relay, "generateContent", native_body())
    assert answer.status == 500  # as the first relay tells of all failures
    assert json.loads(answer.json["error"]["message"]) == refusal
    assert relay.messages()[-1]["status"] == 429


def test_an_error_within_a_stream_is_told(servers, relay):
    broken = google_error(503, "UNAVAILABLE", "The model is overloaded.")

    def respond(exchange):
        exchange.begin_stream()
        exchange.event(text_chunk("Hello"))
        exchange.event(broken)
        exchange.end_stream()

    start(servers, relay, servers.upstream(respond))
    post(relay, "streamGenerateContent", native_body(), "?alt=sse")
    first, last = relay.messages()
    assert first["chunks"][0]["candidates"]
    assert (last["stream"], last["done"], last["status"]) == (True, True, 503)
    assert json.loads(last["error"]) == broken


def test_a_stream_that_breaks_is_told(servers, relay):
    def respond(exchange):
        exchange.begin_stream()
        exchange.event(text_chunk("Hello"))
        exchange.cut()

    start(servers, relay, servers.upstream(respond))
    post(relay, "streamGenerateContent", native_body(), "?alt=sse")
    last = relay.messages()[-1]
    assert (last["stream"], last["done"], last["status"]) == (True, True, 502)


@pytest.mark.parametrize(
    "path",
    [
        f"/v1beta/models/{MODEL}:deleteEverything",
        "/v1beta/files",
        "/v1beta/cachedContents/x:generateContent",
        f"/v1beta/models/../files/{MODEL}:generateContent",
        "/v1beta/models/a%2f..%2fb:generateContent",
    ],
)
def test_the_key_opens_models_and_nothing_else(servers, relay, path):
    upstream = servers.upstream()
    start(servers, relay, upstream)
    answer = call(relay, "POST", path + "?key=secret-of-a-client", native_body())
    assert answer.status == 500
    assert answer.json["error"]["message"].startswith("Unsupported API endpoint: /v1beta/")
    assert "secret-of-a-client" not in answer.text
    assert not upstream.requests


def test_a_clients_key_goes_no_further(servers, relay):
    upstream = servers.upstream()
    start(servers, relay, upstream)
    post(relay, "streamGenerateContent", native_body(), "?alt=sse&key=secret-of-a-client")
    assert upstream.requests[0].target == f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"


def test_it_connects_again(servers, tmp_path):
    relay = FirstRelay(tmp_path / "relay")
    node = servers.node(relay.websocket, servers.upstream(), "--concurrency", "2")
    poll("connected", lambda: node.counted() == 1)
    relay.stop()
    poll("noticed", lambda: "not connected to the relay" in node.stderr())


def test_a_stop_lets_requests_end(servers, relay):
    asked, go_on = threading.Event(), threading.Event()

    def respond(exchange):
        asked.set()
        assert go_on.wait(20 * SLOW)
        exchange.json(200, ANSWER)

    node = start(servers, relay, servers.upstream(respond))
    answers = []
    client = threading.Thread(
        target=lambda: answers.append(post(relay, "generateContent", native_body()))
    )
    client.start()
    assert asked.wait(20 * SLOW)
    node.process.send_signal(signal.SIGTERM)
    poll("it drains", lambda: "leaving the relay" in node.stderr())
    assert "leaving" in refusal(post(relay, "generateContent", native_body()))
    go_on.set()
    client.join()
    assert answers[0].json == ANSWER
    node.stop()


def refusal(answer):
    return answer.status == 500 and answer.json["error"]["message"]


def test_many_at_a_time_up_to_its_bound(servers, relay):
    asked, go_on = threading.Semaphore(0), threading.Event()

    def respond(exchange):
        asked.release()
        assert go_on.wait(20 * SLOW)
        exchange.json(200, ANSWER)

    start(servers, relay, servers.upstream(respond), "--concurrency", "3")
    answers = []
    clients = [
        threading.Thread(
            target=lambda: answers.append(post(relay, "generateContent", native_body()))
        )
        for _ in range(3)
    ]
    for client in clients:
        client.start()
    for _ in clients:
        assert asked.acquire(timeout=20 * SLOW)
    assert "as many requests as it takes" in refusal(post(relay, "generateContent", native_body()))
    go_on.set()
    for client in clients:
        client.join()
    assert [answer.json for answer in answers] == [ANSWER] * 3


def test_answers_are_held_up_to_a_bound_for_all_together(servers, relay):
    half, go_on = threading.Event(), threading.Event()
    large = json.dumps(text_chunk("A" * (6 << 20), "STOP"))

    def respond(exchange):
        exchange.send(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(large)}\r\n\r\n{large[:-1]}"
        )
        if not half.is_set():
            half.set()
            assert go_on.wait(20 * SLOW)
        exchange.send(large[-1])

    start(servers, relay, servers.upstream(respond), "--max-held", "10MiB")
    answers = []
    client = threading.Thread(
        target=lambda: answers.append(post(relay, "generateContent", native_body()))
    )
    client.start()
    assert half.wait(20 * SLOW)
    poll("the bound", lambda: refusal(post(relay, "generateContent", native_body())))
    assert "holds as much of answers as it may" in refusal(
        post(relay, "generateContent", native_body())
    )
    go_on.set()
    client.join()
    assert answers[0].json == json.loads(large)
    # It has room again.
    assert post(relay, "generateContent", native_body()).json == json.loads(large)


def test_no_secret_is_written(servers, relay):
    upstream = servers.upstream()
    node = start(servers, relay, upstream, WASAT_NODE_TOKEN="node-token-0123456789")
    post(relay, "generateContent", native_body("a prompt of somebody"))
    text = node.everything_written()
    for secret in (NODE_KEY, "node-token-0123456789", "a prompt of somebody"):
        assert secret not in text
    arguments = subprocess.run(
        ["ps", "-o", "args=", "-p", str(node.pid)], capture_output=True, text=True
    ).stdout
    assert NODE_KEY not in arguments


@pytest.mark.parametrize(
    "arguments, environment, why",
    [
        (["--relay", "https://relay.example"], {}, "the address of a WebSocket"),
        (["--relay", "wss://relay.example/ws?token=x"], {}, "takes an address alone"),
        (["--relay", "ws://127.0.0.1:1"], {"GEMINI_API_KEY": ""}, "there is no key"),
        (["--relay", "ws://127.0.0.1:1", "--key-file", "/nowhere"], {}, "cannot read /nowhere"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, arguments, environment, why):
    done = subprocess.run(
        [BINARY, "node", *arguments],
        env={"GEMINI_API_KEY": "x", "PATH": "/usr/bin"} | environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=20 * SLOW,
    )
    assert done.returncode == 2 and why in done.stderr


def test_a_relay_that_refuses_ends_it(servers, tmp_path):
    upstream = servers.upstream(lambda exchange: exchange.json(401, {}))
    done = subprocess.run(
        [BINARY, "node", "--relay", upstream.url.replace("http", "ws")],
        env={"GEMINI_API_KEY": "x", "PATH": "/usr/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=20 * SLOW,
    )
    assert done.returncode == 1 and "HTTP status 401" in done.stderr
