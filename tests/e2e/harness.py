"""What the end-to-end tests stand on: servers as processes, plain HTTP, raw sockets.

Nothing here sleeps to wait for something: it polls with a deadline.
"""

import http.client
import json
import os
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("WASAT_BINARY", str(ROOT / "build/release/wasat"))
PRESET = os.environ.get("WASAT_PRESET", "release")
# Sanitizers make everything slower; promises about time are scaled with them.
SLOW = {"release": 1, "debug": 2, "asan": 6, "tsan": 10}.get(PRESET, 1)

WORKERS = int(os.environ.get("WASAT_TEST_WORKERS", "1"))
SYMBOLIZER = "external_symbolizer_path=/usr/bin/llvm-symbolizer-19"

TOKEN = "sk-e2e-client-token-0123456789abcdef"
ADMIN = "e2e-admin-password-0123456789"
MODEL = "gemini-2.5-flash"


def node():
    """The Node.js that the lock file names: the SDKs want a newer one than Debian has."""
    found = sorted(ROOT.glob("build/npm/js/node_modules/node-linux-*/bin/node"))
    assert found, "tests/e2e/prepare has not run, or knows no Node.js for this machine"
    return str(found[0])


def poll(what, probe, seconds=10.0):
    """The first true value of probe(); fails when none came in time."""
    deadline = time.monotonic() + seconds * SLOW
    while True:
        value = probe()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what}: not within {seconds * SLOW:.0f} s"
        time.sleep(0.005)


