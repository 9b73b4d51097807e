"""Images that a request names by URL."""

import base64
import json
import threading
import time

import pytest
from harness import SLOW, TOKEN, Raw, call, is_openai_error
from test_failover import posts
from test_streams import request_bytes

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJg"
    "gg=="
)


def send_image(exchange, body=PNG, content_type="image/png"):
    exchange.send(
        f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    exchange.send(body)


def chat_about(url):
    return {
        "model": "gemini-2.5-flash",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": url}},
                ],
            }
        ],
    }


def ask(gateway, url):
    return call(gateway, "POST", "/v1/chat/completions", chat_about(url), token=TOKEN)


def test_an_image_url_is_fetched_and_sent_inline(servers):
    web = servers.upstream(send_image)
    upstream = servers.upstream()
    gateway = servers.gateway(upstream, FETCH_ALLOW="127.0.0.1/32")
    answer = ask(gateway, f"{web.url}/a.png?size=1#x")
    assert answer.status == 200, answer
    parts = json.loads(posts(upstream)[0].body)["contents"][0]["parts"]
    assert {"mimeType": "image/png", "data": base64.b64encode(PNG).decode()} in [
        part.get("inlineData") for part in parts
    ]
    assert web.requests[0].target == "/a.png?size=1"
    # Nothing of ours or the client's goes there.
    assert not {"authorization", "x-goog-api-key", "cookie"} & set(web.requests[0].headers)


def test_P68_private_addresses_are_refused(servers):
    web = servers.upstream(send_image)
    upstream = servers.upstream()
    gateway = servers.gateway(upstream)
    for url in (
        web.url,
        f"http://localhost:{web.port}/",
        f"http://[::ffff:127.0.0.1]:{web.port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://user:secret@example.com/",
        "file:///etc/passwd",
    ):
        answer = ask(gateway, url)
        assert answer.status == 400 and is_openai_error(answer), (url, answer)
        assert "secret" not in answer.text and "/latest" not in answer.text
    assert not web.requests and not posts(upstream)


def test_P68_a_redirect_into_a_private_network_is_refused(servers):
    inner = servers.upstream(send_image)
    # 127.0.0.1 is allowed, 127.0.0.2 is not: the same machine, another address.
    target = inner.url.replace("127.0.0.1", "127.0.0.2")
    web = servers.upstream(
        lambda exchange: exchange.send(
            f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
        )
    )
    upstream = servers.upstream()
    gateway = servers.gateway(upstream, FETCH_ALLOW="127.0.0.1")
    answer = ask(gateway, web.url)
    assert answer.status == 400 and "no public network" in answer.text, answer
    assert not inner.requests and not posts(upstream)


def test_fetching_can_be_switched_off(servers):
    web = servers.upstream(send_image)
    gateway = servers.gateway(servers.upstream(), FETCH_URLS="false", FETCH_ALLOW="127.0.0.1")
    answer = ask(gateway, web.url)
    assert answer.status == 400 and "FETCH_URLS" in answer.text, answer
    assert not web.requests


def test_P34_a_client_that_leaves_cancels_what_is_being_fetched(servers):
    arrived, left = threading.Event(), []

    def respond(exchange):
        arrived.set()
        left.append(exchange.wait_for_peer_to_leave(20 * SLOW))

    web, upstream = servers.upstream(respond), servers.upstream()
    gateway = servers.gateway(upstream, FETCH_ALLOW="127.0.0.1")
    with Raw(gateway) as raw:
        raw.send(request_bytes("/v1/chat/completions", chat_about(web.url)))
        assert arrived.wait(10 * SLOW)
    gone = time.monotonic()
    gateway.stop()
    assert left and left[0] is not None and left[0] - gone < 3 * SLOW
    assert not posts(upstream)
