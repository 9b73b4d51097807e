"""Failures of other gateways that show only on the wire (tests/known_failures.md), in every dialect."""

import base64
import json
import threading

import openai
import pytest
from harness import MODEL, PRESET, TOKEN, Raw, call, sse_events
from upstream import ANSWER, CHUNK, text_chunk

THIRD = "gemini-3-flash-preview"


class Gemini:
    headers = {"x-goog-api-key": TOKEN}

    @staticmethod
    def request(text, stream, model=MODEL):
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return f"/v1beta/models/{model}:{method}", {"contents": [{"role": "user", "parts": [{"text": text}]}]}

    @staticmethod
    def events(body):
        return [json.loads(event) for event in sse_events(body)]

    @classmethod
    def text(cls, body):
        parts = [part for e in cls.events(body) for c in e.get("candidates", []) for part in c.get("content", {}).get("parts", [])]
        return "".join(part.get("text", "") for part in parts if not part.get("thought"))

    @classmethod
    def complete(cls, body):
        return any(c.get("finishReason") for e in cls.events(body) for c in e.get("candidates", []))

    @classmethod
    def failed(cls, body):
        return "error" in cls.events(body)[-1]

    @staticmethod
    def cached(answer):
        return answer["usageMetadata"]["cachedContentTokenCount"]


class Chat:
    headers = {"Authorization": f"Bearer {TOKEN}"}

    @staticmethod
    def request(text, stream, model=MODEL, **more):
        return "/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream} | more

    @staticmethod
    def events(body):
        return [json.loads(event) for event in sse_events(body) if event != "[DONE]"]

    @classmethod
    def text(cls, body):
        return "".join(c["delta"].get("content") or "" for e in cls.events(body) for c in e.get("choices", []))

    @staticmethod
    def complete(body):
        return "data: [DONE]" in body

    @classmethod
    def failed(cls, body):
        return "error" in cls.events(body)[-1]

    @staticmethod
    def cached(answer):
        return answer["usage"]["prompt_tokens_details"]["cached_tokens"]


class Named:
    """Events with a name, which is in the data as well."""

    @staticmethod
    def events(body):
        blocks = [block for block in body.replace("\r\n", "\n").split("\n\n") if block and not block.startswith(":")]
        events = []
        for block in blocks:
            name, data = block.split("\n", 1)
            event = json.loads(data.removeprefix("data: "))
            assert name == "event: " + event["type"], block
            events.append(event)
        return events


class Responses(Named):
    headers = {"Authorization": f"Bearer {TOKEN}"}

    @staticmethod
    def request(text, stream, model=MODEL):
        return "/v1/responses", {"model": model, "input": text, "stream": stream}

    @classmethod
    def text(cls, body):
        return "".join(e["delta"] for e in cls.events(body) if e["type"] == "response.output_text.delta")

    @staticmethod
    def complete(body):
        return "event: response.completed\n" in body

    @classmethod
    def failed(cls, body):
        return cls.events(body)[-1]["type"] in ("response.failed", "error")

    @staticmethod
    def cached(answer):
        return answer["usage"]["input_tokens_details"]["cached_tokens"]


class Anthropic(Named):
    headers = {"Authorization": f"Bearer {TOKEN}", "anthropic-version": "2023-06-01"}

    @staticmethod
    def request(text, stream, model=MODEL):
        return "/v1/messages", {"model": model, "max_tokens": 4000, "messages": [{"role": "user", "content": text}], "stream": stream}

    @classmethod
    def text(cls, body):
        return "".join(e["delta"].get("text", "") for e in cls.events(body) if e["type"] == "content_block_delta")

    @staticmethod
    def complete(body):
        return "event: message_stop\n" in body

    @classmethod
    def failed(cls, body):
        return cls.events(body)[-1]["type"] == "error"

    @staticmethod
    def cached(answer):
        return answer["usage"]["cache_read_input_tokens"]


@pytest.fixture(params=[Gemini, Chat, Responses, Anthropic], ids=lambda kind: kind.__name__.lower())
def dialect(request):
    return request.param


def ask(gateway, dialect, text="Say hello.", stream=True, **more):
    path, body = dialect.request(text, stream, **more)
    return call(gateway, "POST", path, body, dialect.headers)


def test_p15_streamed_parallel_calls_stay_apart(gateway, simulator):
    """By index, as OpenAI's own accumulators take them."""
    function = {"name": "f", "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}}}
    calls = [{"functionCall": {"name": "f", "args": {"n": n}}} for n in range(3)]
    simulator.script("TASK-THREE", [{"parts": calls}])
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key=TOKEN, max_retries=0)
    chunks = client.chat.completions.create(
        model=THIRD, messages=[{"role": "user", "content": "TASK-THREE"}], tools=[{"type": "function", "function": function}], stream=True
    )
    made, finish = {}, None
    for chunk in chunks:
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            for delta in choice.delta.tool_calls or []:
                one = made.setdefault(delta.index, {"arguments": "", "ids": set()})
                one["arguments"] += delta.function.arguments or ""
                one["ids"] |= {delta.id} - {None}
    assert [json.loads(made[i]["arguments"]) for i in range(3)] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert len(set().union(*(one["ids"] for one in made.values()))) == 3
    assert finish == "tool_calls", "p21: not stop"