class Server:
    """A `wasat` process (or another program) that prints one line when it is ready."""

    def __init__(self, arguments, folder, ready, environment=None, program=BINARY):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.out_path = self.folder / "stdout"
        self.err_path = self.folder / "stderr"
        kept = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "LANG", "TMPDIR")
            if name in os.environ
        }
        kept |= {
            # Leaks are bugs too; what a sanitizer finds must end the process.
            "ASAN_OPTIONS": f"detect_leaks=1:exitcode=99:{SYMBOLIZER}",
            "UBSAN_OPTIONS": f"print_stacktrace=1:halt_on_error=1:{SYMBOLIZER}",
            "TSAN_OPTIONS": f"halt_on_error=1:exitcode=99:second_deadlock_stack=1:{SYMBOLIZER}",
        }
        with self.out_path.open("wb") as out, self.err_path.open("wb") as err:
            self.process = subprocess.Popen(
                [program, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=kept | (environment or {}),
                cwd=self.folder,
            )
        self.pid = self.process.pid
        try:
            line = poll(f"'{ready}'", lambda: self._line(ready), 20)
        except AssertionError:
            self.process.kill()
            raise
        self.url = ""
        if address := re.search(r"http://\S+", line):
            self.url = address[0].rstrip("/")
            self.host, port = self.url.removeprefix("http://").rsplit(":", 1)
            self.port = int(port)

    def _line(self, start):
        for line in self.stdout().split("\n")[:-1]:
            if line.startswith(start):
                return line
        status = self.process.poll()
        assert status is None, f"ended with {status}:\n{self.stdout()}\n{self.stderr()[-4000:]}"
        return None

    def stdout(self):
        return self.out_path.read_text(errors="replace")

    def stderr(self):
        return self.err_path.read_text(errors="replace")

    def everything_written(self):
        """All that it wrote anywhere, for tests that look for secrets."""
        texts = [self.out_path.read_bytes(), self.err_path.read_bytes()]
        texts += [p.read_bytes() for p in self.folder.rglob("*.log")]
        return b"\n".join(texts).decode(errors="replace")

    @property
    def websocket(self):
        """Where relay nodes come in."""
        return f"ws://{self.host}:{self.port}/ws"

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def peak_kib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1])

    def stop(self, seconds=20):
        """SIGTERM; the exit status must be 0 and no sanitizer may have spoken."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"did not stop within {seconds * SLOW} s") from None
        text = self.stderr()
        assert status == 0 and "Sanitizer" not in text and "runtime error:" not in text, (
            f"ended with {status}:\n{text[-8000:]}"
        )


class Gateway(Server):
    def __init__(
        self, folder, upstream=None, arguments=(), host="127.0.0.1", port=0, **environment
    ):
        self.data = pathlib.Path(folder) / "data"
        settings = {
            "WASAT_DATA_DIR": str(self.data),
            "WASAT_WORKERS": str(WORKERS),
            "GEMINI_API_KEYS": "AIza-e2e-key-one,AIza-e2e-key-two",
            "ALLOWED_TOKENS": TOKEN,
            "AUTH_TOKEN": ADMIN,
        }
        if upstream:
            settings["GEMINI_BASE_URL"] = upstream
        settings |= environment
        settings = {name: value for name, value in settings.items() if value is not None}
        super().__init__(
            ["serve", "--host", host, "--port", port, *arguments],
            folder,
            "wasat: listening on",
            settings,
        )

    def log_records(self):
        """The JSON lines that tell of exchanges."""
        records = []
        for line in (self.stdout() + "\n" + self.stderr()).splitlines():
            if line.startswith("{"):
                try:
                    records.append(json.loads(line))
                except json.JSONDecodeError:
                    pass
        return records


class Simulator(Server):
    def __init__(self, folder, arguments=()):
        super().__init__(
            ["simulate", "--host", "127.0.0.1", "--port", "0", *arguments],
            folder,
            "wasat: simulating Gemini on",
        )

    def fault(self, fault, match=None, **options):
        """Orders a fault: fault("quota-day", {"key": "one"}, times=2)."""
        answer = call(
            self, "POST", "/simulator/faults", {"fault": fault, "match": match or {}, **options}
        )
        assert answer.status // 100 == 2, answer

    def no_faults(self):
        assert call(self, "DELETE", "/simulator/faults").status // 100 == 2

    def script(self, text, steps, **options):
        """What the model says to requests that hold `text`, turn by turn."""
        match = {"text": text} | options.pop("match", {})
        answer = call(
            self, "POST", "/simulator/scripts", {"match": match, "steps": steps, **options}
        )
        assert answer.status // 100 == 2, answer

    def requests(self):
        return call(self, "GET", "/simulator/requests").json["requests"]

    def overview(self):
        return call(self, "GET", "/simulator").json


class FirstRelay(Server):
    """A stand-in for the first relay server (js/first-relay.mjs)."""

    def __init__(self, folder):
        script = ROOT / "tests/e2e/js/first-relay.mjs"
        super().__init__([script], folder, "first relay on", program=node())

    def nodes(self):
        return call(self, "GET", "/").json["nodes"]

    def messages(self):
        """What nodes have said about requests."""
        return call(self, "GET", "/messages").json

    def stop(self, seconds=20):
        self.process.kill()
        self.process.wait()


NODE_KEY = "AIza-e2e-node-key-0123456789"
NODE_TOKEN = "node-e2e-token-0123456789abcdef"


def relay_settings():
    """Of a gateway that has nothing but relay nodes."""
    return {"GEMINI_API_KEYS": None, "RELAY_TOKENS": NODE_TOKEN}


class Node(Server):
    """A `wasat node` whose Gemini is `upstream`."""

    def __init__(self, folder, relay, upstream, arguments=(), **environment):
        settings = {
            "GEMINI_API_KEY": NODE_KEY,
            "GEMINI_BASE_URL": upstream if isinstance(upstream, str) else upstream.url,
            "LOG_LEVEL": "debug",
        } | environment
        settings = {name: value for name, value in settings.items() if value is not None}
        name = [] if "--name" in arguments else ["--name", "attic"]
        super().__init__(
            ["node", "--relay", relay, *name, *arguments],
            folder,
            "wasat: a node of",
            settings,
        )

    def counted(self):
        """How often its relay has told how many nodes it has: it does so once they can serve."""
        return self.stderr().count("the relay counts its nodes")


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.text[:600]}>"


def call(server, method, path, body=None, headers=None, token=None, timeout=30):
    connection = http.client.HTTPConnection(server.host, server.port, timeout=timeout * SLOW)
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


def chat_body(text="Say hello.", **more):
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}


def native_body(text="Say hello.", **more):
    return {"contents": [{"role": "user", "parts": [{"text": text}]}], **more}


def chat(server, text="Say hello.", token=TOKEN, **more):
    return call(server, "POST", "/v1/chat/completions", chat_body(text, **more), token=token)


def generate(server, text="Say hello.", method="generateContent", query="", token=TOKEN, **more):
    headers = {"x-goog-api-key": token} if token else {}
    path = f"/v1beta/models/{MODEL}:{method}{query}"
    return call(server, "POST", path, native_body(text, **more), headers)


def is_openai_error(answer):
    error = answer.json["error"]
    return isinstance(error["message"], str) and {"type", "code", "param"} <= set(error)


def is_gemini_error(answer):
    error = answer.json["error"]
    return error["code"] == answer.status and isinstance(error["status"], str) and error["message"]


def sse_events(text):
    """The data of each event; fails on anything that is not whole."""
    text = text.replace("\r\n", "\n")
    assert text.endswith("\n\n"), "the last event is not terminated: " + text[-200:]
    events = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        for line in lines:
            assert line.startswith("data: "), line
        if lines:
            events.append("\n".join(line.removeprefix("data: ") for line in lines))
    return events


class Raw:
    """A socket and what came out of it."""

    def __init__(self, server, timeout=10):
        self.socket = socket.create_connection((server.host, server.port), timeout=timeout * SLOW)
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def read_until(self, marker):
        while marker not in self.buffer:
            piece = self.socket.recv(65536)
            assert piece, f"closed before {marker!r}: {self.buffer!r}"
            self.buffer += piece
        return self.buffer

    def read_answer(self):
        """One answer with Content-Length or chunked framing."""
        self.read_until(b"\r\n\r\n")
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = [tuple(line.split(": ", 1)) for line in lines[1:]]
        status = int(lines[0].split()[1])
        answer = Answer(status, headers, b"")
        if answer.headers.get("transfer-encoding") == "chunked":
            while True:
                self.read_until(b"\r\n")
                size, self.buffer = self.buffer.split(b"\r\n", 1)
                n = int(size, 16)
                while len(self.buffer) < n + 2:
                    piece = self.socket.recv(65536)
                    assert piece, "closed inside a chunk"
                    self.buffer += piece
                answer.body += self.buffer[:n]
                self.buffer = self.buffer[n + 2 :]
                if n == 0:
                    return answer
        n = int(answer.headers.get("content-length", 0))
        while len(self.buffer) < n:
            piece = self.socket.recv(65536)
            assert piece, "closed inside a body"
            self.buffer += piece
        answer.body, self.buffer = self.buffer[:n], self.buffer[n:]
        return answer

    def read_to_end(self):
        """Until the peer closes; a reset counts as an end."""
        while True:
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                return self.buffer
            if not piece:
                return self.buffer
            self.buffer += piece

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def reset(sock):
    """Closes with RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    sock.close()


def random_word():
    return "w" + secrets.token_hex(6)
