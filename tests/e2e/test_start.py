"""Starting, checking, stopping, and what a newcomer sees."""

import os
import pty
import re
import shlex
import stat
import subprocess
import time

import pytest
from harness import BINARY, PRESET, TOKEN, Raw, call, chat, poll
from upstream import answer_well


def wasat(*arguments, folder=None, timeout=60, **environment):
    return subprocess.run(
        [BINARY, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder or "/nonexistent"), **environment},
    )


def secrets_file(gateway):
    """The file that a start without a terminal leaves, found by the path it prints."""
    for word in re.findall(r"/\S+", gateway.stdout() + gateway.stderr()):
        word = word.rstrip(".,:;'\"")
        if word.startswith(str(gateway.data)) and os.path.isfile(word):
            if "secret" in os.path.basename(word) or "first" in os.path.basename(word):
                return word
    pytest.fail("no path of a secrets file was printed:\n" + gateway.stdout() + gateway.stderr())


def test_first_start_makes_a_token_and_a_password_and_hides_them(servers, tmp_path):
    upstream = servers.upstream()
    folder = tmp_path / "home"
    gateway = servers.gateway(upstream, folder=folder, ALLOWED_TOKENS=None, AUTH_TOKEN=None)
    path = secrets_file(gateway)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    text = open(path).read()
    works = [
        word
        for word in re.findall(r"[A-Za-z0-9_\-]{16,}", text)
        if chat(gateway, token=word).status == 200
    ]
    assert works, "no token in the file opens the door:\n" + re.sub(r"\w", "x", text)
    for word in re.findall(r"[A-Za-z0-9_\-]{20,}", text):
        assert word not in gateway.stdout() + gateway.stderr(), "a secret was printed to a log"
    # Nothing in the data folder is for others to read.
    for folder_path, _, files in os.walk(gateway.data):
        for name in files:
            mode = stat.S_IMODE(os.stat(os.path.join(folder_path, name)).st_mode)
            assert mode & 0o077 == 0, (name, oct(mode))
    gateway.stop()
    # The second start keeps the token and shows nothing again.
    again = servers.gateway(upstream, folder=folder, ALLOWED_TOKENS=None, AUTH_TOKEN=None)
    assert chat(again, token=works[0]).status == 200
    assert works[0] not in again.stdout() + again.stderr()


def test_first_start_on_a_terminal_shows_the_secrets_once(servers, tmp_path):
    upstream = servers.upstream()

    def start():
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            [BINARY, "serve", "--host", "127.0.0.1", "--port", "0"],
            stdin=follower, stdout=follower, stderr=follower,
            env={
                "PATH": os.environ["PATH"],
                "WASAT_DATA_DIR": str(tmp_path / "data"),
                "GEMINI_API_KEYS": "AIza-x",
                "GEMINI_BASE_URL": upstream.url,
                "WASAT_WORKERS": "1",
            },
        )
        os.close(follower)
        text = b""
        while b"wasat: listening on" not in text or not text.endswith(b"\n"):
            text += os.read(leader, 65536)
        os.set_blocking(leader, False)

        def rest():
            nonlocal text
            try:
                text += os.read(leader, 65536)
            except (BlockingIOError, OSError):
                pass
            return b"listening" in text

        poll("the line", rest)
        return process, leader, text.decode()

    process, leader, text = start()
    try:
        port = int(re.search(r"listening on http://[^:]+:(\d+)", text)[1])
        server = type("Server", (), {"host": "127.0.0.1", "port": port})
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
        tokens = [
            word
            for word in re.findall(r"[A-Za-z0-9_\-]{16,}", plain)
            if chat(server, token=word).status == 200
        ]
        assert tokens, "no token was shown:\n" + plain
        assert "assword" in plain
    finally:
        process.terminate()
        assert process.wait(30) == 0
        os.close(leader)
    process, leader, text = start()
    process.terminate()
    assert process.wait(30) == 0
    os.close(leader)
    assert tokens[0] not in text and "assword" not in text


@pytest.mark.skipif(PRESET != "release", reason="a promise about the release build")
def test_later_starts_take_under_two_seconds(servers, tmp_path):
    servers.gateway(folder=tmp_path / "home").stop()
    started = time.monotonic()
    gateway = servers.gateway(folder=tmp_path / "home")
    assert call(gateway, "GET", "/livez").status == 200
    assert time.monotonic() - started < 2


def test_version():
    result = wasat("version")
    assert result.returncode == 0 and re.search(r"\d+\.\d+\.\d+", result.stdout), result


def test_help_names_the_commands():
    result = wasat("--help")
    assert result.returncode == 0
    for command in ("serve", "simulate", "check", "version"):
        assert command in result.stdout
    assert "--demo" in wasat("serve", "--help").stdout


def test_unknown_options_and_commands_are_refused():
    for arguments in (["serve", "--prot", "1"], ["dance"], ["serve", "--port", "many"]):
        result = wasat(*arguments)
        assert result.returncode != 0 and result.stderr.strip(), (arguments, result)


def test_check_accepts_a_good_configuration(tmp_path):
    path = tmp_path / "wasat.toml"
    path.write_text('[listen]\nhost = "127.0.0.1"\nport = 9090\n')
    result = wasat("check", "--config", path, folder=tmp_path)
    assert result.returncode == 0, result