def test_p26_a_stream_is_not_held_back(servers, dialect):
    """The upstream says the rest only once the client has read the beginning."""
    read = threading.Event()

    def respond(exchange):
        exchange.begin_stream()
        exchange.event(text_chunk("Beginning"))
        assert read.wait(20)
        exchange.event(text_chunk(" and end.", "STOP"))
        exchange.end_stream()

    gateway = servers.gateway(servers.upstream(respond))
    path, body = dialect.request("Go on.", True)
    body = json.dumps(body)
    head = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", "Content-Type: application/json"]
    head += [f"{name}: {value}" for name, value in dialect.headers.items()]
    with Raw(gateway) as raw:
        raw.send("\r\n".join([*head, "", body])).read_until(b"Beginning")
        read.set()
        raw.read_until(b" and end.")


@pytest.mark.parametrize("fault", ["error-event", "bare-error", "torn", "reset", "no-reason"])
def test_p28_p29_p31_what_breaks_off_ends_in_an_error_in_whole_chunks(gateway, simulator, dialect, fault):
    simulator.fault(fault)
    answer = ask(gateway, dialect, "A long story.")  # reading fails when the chunked coding is torn
    if answer.status == 200:
        assert dialect.failed(answer.text) and not dialect.complete(answer.text), answer
    else:
        assert answer.status >= 500 and "error" in answer.json, answer


def test_p29_a_last_frame_without_its_newline_counts(servers, dialect):
    def respond(exchange):
        exchange.begin_stream()
        exchange.event(text_chunk("All of"))
        exchange.chunk("data: " + json.dumps(text_chunk(" it.", "STOP")))
        exchange.end_stream()

    answer = ask(servers.gateway(servers.upstream(respond)), dialect)
    assert dialect.text(answer.text) == "All of it." and dialect.complete(answer.text), answer


def test_p33_a_long_think_has_a_heartbeat(servers, dialect):
    """The upstream is silent until the client has seen three of them."""
    beats, enough = [], threading.Event()

    def respond(exchange):
        exchange.begin_stream()
        exchange.event(text_chunk("Well"))
        assert enough.wait(60)
        exchange.event(text_chunk(", yes.", "STOP"))
        exchange.end_stream()

    gateway = servers.gateway(servers.upstream(respond), WASAT_HEARTBEAT="50ms")
    path, body = dialect.request("Think.", True)
    body = json.dumps(body)
    head = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", "Content-Type: application/json"]
    head += [f"{name}: {value}" for name, value in dialect.headers.items()]
    with Raw(gateway, timeout=30) as raw:
        raw.send("\r\n".join([*head, "", body])).read_until(b"Well")
        while len(beats) < 3:
            size = len(raw.buffer)
            beats.append(raw.socket.recv(65536))
            assert beats[-1], "closed in silence"
            raw.buffer = raw.buffer[:size] + beats[-1]
        enough.set()
        raw.read_until(b", yes.")
        raw.read_until(b"0\r\n\r\n")


@pytest.mark.parametrize("wanted", [True, False])
def test_p35_usage_comes_with_a_stream_that_wants_it(gateway, wanted):
    path, body = Chat.request("Say hello.", True, stream_options={"include_usage": wanted})
    answer = call(gateway, "POST", path, body, Chat.headers)
    events = Chat.events(answer.text)
    told = [event["usage"] for event in events if event.get("usage")]
    if wanted:
        assert len(told) == 1 and events[-1]["choices"] == []
        assert told[0]["total_tokens"] == told[0]["prompt_tokens"] + told[0]["completion_tokens"] > 0
    else:
        assert not told and all(event["choices"] for event in events)


def test_p36_a_large_picture_in_one_event(servers, dialect):
    """It arrives whole, and costs a bounded multiple of its size."""
    mebibytes = 8 if PRESET in ("asan", "tsan") else 24
    data = base64.b64encode(bytes(range(256)) * (mebibytes * 4096 * 3 // 4)).decode()
    chunk = json.loads(json.dumps(CHUNK))
    chunk["candidates"][0] |= {"content": {"role": "model", "parts": [{"inlineData": {"mimeType": "image/png", "data": data}}]}, "finishReason": "STOP"}

    gateway = servers.gateway(servers.upstream(lambda exchange: exchange.stream([chunk])))
    before = gateway.resident_kib()
    answer = ask(gateway, dialect, model="gemini-2.5-flash-image")
    assert answer.status == 200 and dialect.complete(answer.text), answer
    assert data in answer.text
    if PRESET not in ("asan", "tsan"):
        assert gateway.resident_kib() - before < 6 * mebibytes * 1024


@pytest.mark.parametrize("stream", [True, False])
def test_p37_an_empty_answer_is_asked_for_elsewhere(servers, dialect, stream):
    answers = []

    def respond(exchange):
        answers.append(exchange.key)
        empty = len(answers) == 1
        if stream:
            exchange.stream([] if empty else [text_chunk("Hello there.", "STOP")])
        else:
            exchange.json(200, {} if empty else ANSWER)

    answer = ask(servers.gateway(servers.upstream(respond)), dialect, stream=stream)
    assert answer.status == 200 and "Hello there." in answer.text, answer
    assert len(answers) == 2 and answers[0] != answers[1]


def test_p56_cached_tokens_are_told(gateway, simulator, dialect):
    simulator.script("TASK-CACHED", [{"cachedTokens": 3, "parts": [{"text": "Known already."}]}])
    assert dialect.cached(ask(gateway, dialect, "TASK-CACHED, please, as before.", stream=False).json) == 3
