"""`wasat node` as a credential of a gateway that has nothing else."""

import json
import os
import signal
import threading

import anthropic
import openai
import pytest
from google import genai
from harness import (
    MODEL,
    NODE_KEY,
    NODE_TOKEN,
    PRESET,
    SLOW,
    TOKEN,
    Gateway,
    Raw,
    call,
    generate,
    native_body,
    poll,
    relay_settings,
    sse_events,
)
from upstream import ANSWER, answer_well, google_error, text_chunk


def start(servers, relay, upstream, name="attic", **environment):
    environment = {"WASAT_NODE_TOKEN": NODE_TOKEN} | environment
    node = servers.node(relay.websocket, upstream, "--name", name, **environment)
    poll("the node is there", node.counted)
    return node


@pytest.fixture
def relay(servers):
    return servers.relay()


@pytest.mark.parametrize("stream", [False, True])
def test_every_dialect_passes(servers, relay, stream):
    simulator = servers.simulator()
    simulator.script("How are you?", [{"parts": [{"text": "Quite well."}]}])
    start(servers, relay, simulator)
    text = "How are you?"
    said = [dialect(relay, text, stream) for dialect in (chat, responses, messages, native)]
    assert said == ["Quite well."] * 4
    served = simulator.requests()
    assert len(served) == 4
    assert all(("stream" in request["target"]) == stream for request in served)


def chat(relay, text, stream):
    client = openai.OpenAI(base_url=relay.url + "/v1", api_key=TOKEN, max_retries=0)
    asked = {"model": MODEL, "messages": [{"role": "user", "content": text}]}
    if not stream:
        return client.chat.completions.create(**asked).choices[0].message.content
    chunks = client.chat.completions.create(**asked, stream=True)
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


def responses(relay, text, stream):
    client = openai.OpenAI(base_url=relay.url + "/v1", api_key=TOKEN, max_retries=0)
    if not stream:
        return client.responses.create(model=MODEL, input=text).output_text
    with client.responses.stream(model=MODEL, input=text) as events:
        return events.get_final_response().output_text


def messages(relay, text, stream):
    client = anthropic.Anthropic(base_url=relay.url, api_key=TOKEN, max_retries=0)
    asked = {
        "model": MODEL,
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": text}],
    }
    if not stream:
        answer = client.messages.create(**asked)
    else:
        with client.messages.stream(**asked) as events:
            answer = events.get_final_message()
    return "".join(block.text for block in answer.content if block.type == "text")


def native(relay, text, stream):
    options = genai.types.HttpOptions(base_url=relay.url)
    client = genai.Client(api_key=TOKEN, http_options=options)
    if not stream:
        return client.models.generate_content(model=MODEL, contents=text).text
    chunks = client.models.generate_content_stream(model=MODEL, contents=text)
    return "".join(chunk.text or "" for chunk in chunks)


def test_a_body_passes_byte_by_byte(servers, relay):
    upstream = servers.upstream()
    start(servers, relay, upstream)
    body = '{ "contents":[{"parts":[{"text":"\\u00e9 \\ud83d\\ude00"}]}],\n "z":1.0,"n":1e400 , "a":[]}'
    answer = call(
        relay,
        "POST",
        f"/v1beta/models/{MODEL}:generateContent",
        body,
        {"x-goog-api-key": TOKEN, "Content-Type": "application/json"},
    )
    assert answer.json == ANSWER
    assert upstream.requests[0].body.decode() == body
    assert upstream.requests[0].headers["x-goog-api-key"] == NODE_KEY


