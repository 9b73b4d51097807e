"""Malformed and hostile HTTP, byte by byte. The upstream must hear nothing of it."""

import gzip
import json
import socket
import time

import pytest
from harness import MODEL, SLOW, TOKEN, Raw, call, chat, chat_body, is_openai_error, poll

PATH = f"/v1beta/models/{MODEL}:generateContent"
AUTH = f"x-goog-api-key: {TOKEN}\r\n"
BODY = '{"contents":[{"parts":[{"text":"hi"}]}]}'
N = len(BODY)


def post(headers, body=BODY, line=f"POST {PATH} HTTP/1.1", host="Host: localhost\r\n"):
    return f"{line}\r\n{host}{AUTH}Content-Type: application/json\r\n{headers}\r\n{body}"


CHUNKED = "Transfer-Encoding: chunked\r\n"
CHUNKS = f"{N:x}\r\n{BODY}\r\n0\r\n\r\n"

# name -> bytes that must be refused with one of these statuses, and the connection closed
REFUSED = {
    "two lengths that differ": (post(f"Content-Length: {N}\r\nContent-Length: {N + 1}\r\n"), {400}),
    "two lengths in one field": (post(f"Content-Length: {N}, {N + 1}\r\n"), {400}),
    "length with a sign": (post(f"Content-Length: +{N}\r\n"), {400}),
    "negative length": (post("Content-Length: -1\r\n"), {400}),
    "hexadecimal length": (post("Content-Length: 0x10\r\n"), {400}),
    "length that overflows": (post("Content-Length: 99999999999999999999999\r\n"), {400, 413}),
    "empty length": (post("Content-Length: \r\n"), {400}),
    "length and chunked": (post(f"Content-Length: {N}\r\n{CHUNKED}", CHUNKS), {400}),
    "chunked and length": (post(f"{CHUNKED}Content-Length: 4\r\n", CHUNKS), {400}),
    "chunked twice": (post(CHUNKED + CHUNKED, CHUNKS), {400, 501}),
    "chunked is not last": (post("Transfer-Encoding: chunked, gzip\r\n", CHUNKS), {400, 501}),
    "unknown transfer coding": (post("Transfer-Encoding: cow\r\n", CHUNKS), {400, 501}),
    "chunked behind a tab": (post("Transfer-Encoding:\x0bchunked\r\n", CHUNKS), {400, 501}),
    "identity and length": (post(f"Transfer-Encoding: identity\r\nContent-Length: {N}\r\n"), {400, 501}),
    "transfer coding in HTTP/1.0": (post(CHUNKED, CHUNKS, f"POST {PATH} HTTP/1.0"), {400}),
    "chunk size no number": (post(CHUNKED, "zz\r\n" + BODY), {400}),
    "chunk size with a sign": (post(CHUNKED, f"+{N:x}\r\n{BODY}\r\n0\r\n\r\n"), {400}),
    "chunk size with 0x": (post(CHUNKED, f"0x{N:x}\r\n{BODY}\r\n0\r\n\r\n"), {400}),
    "chunk size that overflows": (post(CHUNKED, "f" * 17 + "\r\n" + BODY), {400, 413}),
    "empty chunk size": (post(CHUNKED, f"\r\n{BODY}\r\n0\r\n\r\n"), {400}),
    "chunk without its end": (post(CHUNKED, f"{N:x}\r\n{BODY}XX0\r\n\r\n"), {400}),
    "bare LF behind a chunk size": (post(CHUNKED, f"{N:x}\n{BODY}\r\n0\r\n\r\n"), {400}),
    "bare LF behind the request line": (
        f"POST {PATH} HTTP/1.1\nHost: localhost\r\n{AUTH}Content-Length: {N}\r\n\r\n{BODY}",
        {400},
    ),
    "bare LF behind a header": (post(f"X-A: b\nContent-Length: {N}\r\n"), {400}),
    "bare LF at the end of the head": (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\n{AUTH}Content-Length: {N}\r\n\n{BODY}",
        {400},
    ),
    "bare CR in a value": (post(f"X-A: b\rc\r\nContent-Length: {N}\r\n"), {400}),
    "NUL in a value": (post(f"X-A: b\0c\r\nContent-Length: {N}\r\n"), {400}),
    "folded header": (post(f"X-A: b\r\n c\r\nContent-Length: {N}\r\n"), {400}),
    "folded with a tab": (post(f"X-A: b\r\n\tc\r\nContent-Length: {N}\r\n"), {400}),
    "space before the colon": (post(f"Content-Length : {N}\r\n"), {400}),
    "space in a name": (post(f"X A: b\r\nContent-Length: {N}\r\n"), {400}),
    "empty name": (post(f": b\r\nContent-Length: {N}\r\n"), {400}),
    "header without colon": (post(f"nonsense\r\nContent-Length: {N}\r\n"), {400}),
    "space before the first header": (
        f"POST {PATH} HTTP/1.1\r\n Host: localhost\r\n{AUTH}Content-Length: {N}\r\n\r\n{BODY}",
        {400},
    ),
    "no host": (post(f"Content-Length: {N}\r\n", host=""), {400}),
    "two hosts": (post(f"Host: evil.example\r\nContent-Length: {N}\r\n"), {400}),
    "host with a path": (post(f"Content-Length: {N}\r\n", host="Host: a/b\r\n"), {400}),
    "dot segments": (post(f"Content-Length: {N}\r\n", line="POST /v1beta/../v1beta/models HTTP/1.1"), {400}),
    "encoded dot segments": (
        post(f"Content-Length: {N}\r\n", line="POST /v1beta/%2e%2E/files HTTP/1.1"),
        {400},
    ),
    "NUL in the path": (post(f"Content-Length: {N}\r\n", line="POST /v1beta/%00 HTTP/1.1"), {400, 404}),
    "raw NUL in the path": (post(f"Content-Length: {N}\r\n", line="POST /v1beta/\0 HTTP/1.1"), {400}),
    "space in the path": (post(f"Content-Length: {N}\r\n", line="POST /v1beta/a b HTTP/1.1"), {400}),
    "no path": (post(f"Content-Length: {N}\r\n", line="POST HTTP/1.1"), {400}),
    "lower-case method": (post(f"Content-Length: {N}\r\n", line=f"post {PATH} HTTP/1.1"), {400, 405, 501}),
    "unknown method": (post(f"Content-Length: {N}\r\n", line=f"BREW {PATH} HTTP/1.1"), {400, 405, 501}),
    "HTTP/0.9": ("GET /\r\n\r\n", {400}),
    "HTTP/2 preface": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    "HTTP/3.0": (post(f"Content-Length: {N}\r\n", line=f"POST {PATH} HTTP/3.0"), {400, 505}),
    "no HTTP at all": ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hello\r\n\r\n", {400}),
    "unknown expectation": (post(f"Expect: tea\r\nContent-Length: {N}\r\n"), {417, 400}),
    "head that is too large": (post("X-A: " + "a" * 200_000 + "\r\n"), {400, 431}),
    "too many headers": (post("".join(f"X-{i}: 1\r\n" for i in range(2000))), {400, 431}),
    "target that is too long": (
        post(f"Content-Length: {N}\r\n", line=f"POST /{'a' * 100_000} HTTP/1.1"),
        {400, 414, 431},
    ),
}


