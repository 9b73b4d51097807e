"""Processes under measurement: where they run, and what they have used."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
TOKEN = "bench-token-0123456789abcdef"
ADMIN_PASSWORD = "bench-password-0123456789"

# The proxy has a core for itself; load generator and upstream share the other.
CORES = sorted(os.sched_getaffinity(0))
LOAD_CORE, PROXY_CORE = CORES[0], CORES[-1]


class Refused(Exception):
    """A figure that would say nothing."""


class Usage:
    """What a process has used until now: CPU, and waiting for a CPU, in seconds."""

    def __init__(self, pid):
        self.cpu = self.queued = 0.0
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            try:
                run, wait, _ = (task / "schedstat").read_text().split()
            except FileNotFoundError:  # a thread that has just ended
                continue
            self.cpu += int(run) / 1e9
            self.queued += int(wait) / 1e9
        self.wall = time.monotonic()


def status_kib(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise KeyError(field)


def resident_kib(pid):
    return status_kib(pid, "VmRSS")


def reset_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_kib(pid):
    return status_kib(pid, "VmHWM")


def wait_for(what, probe, seconds=20):
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Refused(f"{what} did not come within {seconds} s")
        time.sleep(0.002)


class Process:
    """A child on one core. `pid` is the one to measure."""

    def __init__(self, command, core, folder, environment=None, prefix=()):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.out = folder / "stdout"
        self.err = folder / "stderr"
        self.child = subprocess.Popen(
            ["taskset", "-c", str(core), *prefix, *command],
            stdout=self.out.open("wb"),
            stderr=self.err.open("wb"),
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
        self.pid = self.child.pid

    def line(self, start):
        """The first line of standard output that begins so."""

        def probe():
            if self.child.poll() is not None:
                raise Refused(
                    f"{self.folder.name} ended with {self.child.returncode}: "
                    + self.err.read_text(errors="replace")[-600:]
                )
            for line in self.out.read_text(errors="replace").split("\n")[:-1]:
                if line.startswith(start):
                    return line
            return None

        return wait_for(f"'{start}' from {self.folder.name}", probe)

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Upstream(Process):
    def __init__(self, folder, tls=None, events=1, interval=0, spin=False, answer_bytes=1024):
        self.spin = spin
        command = [BUILD / "bench_upstream", "--events", str(events), "--interval", str(interval)]
        command += ["--answer-bytes", str(answer_bytes)]
        if spin:
            command.append("--spin")
        if tls:
            command += ["--tls-port", "0", "--cert", tls, "--key", tls.with_suffix(".key")]
        super().__init__(list(map(str, command)), LOAD_CORE, folder / "upstream")
        _, port, tls_port = self.line("ready").split()
        self.port = int(port)
        self.tls_port = int(tls_port)
        self.tls = tls


NGINX = """
daemon off;
worker_processes 1;
worker_rlimit_nofile 40000;
pid {folder}/pid;
error_log {folder}/error.log;
{single}
events {{ worker_connections 32000; }}
http {{
  access_log {folder}/access.log combined;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000000;
  keepalive_timeout 600;
  client_max_body_size 0;
  client_body_buffer_size {body_buffer};
  upstream origin {{
    server 127.0.0.1:{origin};
    keepalive 1024;
    keepalive_requests 1000000000;
    keepalive_timeout 600;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=16384;
    location /ws/ {{
      proxy_pass {scheme}://origin;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_read_timeout 600;
    }}
    location / {{
      proxy_pass {scheme}://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Accept-Encoding identity;
      proxy_buffering {buffering};
      proxy_request_buffering {request_buffering};
      proxy_ssl_session_reuse on;
      proxy_ssl_server_name on;
      proxy_ssl_name localhost;
      {trust}
    }}
  }}
}}
"""


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx(Process):
    name = "nginx"

    def __init__(
        self, folder, upstream, stream=False, body_buffer="16k", hold=True, prefix=(), name="nginx"
    ):
        folder = folder / name
        folder.mkdir(parents=True)
        self.port = free_port()
        trust = (
            f"proxy_ssl_verify on; proxy_ssl_trusted_certificate {upstream.tls};"
            if upstream.tls
            else ""
        )
        (folder / "nginx.conf").write_text(
            NGINX.format(
                folder=folder,
                single="master_process off;" if prefix else "",
                port=self.port,
                origin=upstream.tls_port if upstream.tls else upstream.port,
                scheme="https" if upstream.tls else "http",
                buffering="off" if stream else "on",
                request_buffering="on" if hold else "off",
                body_buffer=body_buffer,
                trust=trust,
            )
        )
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        super().__init__(
            [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")],
            PROXY_CORE,
            folder,
            prefix=prefix,
        )
        wait_for("nginx", lambda: answers(self.port), 60)
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        if children:
            self.pid = int(children[0])


class Wasat(Process):
    """`upstream`: None, when the environment says where answers come from."""

    def __init__(
        self, folder, upstream, prefix=(), name="wasat", data=None, binary=None, core=PROXY_CORE,
        environment=None,
    ):
        folder = folder / name
        binary = binary or BUILD / "wasat"
        environment = {
            "WASAT_WORKERS": "1",
            "WASAT_DATA_DIR": str(data or folder / "data"),
            "ALLOWED_TOKENS": TOKEN,
            "AUTH_TOKEN": ADMIN_PASSWORD,
            "WASAT_ACCESS_LOG": str(folder / "access.log"),
            **(environment or {}),
        }
        if upstream:
            environment |= {
                "GEMINI_API_KEYS": "bench-key-1,bench-key-2",
                "GEMINI_BASE_URL": f"https://localhost:{upstream.tls_port}"
                if upstream.tls
                else f"http://127.0.0.1:{upstream.port}",
            }
        if upstream and upstream.tls:
            environment["SSL_CERT_FILE"] = str(upstream.tls)
        if prefix:
            # Valgrind gives up on some compilers' debug information.
            folder.mkdir(parents=True)
            stripped = folder / "wasat"
            subprocess.run(["llvm-strip-19", "--strip-debug", binary, "-o", stripped], check=True)
            binary = stripped
        super().__init__(
            [str(binary), "serve", "--host", "127.0.0.1", "--port", "0"],
            core,
            folder,
            environment,
            prefix,
        )
        self.port = int(self.line("wasat: listening on").rsplit(":", 1)[1].strip("/ "))


def answers(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/livez")
        connection.getresponse().read()
        return True
    except (OSError, http.client.HTTPException):
        return False


class Tool:
    """One of the bench's own programs, as `child`; ends with the block it is used in."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()