def test_a_client_that_leaves_ends_the_nodes_request(servers, relay):
    left = []

    def respond(exchange):
        exchange.begin_stream()
        exchange.event(text_chunk("Hello"))
        left.append(exchange.wait_for_peer_to_leave(20 * SLOW))

    node = start(servers, relay, servers.upstream(respond))
    body = json.dumps(native_body())
    with Raw(relay) as client:
        client.send(
            f"POST /v1beta/models/{MODEL}:streamGenerateContent?alt=sse HTTP/1.1\r\nHost: x\r\n"
            f"x-goog-api-key: {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        client.read_until(b'"Hello"')
    poll("the node hung up", lambda: left)
    assert left[0] is not None
    assert node.process.poll() is None


def test_a_quota_that_is_used_up_leads_to_another_node(servers, relay):
    simulator = servers.simulator()
    simulator.fault("quota-day", {"key": "empty"})
    start(servers, relay, simulator, "one", GEMINI_API_KEY="AIza-e2e-empty-0123456789")
    start(servers, relay, simulator, "two")
    for _ in range(6):
        assert generate(relay).status == 200
    used = [r for r in relay.log_records() if r.get("provider") == "relay"]
    assert {r["credential"] for r in used} == {"relay-two"}
    refused = [r for r in simulator.requests() if r["status"] == 429]
    assert len(refused) <= 1


def test_a_node_that_dies_is_replaced_by_another(servers, relay):
    asked, hold = threading.Event(), threading.Event()

    def respond(exchange):
        if not asked.is_set():
            asked.set()
            hold.wait(20 * SLOW)
        answer_well(exchange)

    upstream = servers.upstream(respond)
    both = [start(servers, relay, upstream, name) for name in ("one", "two")]
    answers = []
    client = threading.Thread(target=lambda: answers.append(generate(relay)))
    client.start()
    assert asked.wait(20 * SLOW)
    busy = next(n for n in both if connections_to(n, upstream.port))
    busy.process.kill()
    busy.process.wait()
    busy.process.returncode = 0  # that was us
    client.join()
    hold.set()
    assert answers[0].json == ANSWER


def connections_to(server, port):
    """Whether the process has a connection to this port of the machine."""
    table = open(f"/proc/{server.pid}/net/tcp").read().splitlines()[1:]
    inodes = {
        fields[9]
        for fields in map(str.split, table)
        if int(fields[2].split(":")[1], 16) == port and fields[3] == "01"
    }
    folder = f"/proc/{server.pid}/fd"
    links = (os.readlink(f"{folder}/{name}") for name in os.listdir(folder))
    return any(link.removeprefix("socket:[").rstrip("]") in inodes for link in links)


def test_a_node_comes_back_to_a_gateway_that_was_started_anew(servers, tmp_path):
    settings = relay_settings()
    first = Gateway(tmp_path / "relay", "http://127.0.0.1:9", **settings)
    node = servers.node(first.websocket, servers.upstream(), WASAT_NODE_TOKEN=NODE_TOKEN)
    poll("the node is there", node.counted)
    first.stop()
    poll("noticed", lambda: "not connected to the relay" in node.stderr())
    again = Gateway(tmp_path / "relay", "http://127.0.0.1:9", port=first.port, **settings)
    try:
        poll("the node is back", lambda: node.counted() == 2)
        assert generate(again).json == ANSWER
    finally:
        again.stop()


def test_a_node_with_a_wrong_token_ends(servers, relay):
    node = servers.node(relay.websocket, servers.upstream(), WASAT_NODE_TOKEN="wrong")
    status = node.process.wait(20 * SLOW)
    node.process.returncode = 0  # a refusal is wanted
    assert status == 1
    assert "1008" in node.stderr() and "token" in node.stderr()


def test_a_stop_lets_requests_end_and_others_go_elsewhere(servers, relay):
    asked, go_on = threading.Event(), threading.Event()

    def respond(exchange):
        if exchange.key == NODE_KEY:
            asked.set()
            assert go_on.wait(20 * SLOW)
        answer_well(exchange)

    upstream = servers.upstream(respond)
    node = start(servers, relay, upstream, "leaving")
    answers = []
    client = threading.Thread(target=lambda: answers.append(generate(relay)))
    client.start()
    assert asked.wait(20 * SLOW)
    start(servers, relay, upstream, "staying", GEMINI_API_KEY="AIza-e2e-other-0123456789")
    node.process.send_signal(signal.SIGTERM)
    poll("it drains", lambda: "leaving the relay" in node.stderr())
    for _ in range(4):
        assert generate(relay).json == ANSWER
    go_on.set()
    client.join()
    assert answers[0].json == ANSWER
    node.stop()


@pytest.mark.parametrize("stream", [False, True])
def test_large_bodies_take_little_more_than_themselves(servers, relay, stream):
    mib = 32 if PRESET in ("release", "debug") else 8  # memory is measured there alone
    large = "A" * (mib << 20)

    def respond(exchange):
        assert len(exchange.body) > mib << 20
        answer = text_chunk(large, "STOP")
        if exchange.streamed:
            exchange.stream([answer])
        else:
            exchange.json(200, answer)

    node = start(servers, relay, servers.upstream(respond))
    before = node.resident_kib()
    data = {"inlineData": {"mimeType": "image/png", "data": large}}
    answer = call(
        relay,
        "POST",
        f"/v1beta/models/{MODEL}:" + ("streamGenerateContent?alt=sse" if stream else "generateContent"),
        {"contents": [{"role": "user", "parts": [data]}]},
        {"x-goog-api-key": TOKEN},
        timeout=60,
    )
    assert answer.status == 200
    told = json.loads(sse_events(answer.text)[0]) if stream else answer.json
    assert "candidates" in told, told
    assert len(told["candidates"][0]["content"]["parts"][0]["text"]) == mib << 20
    if PRESET in ("release", "debug"):
        peak = node.peak_kib() - before
        assert peak < (1.5 if stream else 1.3) * mib * 1024, peak


def test_googles_refusal_is_understood_behind_a_node(servers, relay):
    refusal = google_error(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
    start(servers, relay, servers.upstream(lambda exchange: exchange.json(400, refusal)))
    answer = generate(relay)
    assert answer.status == 400
    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"
    assert answer.json["error"]["message"] == "Request contains an invalid argument."
