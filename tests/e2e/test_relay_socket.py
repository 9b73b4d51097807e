"""The nodes' door as RFC 6455 has it, frame by frame, and what strangers cost at it."""

import base64
import concurrent.futures
import json
import os
import socket
import struct
import time

import pytest
from harness import PRESET, SLOW, Raw, call, generate, poll
from nodes import NODE_TOKEN, whole

TEXT, BINARY, CLOSE, PING, PONG, MORE = 1, 2, 8, 9, 10, 0


def frame(opcode, payload=b"", last=True, reserved=0, mask=b"\x11\x22\x33\x44", form=None):
    """`form`: how many bytes the length takes; None: as few as can be."""
    n = len(payload)
    form = form if form is not None else 0 if n < 126 else 2 if n < 1 << 16 else 8
    head = bytes([last << 7 | reserved << 4 | opcode])
    head += bytes([bool(mask) << 7 | (n if form == 0 else 126 if form == 2 else 127)])
    head += n.to_bytes(form, "big") if form else b""
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if mask else payload
    return head + (mask or b"") + masked


def close_frame(code=None, reason=b""):
    return frame(CLOSE, (b"" if code is None else struct.pack("!H", code)) + reason)


class Peer(Raw):
    """A node that writes its frames itself."""

    def __init__(self, server, token=NODE_TOKEN, path="/ws"):
        super().__init__(server)
        key = base64.b64encode(os.urandom(16)).decode()
        query = f"?token={token}" if token else ""
        self.send(
            f"GET {path}{query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        )
        head = self.read_until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        self.buffer = head.split(b"\r\n\r\n", 1)[1]

    def take(self, n):
        while len(self.buffer) < n:
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError
            self.buffer += piece
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def frame(self):
        """(opcode, last, payload)"""
        first, length = self.take(2)
        assert length < 128, "a server does not mask"
        if length > 125:
            length = int.from_bytes(self.take(2 if length == 126 else 8), "big")
        return first & 15, first >> 7, self.take(length)

    def until(self, opcode):
        while True:
            kind, _, payload = self.frame()
            if kind == opcode:
                return payload
            assert kind != CLOSE, payload

    def close_code(self):
        """Of the close frame that comes; None: it had no code."""
        payload = self.until(CLOSE)
        return struct.unpack("!H", payload[:2])[0] if payload else None

    def ended(self):
        """Nothing follows."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def message(self):
        text = b""
        while True:
            opcode, last, payload = self.frame()
            if opcode > BINARY:
                continue
            text += payload
            if last:
                message = json.loads(text)
                if message.get("type") != "cluster_sync":
                    return message
                text = b""


@pytest.fixture
def relay(servers):
    return servers.gateway(
        "http://127.0.0.1:9",
        GEMINI_API_KEYS=None,
        RELAY_TOKENS=NODE_TOKEN,
        RELAY_MAX_MESSAGE="1MiB",
        RELAY_MAX_MESSAGES="100000",
    )


ALIVE = {
    "an empty message": frame(TEXT),
    "fragments, some of them empty": frame(TEXT, b"[", False) + frame(MORE, b"", False) + frame(MORE, b"]"),
    "a ping between fragments": frame(TEXT, b"[", False) + frame(PING, b"x") + frame(MORE, b"]"),
    "a pong that nobody asked for": frame(PONG, b"x"),
    "a pong between fragments": frame(TEXT, b"[", False) + frame(PONG) + frame(MORE, b"]"),
    "the longest ping": frame(PING, b"x" * 125),
    "a mask of zeros": frame(TEXT, b"{}", mask=b"\0\0\0\0"),
    "a length of two bytes": frame(TEXT, b'"' + b"x" * 200 + b'"'),
    "a length of eight bytes": frame(TEXT, b'"' + b"x" * 70_000 + b'"'),
    "a character over two fragments": frame(TEXT, b'"\xe2\x82', False) + frame(MORE, b'\xac"'),
    "a character around a ping": frame(TEXT, b'"\xf0\x9f', False) + frame(PING) + frame(MORE, b'\x98\x80"'),
    "the last character": frame(TEXT, b'"\xf4\x8f\xbf\xbf"'),
    "a message of bytes": frame(BINARY, b"\xff\0"),
    "a message of bytes in fragments": frame(BINARY, b"\xff", False) + frame(MORE, b"\xfe"),
    "a message of the greatest length": frame(TEXT, b'"' + b"x" * ((1 << 20) - 2) + b'"'),
}

CLOSED = {
    "no mask": (frame(TEXT, b"{}", mask=None), 1002),
    "a control frame without a mask": (frame(PING, b"x", mask=None), 1002),
    **{f"reserved bit {bit}": (frame(TEXT, b"{}", reserved=1 << 3 - bit), 1002) for bit in (1, 2, 3)},
    "a reserved bit in a control frame": (frame(PING, b"", reserved=4), 1002),
    **{f"opcode {code}": (frame(code, b"x"), 1002) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "a fragmented ping": (frame(PING, b"x", False), 1002),
    "a fragmented close": (frame(CLOSE, b"\x03\xe8", False), 1002),
    "a ping that is too long": (frame(PING, b"x" * 126), 1002),
    "a close that is too long": (frame(CLOSE, b"\x03\xe8" + b"x" * 124), 1002),
    "a continuation of nothing": (frame(MORE, b"x"), 1002),
    "a continuation behind a whole message": (frame(TEXT, b"{}") + frame(MORE, b"x"), 1002),
    "a message within a message": (frame(TEXT, b"{", False) + frame(TEXT, b"}"), 1002),
    "two bytes for a short length": (frame(TEXT, b"{}", form=2), 1002),
    "eight bytes for a short length": (frame(TEXT, b"{}", form=8), 1002),
    "eight bytes for a length of two": (frame(TEXT, b"x" * 300, form=8), 1002),
    "a negative length": (b"\x81\xff" + b"\xff" * 8 + b"\0\0\0\0", 1002),
    "half a close code": (frame(CLOSE, b"\x03"), 1002),
    **{
        f"close code {code}": (close_frame(code), 1002)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
    "a close whose reason is no text": (close_frame(1000, b"\xff"), 1007),
    "a byte that begins nothing": (frame(TEXT, b'"\x80"'), 1007),
    "a character that ends too early": (frame(TEXT, b'"\xe2\x82"'), 1007),
    "a message that ends within a character": (frame(TEXT, b'"\xe2\x82'), 1007),
    "a character that is longer than it needs": (frame(TEXT, b'"\xc0\xaf"'), 1007),
    "half a surrogate pair": (frame(TEXT, b'"\xed\xa0\x80"'), 1007),
    "beyond the last character": (frame(TEXT, b'"\xf4\x90\x80\x80"'), 1007),
    "no text in a later fragment": (frame(TEXT, b'"', False) + frame(MORE, b'\xff"'), 1007),
    "no text, known before the message ends": (frame(TEXT, b'"\xff', False), 1007),
    "a frame that is too long": (b"\x81\xff" + struct.pack("!Q", (1 << 20) + 1) + b"\0\0\0\0", 1009),
    "a message that is too long": (
        frame(TEXT, b"x" * (1 << 20), False) + frame(MORE, b"x"),
        1009,
    ),
}


CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999]


def survives(relay, bytes_, singly=False):
    with Peer(relay) as peer:
        peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (bytes([byte]) for byte in bytes_) if singly else [bytes_]:
            peer.send(piece)
        peer.send(frame(PING, b"still here"))
        while peer.until(PONG) != b"still here":
            pass
        peer.send(close_frame(1000))
        return peer.close_code() == 1000 and peer.ended()


def closed_with(relay, bytes_):
    with Peer(relay) as peer:
        peer.send(bytes_)
        code = peer.close_code()
        assert peer.ended()
        return code


def test_what_is_right_is_taken(relay):
    assert {name: survives(relay, right) for name, right in ALIVE.items()} == dict.fromkeys(ALIVE, True)


def test_what_is_right_is_taken_byte_by_byte(relay):
    short = {name: right for name, right in ALIVE.items() if len(right) < 300}
    assert {name: survives(relay, right, True) for name, right in short.items()} == dict.fromkeys(short, True)


def test_what_is_wrong_is_told_by_its_code(relay):
    told = {name: closed_with(relay, wrong) for name, (wrong, _) in CLOSED.items()}
    assert told == {name: code for name, (_, code) in CLOSED.items()}


def test_a_close_is_answered_with_its_code(relay):
    behind = frame(TEXT, b"what follows is not read")
    told = {code: closed_with(relay, close_frame(code, "tschüß".encode()) + behind) for code in CODES}
    assert told == {code: code for code in CODES}
    assert closed_with(relay, close_frame()) is None
    assert closed_with(relay, frame(TEXT, b"{", False) + close_frame(1001)) == 1001


def test_an_answer_in_fragments_with_pings_between(relay):
    with Peer(relay) as peer:
        poll("the node", lambda: call(relay, "GET", "/").json["nodes"] == 1)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            answer = pool.submit(generate, relay)
            request = peer.message()
            text = json.dumps({"id": request["id"], "success": True, "payload": whole("Grüße 😀")}, ensure_ascii=False)
            for i, byte in enumerate(text.encode()):
                piece = frame(MORE if i else TEXT, bytes([byte]), False)
                peer.send(piece + frame(PING, b"%d" % i))
            peer.send(frame(MORE))
            assert answer.result().json == whole("Grüße 😀")


def test_a_message_of_bytes_says_nothing(relay):
    with Peer(relay) as peer:
        poll("the node", lambda: call(relay, "GET", "/").json["nodes"] == 1)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            answer = pool.submit(generate, relay)
            request = peer.message()
            # Longer than what is read as a whole, and no UTF-8: it would go to the client.
            text = json.dumps({"id": request["id"], "success": True, "payload": whole("x" * 300_000)})
            peer.send(frame(BINARY, text.encode().replace(b"xxxxx", b"xx\xffxx")))
            text = json.dumps({"id": request["id"], "success": True, "payload": whole("heard")})
            peer.send(frame(BINARY, text.encode()[:50], False) + frame(MORE, text.encode()[50:]))
            text = json.dumps({"id": request["id"], "success": True, "payload": whole("told")})
            peer.send(frame(TEXT, text.encode()))
            assert answer.result().json == whole("told")


def test_pings_of_one_that_does_not_read_cost_nothing(relay):
    assert survives(relay, frame(PING, b"x"))
    before = relay.resident_kib()
    with Peer(relay) as peer:
        for _ in range(2000):
            peer.send(frame(PING, b"x" * 125) * 50)
        peer.send(frame(PING, b"the last one"))
        while peer.until(PONG) != b"the last one":
            pass
    if PRESET in ("release", "debug"):
        assert relay.resident_kib() - before < 2048


# --- before a node is known --------------------------------------------------------------


def test_a_silent_stranger_is_gone_at_once(relay):
    started = time.monotonic()
    with Peer(relay, token=None) as peer:
        assert peer.close_code() == 1008
        # It never answers the close.
        assert peer.ended() and time.monotonic() - started < 5 * SLOW
    assert call(relay, "GET", "/").json["nodes"] == 0


def test_what_a_stranger_sends_is_dropped(relay):
    assert survives(relay, frame(TEXT, b"x" * 60_000))
    with Peer(relay, token="wrong") as peer:
        assert peer.close_code() == 1008
    before = relay.resident_kib()
    started = time.monotonic()
    with Peer(relay, token="wrong") as peer:
        sent = 0
        piece = frame(TEXT, b"x" * 60_000)
        try:
            while time.monotonic() - started < 5 * SLOW:
                peer.send(piece)
                sent += len(piece)
        except OSError:
            pass
        assert time.monotonic() - started < 5 * SLOW, "it may go on for ever"
    assert sent > 0
    if PRESET in ("release", "debug"):
        assert relay.resident_kib() - before < 2048
    assert call(relay, "GET", "/").status == 200
