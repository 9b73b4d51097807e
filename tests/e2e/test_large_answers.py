"""Large answers that are no streams: passed on as they come, never held, never half of one."""

import asyncio
import hashlib
import http.client
import json
import re
import threading

import pytest
from harness import MODEL, PRESET, SLOW, TOKEN, Raw, call, chat, generate, native_body, poll, reset
from nodes import node
from test_ledger import requests, sums
from test_relay import ask, run
from test_relay import start as start_relay
from upstream import ANSWER

MIB = 1 << 20
# What a client meets whose answer is cut off.
CUT = (http.client.IncompleteRead, ConnectionResetError)
USAGE = {
    "promptTokenCount": 7,
    "candidatesTokenCount": 1290,
    "totalTokenCount": 1297,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
}


def picture(mib, between=""):
    """An answer as Google writes it; `between` stands in the middle of what is large."""
    part = {"inlineData": {"mimeType": "image/png", "data": "@"}, "thoughtSignature": "c2ln"}
    candidate = {"content": {"parts": [part], "role": "model"}, "finishReason": "STOP", "index": 0}
    text = json.dumps({"candidates": [candidate], "usageMetadata": USAGE}, indent=2)
    half = "iVBORw0K" * (mib * MIB // 16)
    return text.replace("@", half + between + half).encode()


def whole(exchange, body):
    exchange.send(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    exchange.send(body)


def chunked(exchange, body):
    exchange.send(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    for at in range(0, len(body), 100_000):
        exchange.chunk(body[at : at + 100_000])
    exchange.end_stream()


def assert_is(answer, body):
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert len(answer.body) == len(body)
    assert hashlib.sha256(answer.body).digest() == hashlib.sha256(body).digest()


def record_of(gateway, **wanted):
    def found():
        return [
            record
            for record in gateway.log_records()
            if record.get("method") == "generateContent" and wanted.items() <= record.items()
        ]

    return poll("the line in the log", found)[-1]


def warm_up(gateway):
    """What serving needs once is not the answer's."""
    for _ in range(8):
        generate(gateway)
    return gateway.resident_kib()


def assert_not_held(gateway, before):
    # The sanitizers' allocators keep what was freed.
    if PRESET in ("release", "debug"):
        assert gateway.peak_kib() - before < 32 * 1024


@pytest.mark.parametrize("send", [whole, chunked])
def test_it_passes_as_it_is_and_is_counted(servers, send):
    body = picture(64)
    small = [True]

    def respond(exchange):
        if small[0]:
            return exchange.json(200, ANSWER)
        send(exchange, body)

    gateway = servers.gateway(servers.upstream(respond), TOKENS_LIMITS='{"log_bodies": true}')
    before = warm_up(gateway)
    small[0] = False
    assert_is(generate(gateway), body)
    assert_not_held(gateway, before)
    record = record_of(gateway, outcome="ok", finish_reason="STOP", bytes_out=len(body))
    assert (record["prompt_tokens"], record["output_tokens"]) == (7, 1290)
    assert record["attempts"] == 1 and record["status"] == 200
    assert record["first_byte_us"] < record["duration_us"]
    poll("the entry", lambda: requests(gateway) == 9)
    assert sums(gateway)[""][2] == 8 * 3 + 7


def test_a_small_one_comes_at_once(servers):
    gateway = servers.gateway(servers.upstream(lambda exchange: whole(exchange, picture(3))))
    answer = generate(gateway)
    assert_is(answer, picture(3))
    assert answer.headers["content-length"] == str(len(picture(3)))


@pytest.mark.parametrize("method", ["countTokens", "embedContent"])
def test_answers_that_no_model_wrote(servers, method):
    body = json.dumps({"embedding": {"values": [0.125] * (1 << 20)}, "totalTokens": 3}).encode()
    gateway = servers.gateway(servers.upstream(lambda exchange: whole(exchange, body)))
    assert_is(generate(gateway, method=method), body)


def test_a_relay_nodes(servers):
    body = picture(64)
    relay = start_relay(servers)

    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            for large in (False, True):
                answer = ask(generate, relay)
                request = await one.asked()
                if not large:
                    await one.answer(request)
                    await answer
                    before = relay.resident_kib()
                    continue
                head = f'{{"id":"{request["id"]}","success":true,"payload":'
                await one.say(head + body.decode() + "}")
                assert_is(await answer, body)
            assert_not_held(relay, before)
            # Its connection goes on.
            answer = ask(generate, relay)
            await one.answer(await one.asked())
            assert (await answer).status == 200

    run(session())
    record = record_of(relay, outcome="ok", bytes_out=len(body))
    assert (record["prompt_tokens"], record["output_tokens"]) == (7, 1290)


def received(relay):
    page = call(relay, "GET", "/metrics").text
    return int(re.search(r'wasat_relay_bytes_total\{direction="down"\} (\d+)', page)[1])


def test_a_relay_nodes_that_breaks_off(servers):
    body = picture(16).decode()
    relay = start_relay(servers)

    async def session():
        async with node(relay) as one:
            await one.until_counted(1)
            answer = ask(generate, relay)
            request = await one.asked()

            async def fragments():
                yield f'{{"id":"{request["id"]}","success":true,"payload":'
                yield body[: 10 * MIB]
                await asyncio.sleep(3600)

            sending = asyncio.create_task(one.ws.send(fragments()))
            await asyncio.to_thread(poll, "some of it", lambda: received(relay) > 9 * MIB)
            await one.vanish()
            sending.cancel()
            with pytest.raises(CUT):
                await answer

    run(session())
    assert record_of(relay, status=200)["outcome"] != "ok"


def broken(gateway, upstream):
    with pytest.raises(CUT):
        generate(gateway)
    assert len(upstream.requests) == 1
    return record_of(gateway, status=200)


def test_one_that_breaks_off_is_cut_and_not_completed(servers):
    body = picture(16)

    def respond(exchange):
        exchange.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            % len(body)
        )
        exchange.send(body[: 9 * MIB])
        exchange.close()

    upstream = servers.upstream(respond)
    record = broken(servers.gateway(upstream), upstream)
    assert record["outcome"] == "upstream_failed" and "closed" in record["error"]


@pytest.mark.parametrize(
    "body",
    [picture(16, between='"'), picture(16, between="\n"), picture(16)[:-3], picture(16) + b"{}"],
    ids=["a quote", "a control character", "no end", "something behind it"],
)
def test_one_that_is_no_json_is_cut_and_not_completed(servers, body):
    upstream = servers.upstream(lambda exchange: whole(exchange, body))
    record = broken(servers.gateway(upstream), upstream)
    assert record["outcome"] == "upstream_failed" and "not valid JSON" in record["error"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"code": 503, "status": "UNAVAILABLE", "message": "' + b"x" * (8 * MIB) + b'"}}',
        b"<html>" + b"x" * (8 * MIB),
        b"[1, 2" + b" " * (4 * MIB) + b"]]",
    ],
    ids=["an error", "no JSON", "no JSON later"],
)
def test_what_shows_at_its_beginning_leads_to_another_credential(servers, body):
    def respond(exchange):
        if len(upstream.requests) == 1:
            whole(exchange, body)
        else:
            exchange.json(200, ANSWER)

    upstream = servers.upstream(respond)
    answer = generate(servers.gateway(upstream))
    assert answer.status == 200 and answer.json == ANSWER
    assert len({request.key for request in upstream.requests}) == 2