@pytest.fixture
def quiet(servers):
    """A gateway, and an upstream that must not be asked to generate anything."""
    upstream = servers.upstream()
    gateway = servers.gateway(upstream)
    yield gateway
    asked = [request for request in upstream.requests if request.method != "GET"]
    assert not asked, [(request.method, request.target) for request in asked]


def test_malformed_requests_are_refused(quiet):
    """All in one test: each is a few packets, and the server must survive them all."""
    wrong = {}
    for name, (data, statuses) in REFUSED.items():
        with Raw(quiet, 5) as raw:
            try:
                # The smuggled request behind it must never be answered.
                raw.send(data + "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n")
            except OSError:
                pass  # refused before everything was sent
            try:
                answer = raw.read_to_end().decode("latin-1")
            except TimeoutError:
                wrong[name] = "neither answered nor closed: " + repr(raw.buffer[:200])
                continue
            status = int(answer.split()[1]) if answer.startswith("HTTP/1.1 ") else 0
            if status not in statuses or answer.count("HTTP/1.1 ") != 1:
                wrong[name] = answer[:300]
    assert not wrong, json.dumps(wrong, indent=1)
    assert call(quiet, "GET", "/livez").status == 200


def test_malformed_requests_byte_by_byte_end_the_same(quiet):
    for name in ("two lengths that differ", "folded header", "bare LF behind a header", "no host"):
        data, statuses = REFUSED[name]
        with Raw(quiet, 10) as raw:
            for byte in data.encode("latin-1"):
                try:
                    raw.send(bytes([byte]))
                except OSError:
                    break
            status = int(raw.read_to_end().split()[1])
            assert status in statuses, (name, status)