@pytest.mark.parametrize(
    "text, line",
    [
        ('[listen]\nhost = "127.0.0.1"\n[server]\nworkers = "many"\n', 4),
        ("[listen]\n\nprot = 8080\n", 3),
        ('[listen]\nhost = "unfinished\n', 2),
        ("[server]\nworkers = 99999999\n", 2),
        ("[lisen]\nport = 8080\n", 2),
    ],
)
def test_check_names_file_line_and_remedy(tmp_path, text, line):
    path = tmp_path / "wasat.toml"
    path.write_text(text)
    result = wasat("check", "--config", path, folder=tmp_path)
    assert result.returncode != 0
    assert f"{path}:{line}" in result.stdout + result.stderr, result
    # serve refuses it the same way.
    result = wasat("serve", "--config", path, "--port", "0", folder=tmp_path)
    assert result.returncode != 0 and f"{path}:{line}" in result.stdout + result.stderr, result


def test_a_short_encryption_key_is_refused(tmp_path):
    result = wasat(
        "serve", "--port", "0", folder=tmp_path, WASAT_DATA_DIR=str(tmp_path / "data"),
        API_KEY_ENCRYPTION_KEY="too-short", GEMINI_API_KEYS="AIza-x",
    )
    assert result.returncode != 0
    assert "API_KEY_ENCRYPTION_KEY" in result.stderr and "too-short" not in result.stderr, result


def test_a_wrong_environment_value_is_named(tmp_path):
    result = wasat("serve", "--port", "0", folder=tmp_path, MAX_RETRIES="lots", WASAT_DATA_DIR=str(tmp_path / "d"))
    assert result.returncode != 0 and "MAX_RETRIES" in result.stderr, result


def test_a_port_in_use_is_said(servers, tmp_path):
    gateway = servers.gateway()
    result = wasat("serve", "--host", "127.0.0.1", "--port", gateway.port, folder=tmp_path, WASAT_DATA_DIR=str(tmp_path / "other"))
    assert result.returncode != 0
    assert str(gateway.port) in result.stderr and "in use" in result.stderr, result


def test_a_configuration_file_and_the_environment_over_it(servers, tmp_path):
    first, second = servers.upstream(), servers.upstream()
    path = tmp_path / "wasat.toml"
    path.write_text(f'[gemini]\nbase_url = "{first.url}"\n')
    chat(servers.gateway(None, "--config", path))
    assert len(first.requests) == 1
    chat(servers.gateway(second, "--config", path))
    assert (len(first.requests), len(second.requests)) == (1, 1)


def test_other_names_of_settings_work(servers):
    upstream = servers.upstream()
    gateway = servers.gateway(None, GOOGLE_API_HOST=upstream.url, AUTH_TOKEN=None, ADMIN_SECRET_KEY="admin-secret-0123456789")
    assert chat(gateway).status == 200


def test_the_demo_prints_curl_lines_that_work(servers, tmp_path):
    gateway = servers.gateway(None, "--demo", GEMINI_API_KEYS=None, ALLOWED_TOKENS=None, AUTH_TOKEN=None)
    lines = poll(
        "curl lines",
        lambda: [
            line.strip()
            for line in gateway.stdout().replace("\\\n", " ").splitlines()
            if line.strip().startswith("curl ")
        ],
    )
    assert len(lines) >= 2, gateway.stdout()
    answers = []
    for line in lines:
        result = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
        assert result.returncode == 0, (line, result)
        answers.append(result.stdout)
        assert '"error"' not in result.stdout, (line, result.stdout)
        assert shlex.split(line)[0] == "curl"
    assert any("candidates" in answer for answer in answers)
    assert any("choices" in answer for answer in answers)


def test_sigint_and_a_second_sigterm_end_it(servers):
    gateway = servers.gateway()
    gateway.process.send_signal(2)
    assert gateway.process.wait(20) == 0

    def respond(exchange):
        if exchange.method == "GET":
            return answer_well(exchange)
        return exchange.wait_for_peer_to_leave(30)

    gateway = servers.gateway(servers.upstream(respond))
    with Raw(gateway) as raw:
        body = '{"contents":[{"parts":[{"text":"hi"}]}]}'
        raw.send(
            "POST /v1beta/models/gemini-2.5-flash:generateContent HTTP/1.1\r\nHost: x\r\n"
            f"x-goog-api-key: {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        gateway.process.terminate()
        poll("readiness to end", lambda: gateway.process.poll() is not None or not _ready(gateway))
        gateway.process.terminate()
        # The second one does not wait for what is running.
        gateway.process.wait(20)


def _ready(gateway):
    try:
        return call(gateway, "GET", "/readyz").status == 200
    except OSError:
        return False


def test_a_listening_socket_can_be_handed_down(servers, tmp_path):
    """LISTEN_FDS: whoever connected before the new process began is served by it."""
    import socket

    listening = socket.create_server(("127.0.0.1", 0), backlog=8)
    port = listening.getsockname()[1]
    early = socket.create_connection(("127.0.0.1", port))
    early.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    command = (
        f"exec 3<&{listening.fileno()}; export LISTEN_PID=$$ LISTEN_FDS=1; "
        f"exec {shlex.quote(str(BINARY))} serve --data-dir {shlex.quote(str(tmp_path / 'data'))}"
    )
    process = subprocess.Popen(
        ["bash", "-c", command],
        pass_fds=[listening.fileno()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "GEMINI_API_KEYS": "key-of-the-handed-down", "WASAT_WORKERS": "2"},
    )
    try:
        early.settimeout(60)
        answer = b""
        while part := early.recv(4096):
            answer += part
        assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"ok\n")
    finally:
        process.terminate()
        assert process.wait(60) == 0
        listening.close()
