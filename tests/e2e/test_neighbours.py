"""Programs that stand beside Wasat: nginx in front, proxies behind, TLS, curl."""

import base64
import json
import pathlib
import shutil
import socket
import subprocess
import threading

import pytest
from harness import MODEL, SLOW, TOKEN, WORKERS, Raw, call, chat, generate, is_openai_error, poll, sse_events
from upstream import text_chunk


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tool(name):
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    assert path, f"{name} is missing; script/setup test installs it"
    return path


@pytest.fixture
def start(tmp_path):
    """Runs a program for as long as the test, once its port answers."""
    children = []

    def run(command, port):
        log = (tmp_path / f"{pathlib.Path(command[0]).name}.log").open("wb")
        child = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)
        children.append(child)

        def answers():
            assert child.poll() is None, (tmp_path / log.name).read_text()
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return True
            except OSError:
                return False

        poll(command[0], answers)
        return child

    yield run
    for child in children:
        child.terminate()
        child.wait(20)


def nginx_in_front(start, folder, gateway):
    port = free_port()
    conf = folder / "front.conf"
    conf.write_text(
        f"""
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; client_max_body_size 64m; client_body_buffer_size 32m;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
  fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{gateway.port};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_buffering off;
      proxy_read_timeout 600s;
    }}
  }}
}}
"""
    )
    start([tool("nginx"), "-p", folder, "-c", conf, "-e", folder / "start.log"], port)
    return type("Server", (), {"host": "127.0.0.1", "port": port})


def test_behind_nginx_events_pass_as_they_come(servers, start, tmp_path):
    received = threading.Semaphore(0)

    def respond(exchange):
        exchange.begin_stream()
        for word in ("one", "two", "three"):
            exchange.event(text_chunk(f"word-{word} "))
            assert received.acquire(timeout=10 * SLOW), "held back: " + word
        exchange.event(text_chunk("", "STOP"))
        exchange.end_stream()

    gateway = servers.gateway(servers.upstream(respond))
    front = nginx_in_front(start, tmp_path, gateway)
    body = json.dumps({"model": MODEL, "stream": True, "messages": [{"role": "user", "content": "x"}]})
    with Raw(front) as raw:
        raw.send(
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        for word in (b"one", b"two", b"three"):
            raw.read_until(b"word-" + word)
            received.release()
        raw.read_until(b"[DONE]")


def test_behind_nginx_calls_and_errors_pass(servers, start, tmp_path):
    gateway = servers.gateway(servers.upstream())
    front = nginx_in_front(start, tmp_path, gateway)
    for _ in range(3):
        assert chat(front).status == 200
        assert generate(front).status == 200
    assert chat(front, token="nobody").status == 401
    answer = chat(front, "x" * (20 << 20))
    assert answer.status == 200, answer


def test_curl_streams_and_sends_files(servers, tmp_path):
    gateway = servers.gateway(servers.upstream())
    image = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(3 << 20)).decode()
    request = {
        "model": MODEL,
        "stream": True,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "what is this"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64," + image}},
                ],
            }
        ],
    }
    (tmp_path / "request.json").write_text(json.dumps(request))
    # Above 1 MiB curl asks with "Expect: 100-continue" first.
    result = subprocess.run(
        [tool("curl"), "-sN", "--max-time", "60", f"{gateway.url}/v1/chat/completions",
         "-H", f"Authorization: Bearer {TOKEN}", "-H", "Content-Type: application/json",
         "-H", "Expect: 100-continue", "--data-binary", f"@{tmp_path}/request.json"],
        capture_output=True, text=True,
    )
    assert result.returncode == 0, result
    assert sse_events(result.stdout)[-1] == "[DONE]"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """Self-signed, for localhost; and one for somebody else."""
    folder = tmp_path_factory.mktemp("certificates")
    for name, subject in (("good", "localhost"), ("other", "somebody.example")):
        subprocess.run(
            [tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={subject}",
             "-addext", f"subjectAltName=DNS:{subject}",
             "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"],
            check=True, stderr=subprocess.DEVNULL,
        )
    return folder


def test_tls_upstream_with_a_good_certificate(servers, certificates):
    upstream = servers.upstream(certificate=certificates / "good.pem")
    gateway = servers.gateway(upstream, SSL_CERT_FILE=str(certificates / "good.pem"))
    for _ in range(3):
        assert chat(gateway).status == 200
    assert sse_events(chat(gateway, stream=True).text)[-1] == "[DONE]"
    answer = generate(gateway, text="x" * (3 << 20))
    assert answer.status == 200
    # Each worker has connections of its own.
    assert upstream.connections <= WORKERS, "connections are reused"