class Load(Tool):
    """bench_load against one port. Its options are keyword arguments."""

    def __init__(self, port, path, body=None, folder=None, headers=(), **options):
        command = ["taskset", "-c", str(LOAD_CORE), str(BUILD / "bench_load")]
        command += ["--port", str(port), "--path", path]
        if body:
            command += ["--method", "POST", "--body-file", str(body)]
            # Each dialect looks for the token in a header of its own.
            name = "Authorization: Bearer " if "/chat/" in path else "x-goog-api-key: "
            command += ["--header", name + TOKEN]
        elif options.get("live"):
            command += ["--header", "x-goog-api-key: " + TOKEN]
        for header in headers:
            command += ["--header", header]
        for option, value in options.items():
            option = option.replace("_", "-")
            command += ["--" + option] if value is True else ["--" + option, str(value)]
        self.child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.pid = self.child.pid

    def wait_line(self, expected):
        line = self.child.stdout.readline().strip()
        if line != expected:
            raise Refused(f"the load generator said '{line}' {self.child.stderr.read()[-300:]}")

    def interrupted(self):
        """The result of what it has done until now."""
        self.child.send_signal(signal.SIGTERM)
        return self.result()

    def counted(self):
        """The result, whatever went wrong in it."""
        out, err = self.child.communicate(timeout=600)
        lines = [line for line in out.splitlines() if line.startswith("{")]
        if not lines:
            raise Refused("the load generator failed: " + err[-300:])
        return json.loads(lines[-1])

    def result(self):
        result = self.counted()
        for field in ("errors", "bad_status", "torn", "lost"):
            if result[field]:
                raise Refused(f"the run had {result[field]} {field} (status {result['last_bad_status']})")
        return result
