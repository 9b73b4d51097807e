"""An upstream whose every byte a test decides.

    def respond(exchange):
        exchange.json(200, {...})

    with Upstream(respond) as upstream: ...

respond() runs on the connection's own thread, once per request.
"""

import json
import socket
import ssl
import threading
import time

CHUNK = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "Hello"}]}, "index": 0}],
    "usageMetadata": {"promptTokenCount": 3, "totalTokenCount": 3},
    "modelVersion": "gemini-2.5-flash",
    "responseId": "e2e",
}
ANSWER = {
    "candidates": [
        {
            "content": {"role": "model", "parts": [{"text": "Hello there."}]},
            "finishReason": "STOP",
            "index": 0,
        }
    ],
    "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 7},
    "modelVersion": "gemini-2.5-flash",
    "responseId": "e2e",
}


def text_chunk(text, finish=None):
    chunk = json.loads(json.dumps(CHUNK))
    chunk["candidates"][0]["content"]["parts"][0]["text"] = text
    if finish:
        chunk["candidates"][0]["finishReason"] = finish
        chunk["usageMetadata"]["candidatesTokenCount"] = 4
        chunk["usageMetadata"]["totalTokenCount"] = 7
    return chunk


def google_error(code, status, message, details=()):
    error = {"code": code, "message": message, "status": status}
    if details:
        error["details"] = list(details)
    return {"error": error}


class Exchange:
    """One request and the way to answer it."""

    def __init__(self, connection, method, target, headers, body, number_on_connection):
        self.connection = connection
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.number_on_connection = number_on_connection  # 1 for the first
        self.keep_alive = True

    @property
    def key(self):
        return self.headers.get("x-goog-api-key")

    @property
    def streamed(self):
        return "streamGenerateContent" in self.target

    def send(self, data):
        self.connection.sendall(data.encode() if isinstance(data, str) else data)

    def json(self, status, content, headers=()):
        body = json.dumps(content, indent=2)
        lines = [f"HTTP/1.1 {status} Whatever", "Content-Type: application/json; charset=UTF-8"]
        lines += [f"{name}: {value}" for name, value in headers]
        self.send("\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body]))

    def begin_stream(self):
        self.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        )

    def chunk(self, data):
        data = data.encode() if isinstance(data, str) else data
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def event(self, content):
        self.chunk("data: " + json.dumps(content) + "\r\n\r\n")

    def end_stream(self):
        self.send("0\r\n\r\n")

    def stream(self, chunks):
        self.begin_stream()
        for content in chunks:
            self.event(content)
        self.end_stream()

    def wait_for_peer_to_leave(self, seconds):
        """The moment (time.monotonic) at which the peer closed or reset, or None."""
        self.connection.settimeout(seconds)
        try:
            while self.connection.recv(65536):
                pass
        except TimeoutError:
            return None
        except OSError:
            pass
        self.keep_alive = False
        return time.monotonic()

    def cut(self):
        """RST."""
        self.keep_alive = False
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.connection.close()

    def close(self):
        self.keep_alive = False
        self.connection.close()


def answer_well(exchange):
    """What the upstream does when a test does not care."""
    if exchange.method == "GET":
        exchange.json(200, {"models": [{"name": "models/gemini-2.5-flash"}]})
    elif exchange.streamed:
        exchange.stream([text_chunk("Hello"), text_chunk(" there."), text_chunk("", "STOP")])
    else:
        exchange.json(200, ANSWER)


class Upstream:
    def __init__(self, respond=answer_well, certificate=None):
        self.respond = respond
        self.requests = []
        self.connections = 0
        self.failure = None
        self._open = set()
        self._context = None
        if certificate:
            self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._context.load_cert_chain(certificate, str(certificate).replace(".pem", ".key"))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self._listener.getsockname()[1]
        scheme, host = ("https", "localhost") if certificate else ("http", "127.0.0.1")
        self.url = f"{scheme}://{host}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(connection)
        try:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            reader = connection.makefile("rb")
            count = 0
            while exchange := self._read(reader, connection, count + 1):
                count += 1
                self.requests.append(exchange)
                self.respond(exchange)
                if not exchange.keep_alive:
                    return
        except (OSError, ValueError):
            pass
        except Exception as error:  # a test's own mistake: shown when it ends
            self.failure = error
        finally:
            connection.close()

    @staticmethod
    def _read(reader, connection, number):
        line = reader.readline()
        if not line:
            return None
        method, target, _ = line.decode("latin-1").split(" ", 2)
        headers = {}
        while (line := reader.readline()) not in (b"\r\n", b""):
            name, value = line.decode("latin-1").split(":", 1)
            assert name.lower() not in headers, f"header sent twice: {name}"
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(reader.readline().split(b";")[0], 16):
                body += reader.read(size)
                reader.readline()
            reader.readline()
        else:
            body = reader.read(int(headers.get("content-length", 0)))
        return Exchange(connection, method, target, headers, body, number)

    def close(self):
        self._listener.close()
        for connection in list(self._open):
            try:
                connection.close()
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        if self.failure:
            raise self.failure