@pytest.mark.parametrize("certificate, trusted", [("good", False), ("other", True)])
def test_tls_upstream_with_a_bad_certificate_is_refused(servers, certificates, certificate, trusted):
    upstream = servers.upstream(certificate=certificates / f"{certificate}.pem")
    trust = {"SSL_CERT_FILE": str(certificates / f"{certificate}.pem")} if trusted else {}
    gateway = servers.gateway(upstream, MAX_RETRIES="1", **trust)
    answer = chat(gateway)
    assert answer.status in (502, 503) and is_openai_error(answer), answer
    assert not upstream.requests, "nothing was sent to it"


def tinyproxy(start, folder, *lines):
    port = free_port()
    conf = folder / "tinyproxy.conf"
    log = folder / "tinyproxy-access.log"
    conf.write_text(
        f"Port {port}\nListen 127.0.0.1\nTimeout 60\nLogFile \"{log}\"\nLogLevel Connect\n"
        + "\n".join(lines)
        + "\n"
    )
    start([tool("tinyproxy"), "-d", "-c", conf], port)
    return port, log


@pytest.mark.parametrize("name", ["PROXY_URL", "PROXY", "HTTPS_PROXY"])
def test_a_connect_proxy_carries_tls(servers, start, tmp_path, certificates, name):
    port, log = tinyproxy(start, tmp_path)
    upstream = servers.upstream(certificate=certificates / "good.pem")
    gateway = servers.gateway(
        upstream,
        SSL_CERT_FILE=str(certificates / "good.pem"),
        **{name: f"http://127.0.0.1:{port}"},
    )
    assert chat(gateway).status == 200
    assert chat(gateway).status == 200
    assert upstream.connections <= WORKERS
    assert "CONNECT" in log.read_text()


def test_no_proxy_goes_around_it(servers, tmp_path, certificates):
    upstream = servers.upstream(certificate=certificates / "good.pem")
    gateway = servers.gateway(
        upstream,
        SSL_CERT_FILE=str(certificates / "good.pem"),
        HTTPS_PROXY=f"http://127.0.0.1:{free_port()}",
        NO_PROXY="localhost,example.com",
    )
    assert chat(gateway).status == 200


def test_a_proxy_with_a_password(servers, start, tmp_path, certificates):
    port, _ = tinyproxy(start, tmp_path, "BasicAuth wasat pass-word-1")
    upstream = servers.upstream(certificate=certificates / "good.pem")
    trust = {"SSL_CERT_FILE": str(certificates / "good.pem")}
    gateway = servers.gateway(upstream, PROXY_URL=f"http://wasat:pass-word-1@127.0.0.1:{port}", **trust)
    assert chat(gateway).status == 200
    assert "pass-word-1" not in gateway.everything_written()
    gateway = servers.gateway(
        upstream, PROXY_URL=f"http://wasat:wrong-one@127.0.0.1:{port}", MAX_RETRIES="1", **trust
    )
    answer = chat(gateway)
    assert answer.status in (502, 503) and is_openai_error(answer), answer
    assert "wrong-one" not in answer.text + gateway.everything_written()


def test_a_dead_proxy_is_an_error_and_not_gone_around(servers, certificates):
    upstream = servers.upstream(certificate=certificates / "good.pem")
    gateway = servers.gateway(
        upstream,
        SSL_CERT_FILE=str(certificates / "good.pem"),
        PROXY_URL=f"http://127.0.0.1:{free_port()}",
        MAX_RETRIES="1",
    )
    answer = chat(gateway)
    assert answer.status in (502, 503) and is_openai_error(answer), answer
    assert upstream.connections == 0


def test_a_client_address_comes_from_trusted_proxies_alone(servers):
    gateway = servers.gateway(servers.upstream(), LOG_LEVEL="info")
    trusting = servers.gateway(servers.upstream(), TRUSTED_PROXIES="127.0.0.0/8", LOG_LEVEL="info")
    for server in (gateway, trusting):
        body = {"model": MODEL, "messages": [{"role": "user", "content": "x"}]}
        headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
        assert call(server, "POST", "/v1/chat/completions", body, headers, TOKEN).status == 200
        poll("a log line", lambda: [r for r in server.log_records() if "dialect" in r])
    assert "203.0.113.9" not in gateway.everything_written()
    assert "203.0.113.9" in trusting.everything_written()
    assert "6.6.6.6" not in trusting.everything_written()