ACCEPTED = {
    "chunk extensions": post(CHUNKED, f"{N:x};name=value\r\n{BODY}\r\n0\r\n\r\n"),
    "trailers": post(CHUNKED, f"{N:x}\r\n{BODY}\r\n0\r\nX-Checksum: 1\r\n\r\n"),
    "leading zeros in a chunk size": post(CHUNKED, f"000{N:x}\r\n{BODY}\r\n0\r\n\r\n"),
    "coding in capitals": post("Transfer-Encoding: Chunked\r\n", CHUNKS),
    "empty lines before the request": "\r\n" + post(f"Content-Length: {N}\r\n"),
    "absolute form": post(f"Content-Length: {N}\r\n", line=f"POST http://localhost{PATH} HTTP/1.1"),
    "no space behind a colon": post(f"Content-Length:{N}\r\n"),
    "spaces around a value": post(f"Content-Length:   {N}   \r\n"),
    "bytes above 127 in a value": post(f"X-Name: \xe9\r\nContent-Length: {N}\r\n"),
    "double slashes": post(f"Content-Length: {N}\r\n", line=f"POST //v1beta//models/{MODEL}:generateContent HTTP/1.1"),
    "HTTP/1.0": post(f"Content-Length: {N}\r\n", line=f"POST {PATH} HTTP/1.0"),
}


def test_unusual_but_correct_requests_are_served(servers):
    gateway = servers.gateway(servers.upstream())
    wrong = {}
    for name, data in ACCEPTED.items():
        with Raw(gateway) as raw:
            answer = raw.send(data).read_answer()
            if answer.status != 200:
                wrong[name] = repr(answer)
    assert not wrong, json.dumps(wrong, indent=1)


def test_pipelined_requests_are_answered_in_order(servers):
    gateway = servers.gateway(servers.upstream())
    one = post(f"Content-Length: {N}\r\n")
    two = f"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    three = post(f"Content-Length: {N}\r\n", line="POST /nowhere HTTP/1.1")
    with Raw(gateway) as raw:
        raw.send((one + two + three) * 3)
        assert [raw.read_answer().status for _ in range(9)] == [200, 200, 404] * 3


def test_keep_alive_serves_many_requests_on_one_connection(servers):
    gateway = servers.gateway(servers.upstream())
    with Raw(gateway) as raw:
        for _ in range(20):
            assert raw.send(post(f"Content-Length: {N}\r\n")).read_answer().status == 200
        raw.send(post(f"Connection: close\r\nContent-Length: {N}\r\n"))
        answer = raw.read_answer()
        assert answer.headers["connection"] == "close" and raw.read_to_end() == b""


def test_expect_100_continue(servers):
    gateway = servers.gateway(servers.upstream())
    with Raw(gateway) as raw:
        raw.send(post(f"Expect: 100-continue\r\nContent-Length: {N}\r\n", body=""))
        raw.read_until(b"HTTP/1.1 100 Continue\r\n\r\n")
        raw.buffer = raw.buffer.split(b"\r\n\r\n", 1)[1]
        assert raw.send(BODY).read_answer().status == 200


def test_expect_100_continue_is_refused_before_the_body_is_sent(servers):
    gateway = servers.gateway(servers.upstream())
    with Raw(gateway) as raw:
        raw.send(
            f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            f"Content-Length: {50 << 20}\r\n\r\n"
        )
        assert raw.read_answer().status == 401


def test_an_early_error_is_readable_while_the_body_is_coming(servers):
    """The client goes on sending; closing with RST would destroy the answer."""
    gateway = servers.gateway(servers.upstream())
    with Raw(gateway) as raw:
        raw.send(
            f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {8 << 20}\r\n\r\n"
        )
        piece = b"x" * 65536
        try:
            for _ in range((8 << 20) // len(piece)):
                raw.send(piece)
        except (BrokenPipeError, ConnectionResetError):
            pytest.fail("the connection was reset while the client was sending")
        answer = raw.read_answer()
        assert answer.status == 401 and answer.json["error"]["message"]


def test_a_body_above_its_bound_is_refused(servers):
    gateway = servers.gateway(servers.upstream())
    with Raw(gateway) as raw:
        raw.send(post(f"Content-Length: {600 << 20}\r\n", body=""))
        answer = raw.read_answer()
        assert answer.status == 413 and answer.json["error"]["status"]


def test_head_gets_no_body(servers):
    gateway = servers.gateway(servers.upstream())
    with Raw(gateway) as raw:
        raw.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        raw.read_until(b"\r\n\r\n")
        head, rest = raw.buffer.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200") and rest == b""
        raw.buffer = b""
        answer = raw.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").read_answer()
        assert answer.status == 200


def test_options_answers_cors(gateway):
    asked = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-stainless-os",
    }
    for path in ("/v1/chat/completions", PATH):
        answer = call(gateway, "OPTIONS", path, headers=asked)
        assert answer.status in (200, 204), answer
        assert answer.headers["access-control-allow-origin"] in ("*", "https://app.example")
        assert "POST" in answer.headers["access-control-allow-methods"]
        allowed = answer.headers["access-control-allow-headers"].lower()
        assert allowed == "*" or "authorization" in allowed
    answer = call(gateway, "POST", PATH, json.loads(BODY), {"x-goog-api-key": TOKEN, **asked})
    assert answer.status == 200 and answer.headers["access-control-allow-origin"]
    # An error must be readable for a page as well.
    answer = call(gateway, "POST", PATH, json.loads(BODY), {"Origin": "https://app.example"})
    assert answer.status == 401 and answer.headers["access-control-allow-origin"]