def test_a_client_that_does_not_read_holds_its_upstream_back(servers):
    body = picture(64)
    left = threading.Event()

    def respond(exchange):
        if b"Warm" in exchange.body:
            return exchange.json(200, ANSWER)
        try:
            whole(exchange, body)
        except OSError:
            left.set()

    gateway = servers.gateway(servers.upstream(respond))
    generate(gateway, "Warm up.")
    before = gateway.resident_kib()
    request = json.dumps(native_body())
    raw = Raw(gateway).send(
        f"POST /v1beta/models/{MODEL}:generateContent HTTP/1.1\r\nHost: x\r\n"
        f"x-goog-api-key: {TOKEN}\r\nContent-Length: {len(request)}\r\n\r\n{request}"
    )
    raw.read_until(b"iVBORw0K")
    reset(raw.socket)
    assert left.wait(20 * SLOW), "the upstream was read to the end, or not given up"
    assert_not_held(gateway, before)
    assert record_of(gateway, status=200, attempts=1)


def test_other_dialects_get_it_translated(servers):
    text = "w" * (6 * MIB)
    answer = dict(ANSWER)
    answer["candidates"] = [
        {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP", "index": 0}
    ]
    gateway = servers.gateway(servers.upstream(lambda exchange: exchange.json(200, answer)))
    assert chat(gateway).json["choices"][0]["message"]["content"] == text