def gzipped(content):
    return gzip.compress(content if isinstance(content, bytes) else json.dumps(content).encode())


def test_gzip_bodies_are_undone(servers):
    upstream = servers.upstream()
    gateway = servers.gateway(upstream)
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    body = gzipped(chat_body("compressed hello"))
    answer = call(gateway, "POST", "/v1/chat/completions", body, headers, TOKEN)
    assert answer.status == 200, answer
    assert b"compressed hello" in upstream.requests[-1].body
    assert "content-encoding" not in upstream.requests[-1].headers


def test_other_codings_are_refused(quiet):
    for coding, body in (
        ("br", b"whatever"),
        ("gzip, gzip", gzipped(gzipped(chat_body()))),
        ("gzip", b"this is no gzip"),
        ("gzip", gzipped(chat_body())[:-9]),
    ):
        headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
        answer = call(quiet, "POST", "/v1/chat/completions", body, headers, TOKEN)
        assert answer.status in (400, 415) and is_openai_error(answer), (coding, answer)


def test_a_gzip_bomb_is_bounded_and_needs_a_token(quiet):
    bomb = gzip.compress(b"[" * (1 << 30), 1)  # 1 GiB of one byte in about 4 MiB
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    before = quiet.resident_kib()
    answer = call(quiet, "POST", "/v1/chat/completions", bomb, headers, token="sk-nobody")
    assert answer.status == 401
    assert quiet.resident_kib() - before < 32 << 10
    answer = call(quiet, "POST", "/v1/chat/completions", bomb, headers, TOKEN, timeout=60)
    assert answer.status in (400, 413) and is_openai_error(answer), answer
    assert quiet.resident_kib() - before < 700 << 10


def test_slow_heads_are_cut_off(servers):
    """Slowloris: a head that never ends, one header at a time."""
    gateway = servers.gateway(servers.upstream(), WASAT_HEAD_TIMEOUT="1")
    with Raw(gateway, 20) as raw:
        raw.send("GET / HTTP/1.1\r\nHost: localhost\r\n")
        started = time.monotonic()
        try:
            raw.socket.settimeout(0.2)
            while time.monotonic() - started < 15 * SLOW:
                try:
                    if raw.socket.recv(65536) == b"":
                        break
                except TimeoutError:
                    raw.send("X-Slow: 1\r\n")
        except OSError:
            pass
        assert time.monotonic() - started < 6 * SLOW


def test_slow_bodies_are_cut_off(servers):
    gateway = servers.gateway(servers.upstream(), WASAT_BODY_TIMEOUT="1")
    with Raw(gateway, 20) as raw:
        raw.send(post("Content-Length: 100000\r\n", body='{"contents":'))
        answer = raw.read_to_end()
        assert answer == b"" or answer.split()[1] in (b"408", b"400", b"504")


def test_half_open_and_silent_connections_do_not_keep_others_out(servers):
    gateway = servers.gateway(servers.upstream())
    silent = [Raw(gateway) for _ in range(200)]
    half = [Raw(gateway).send("POST /v1/chat/completions HTTP/1.1\r\nHo") for _ in range(200)]
    assert chat(gateway).status == 200
    for raw in silent + half:
        raw.close()


def test_running_out_of_descriptors_is_survived(servers):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (96, hard))
    try:
        gateway = servers.gateway(servers.upstream())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    # The server may raise its own soft limit; then there is nothing to see here.
    held = []
    for _ in range(200):
        held.append(socket.create_connection((gateway.host, gateway.port), timeout=5))
    for connection in held:
        connection.close()
    poll("service again", lambda: call(gateway, "GET", "/livez").status == 200)
    assert chat(gateway).status == 200
