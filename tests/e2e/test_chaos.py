"""What must hold while everything around it breaks: kills, a full disk, a storm of refusals."""

import contextlib
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import threading
import time

import pytest
from harness import ADMIN, BINARY, MODEL, PRESET, SLOW, TOKEN, Gateway, Server, Simulator, call, generate, native_body, poll

SANITIZED = PRESET in ("asan", "tsan")


def keys(count, start=0):
    return [f"AIza-chaos-key-{number:05d}-abcdefghijklmnopqrs" for number in range(start, start + count)]


class Clients:
    """Threads that ask without pause; what they got, by status. 0: no answer."""

    def __init__(self, gateway, count=4, ask=generate, pause=0.0):
        self.gateway, self.ask, self.pause = gateway, ask, pause
        self.answers = []  # (when it came, status, answer)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(count)]

    def _run(self, number):
        turn = 0
        while not self._stop.is_set():
            turn += 1
            try:
                answer = self.ask(self.gateway, f"Client {number}, turn {turn}.")
                self.answers.append((time.monotonic(), answer.status, answer))
            except Exception as error:  # of any kind: what it means is for the test to say
                self.answers.append((time.monotonic(), 0, error))
            self._stop.wait(self.pause if self.answers[-1][1] else 0.01)

    def statuses(self):
        return {status: sum(1 for _, s, _ in self.answers if s == status) for status in {s for _, s, _ in self.answers}}

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(60 * SLOW)
            assert not thread.is_alive(), "a client still waits for its answer"


def rows(database, query):
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        return connection.execute(query).fetchall()


def ledger_entries(folder):
    """How many there are; the sums of them must tell the same."""
    ledger = folder / "data" / "ledger.db"
    assert rows(ledger, "PRAGMA integrity_check") == [("ok",)]
    entries = rows(ledger, "SELECT coalesce(sum(entries), 0) FROM blocks")[0][0]
    by_day = "SELECT coalesce(sum(requests), 0) FROM sums WHERE kind = 0 AND step = 2"
    assert rows(ledger, by_day) == [(entries,)]
    return entries


def refusal_to_start(folder, **environment):
    """The exit status and the text of a start that is expected to fail."""
    result = subprocess.run(
        [BINARY, "serve", "--host", "127.0.0.1", "--port", "0"],
        capture_output=True, text=True, timeout=60 * SLOW, cwd=folder,
        env={"PATH": os.environ["PATH"], "WASAT_DATA_DIR": str(folder / "data"), "GEMINI_API_KEYS": ",".join(keys(40)),
             "ALLOWED_TOKENS": TOKEN, "AUTH_TOKEN": ADMIN, "WASAT_WORKERS": "1", **environment},
    )
    return result.returncode, result.stderr + result.stdout


# -- kills ---------------------------------------------------------------------


@pytest.mark.skipif(SANITIZED, reason="fifty starts and their load take minutes under a sanitizer")
def test_sigkill_under_load_loses_no_credential_and_tears_no_row(servers, tmp_path):
    """Fifty kills at any moment, while cooldowns are being written; at most a second of the ledger is missing."""
    simulator = servers.simulator()
    simulator.fault("quota-minute", probability=0.05)
    simulator.fault("key-suspended", {"key": "-00003-"})
    chance = random.Random(4)
    folder = tmp_path / "gateway"
    database = folder / "data" / "wasat.db"
    known = keys(20)
    kills = 50 if PRESET == "release" else 10
    entries = 0
    for kill in range(kills):
        # The environment brings a few more each time, so that each start writes.
        known += keys(2, 1000 + 2 * kill)
        gateway = Gateway(folder, simulator.url, GEMINI_API_KEYS=",".join(known))
        with Clients(gateway) as clients:
            # One in five lives long enough that some of the ledger must be there.
            deadline = time.monotonic() + chance.random() * 0.4 + (1.2 if kill % 5 == 0 else 0)
            poll("the moment", lambda: time.monotonic() >= deadline)
            killed = time.monotonic()
            gateway.process.send_signal(signal.SIGKILL)
            gateway.process.wait()
        assert set(clients.statuses()) <= {0, 200, 429, 503}, clients.statuses()
        assert rows(database, "PRAGMA integrity_check") == [("ok",)]
        assert rows(database, "PRAGMA foreign_key_check") == []
        before, entries = entries, ledger_entries(folder)
        owed = sum(1 for at, status, _ in clients.answers if status and at < killed - 1)
        answered = sum(1 for _, status, _ in clients.answers if status)
        # Those that were under way may be in it.
        assert owed <= entries - before <= answered + 4, (kill, owed, entries - before, answered)
        count, fingerprints = rows(database, "SELECT count(*), count(DISTINCT fingerprint) FROM credentials")[0]
        assert count == fingerprints == len(known), (kill, count, len(known))
    # What rests goes on resting, so somebody fresh has to serve.
    known += keys(1, 9000)
    gateway = servers.gateway(simulator, folder=folder, GEMINI_API_KEYS=",".join(known))
    simulator.no_faults()
    assert generate(gateway).status == 200
    stats = call(gateway, "GET", "/stats", token=ADMIN).json
    assert stats["total_keys"] == len(known)
    suspended = [key for key in stats["keys_detail"] if "suspended" in key.get("reason", "")]
    assert len(suspended) == 1, "what was learnt of it is gone"


# -- the store -----------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A file system of four megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], capture_output=True
    ).returncode == 0
    if not mounted:
        pytest.skip("a small file system can be mounted by root alone")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def readiness(gateway):
    return call(gateway, "GET", "/readyz?verbose").text


def test_a_full_disk_stops_no_request_and_is_said(servers, small_disk, tmp_path):
    simulator = servers.simulator()
    gateway = servers.gateway(simulator, WASAT_DATA_DIR=str(small_disk / "data"), GEMINI_API_KEYS=",".join(keys(60)))
    assert "store: ok" in readiness(gateway)
    filler = small_disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(b"x" * 4096):
                pass
    # Every refusal is a cooldown that wants to be kept.
    simulator.fault("quota-minute", probability=0.2)

    def said():
        answer = generate(gateway)
        assert answer.status in (200, 429), answer
        return "store: failing" in readiness(gateway) and "ledger: failing" in readiness(gateway)

    poll("the full disk in /readyz?verbose", said, 30)
    text = readiness(gateway)
    assert text.count("make room") == 2, text
    assert call(gateway, "GET", "/readyz").status == 200, "requests go on, so it is ready"
    # What a stranger sees names no file.
    stranger = call(gateway, "GET", "/readyz?verbose", headers={"X-Forwarded-For": "203.0.113.9"}).text
    assert "store: failing" in stranger and str(small_disk) not in stranger
    simulator.no_faults()
    gateway_answers = {generate(gateway).status for _ in range(10)}
    assert gateway_answers == {200}
    filler.unlink()
    simulator.fault("quota-minute", probability=0.5)

    def recovered():
        generate(gateway)
        return "store: ok" in readiness(gateway) and "ledger: ok" in readiness(gateway)

    poll("both to recover", recovered)
    gateway.stop()
    assert ledger_entries(small_disk) > 0
    assert rows(small_disk / "data" / "wasat.db", "PRAGMA integrity_check") == [("ok",)]


def a_store(servers, tmp_path):
    """A data folder that has served once, and its database's file."""
    servers.gateway(folder=tmp_path / "home", GEMINI_API_KEYS=",".join(keys(200))).stop()
    return tmp_path / "home" / "data" / "wasat.db"


def test_a_locked_database_refuses_the_start_with_the_remedy(servers, tmp_path):
    database = a_store(servers, tmp_path)
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        status, text = refusal_to_start(tmp_path / "home")
        other.execute("ROLLBACK")
    assert status != 0
    assert "locked" in text and "fuser" in text and str(database) in text, text
    # Once it is free, nothing is missing.
    servers.gateway(folder=tmp_path / "home")
    assert rows(database, "SELECT count(*) FROM credentials") >= [(200,)]


def no_header(data):
    return b"This is not it. " + data[16:]


def cut_in_half(data):
    return data[: len(data) // 2 // 4096 * 4096]


def scribbled_over(data):
    return data[:4096] + b"\x55" * (len(data) - 4096)


# Of what no start reads.
def one_page(data):
    return data[:-4096] + b"\x55" * 4096


@pytest.mark.parametrize("damage", [no_header, cut_in_half, scribbled_over, one_page])
def test_a_corrupt_database_refuses_the_start_and_is_left_as_it_is(servers, tmp_path, damage):
    database = a_store(servers, tmp_path)
    damaged = damage(database.read_bytes())
    database.write_bytes(damaged)
    status, text = refusal_to_start(tmp_path / "home")
    assert status != 0
    assert "restore it from your backup" in text and str(database) in text, text
    assert database.read_bytes() == damaged


def test_a_database_that_is_locked_while_running_stops_no_request(servers, tmp_path):
    simulator = servers.simulator()
    gateway = servers.gateway(simulator, folder=tmp_path / "home", GEMINI_API_KEYS=",".join(keys(60)))
    simulator.fault("quota-minute", probability=0.3)
    with contextlib.closing(sqlite3.connect(gateway.data / "wasat.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        def said():
            started = time.monotonic()
            assert generate(gateway).status in (200, 429)
            assert time.monotonic() - started < 3 * SLOW, "a request waited for the store"
            return "locked" in readiness(gateway)

        poll("the lock in /readyz?verbose", said, 30)
        other.execute("ROLLBACK")

    def recovered():
        generate(gateway)
        return "store: ok" in readiness(gateway)

    poll("the store to recover", recovered)


# -- the upstream --------------------------------------------------------------


def test_a_storm_of_429_is_answered_at_once_and_hammers_nobody(servers):
    """All keys are out of their quota per minute: nobody asks Google in vain again and again."""
    simulator = servers.simulator()
    gateway = servers.gateway(simulator, GEMINI_API_KEYS=",".join(keys(20)))
    assert generate(gateway).status == 200
    simulator.fault("quota-minute")
    before = simulator.overview()["requests"]
    with Clients(gateway, 8) as clients:
        poll("that all keys rest", lambda: len(clients.answers) >= 50, 30)
        learnt = simulator.overview()["requests"] - before
        poll("many refusals", lambda: len(clients.answers) >= 400, 30)
    assert set(clients.statuses()) == {429}
    for _, _, answer in clients.answers:
        assert 1 <= int(answer.headers["retry-after"]) <= 60
    asked = simulator.overview()["requests"] - before
    # Each key learns it once, and so may requests that were under way with it; then it is left alone.
    assert learnt <= 3 * 20, learnt
    assert asked == learnt, f"{asked - learnt} more requests for {len(clients.answers)} refusals"
    times = sorted(b - a for (a, _, _), (b, _, _) in zip(clients.answers, clients.answers[1:]))
    assert times[len(times) // 2] < 0.1 * SLOW


def test_after_a_storm_of_429_the_pool_serves_as_soon_as_it_may(servers):
    simulator = servers.simulator()
    gateway = servers.gateway(simulator, GEMINI_API_KEYS=",".join(keys(20)))
    simulator.fault("quota-retry")  # for 0.9 s
    before = simulator.overview()["requests"]
    started = time.monotonic()
    with Clients(gateway, 8) as clients:
        poll("a storm of three seconds", lambda: time.monotonic() - started > 3)
        asked = simulator.overview()["requests"] - before
        # 20 keys that may be asked every 0.9 s, and those that were under way.
        assert asked <= (20 + 2 * 8) * (3 / 0.9 + 2) * SLOW, asked
        assert 200 not in clients.statuses()
        simulator.no_faults()
        over = time.monotonic()
        poll("the first answer", lambda: 200 in clients.statuses(), 5)
        assert time.monotonic() - over < 1.5 * SLOW
        served = len(clients.answers)
        poll("more answers", lambda: len(clients.answers) > served + 100)
    last = [status for _, status, _ in clients.answers[-50:]]
    assert set(last) == {200}


class SimulatorAgain(Simulator):
    """One where another was before."""

    def __init__(self, folder, port):
        arguments = ["simulate", "--host", "127.0.0.1", "--port", port]
        Server.__init__(self, arguments, folder, "wasat: simulating Gemini on")


def stream(gateway, text):
    """One streamed answer; its status, or 0 when it did not end as it should."""
    path = f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
    answer = call(gateway, "POST", path, native_body(text + " Write a long story."), {"x-goog-api-key": TOKEN}, timeout=20)
    if answer.status == 200 and '"finishReason"' not in answer.text:
        assert '"error"' in answer.text, "cut without a word: " + answer.text[-300:]
        answer.status = 0
    return answer


def test_the_upstream_is_killed_under_load_and_comes_back(tmp_path, servers):
    """Each client hears of it, in whole messages; afterwards all is as before."""
    simulator = Simulator(tmp_path / "upstream-0")
    try:
        gateway = servers.gateway(simulator, GEMINI_API_KEYS=",".join(keys(10)), REQUEST_TIMEOUT="10s")
        for life in range(1, 4):
            simulator.fault("slow", ms=20)
            with Clients(gateway, 8, stream) as clients:
                poll("streams", lambda: len(clients.answers) >= 8, 30)
                simulator.process.kill()
                simulator.process.wait()
                killed = len(clients.answers)
                poll("failures", lambda: len(clients.answers) >= killed + 16, 60)
            # torn streams end in an error event, new requests in 502 or 503
            assert set(clients.statuses()) <= {200, 0, 502, 503, 504}, clients.statuses()
            torn = [answer for _, status, answer in clients.answers if status == 0]
            assert not [error for error in torn if isinstance(error, Exception)], torn
            simulator = SimulatorAgain(tmp_path / f"upstream-{life}", simulator.port)

            def served():
                return generate(gateway).status == 200

            poll("answers once it is back", served, 15)
        assert all(generate(gateway).status == 200 for _ in range(20))
    finally:
        simulator.process.kill()
        simulator.process.wait()


def test_the_upstream_stalls_under_load_and_goes_on(servers):
    simulator = servers.simulator()
    # Long enough that a gateway under a sanitizer is not taken for one that stalls.
    idle = max(1, SLOW // 3)
    gateway = servers.gateway(
        simulator, GEMINI_API_KEYS=",".join(keys(10)), WASAT_STREAM_IDLE_TIMEOUT=f"{idle}s",
        REQUEST_TIMEOUT=f"{2 * idle}s",
    )
    with Clients(gateway, 8, stream) as clients:
        poll("streams", lambda: len(clients.answers) >= 16, 30)
        simulator.fault("stall-mid", ms=600_000)
        simulator.fault("stall", ms=600_000)
        stalled = len(clients.answers)
        poll("failures", lambda: len(clients.answers) >= stalled + 16, 60)
        simulator.no_faults()
        over = len(clients.answers)
        poll("answers again", lambda: len(clients.answers) >= over + 64, 30)
        assert {status for _, status, _ in clients.answers[-16:]} == {200}
    assert set(clients.statuses()) <= {200, 0, 504, 502}, clients.statuses()
    # What stalled was given up: the upstream has nobody waiting.
    poll("no request open at the upstream", lambda: simulator.overview()["open"] == 0)


# -- the clock -----------------------------------------------------------------

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


@pytest.fixture
def movable_clock(tmp_path):
    """The environment of a process whose wall clock can be set, and what sets it."""
    if not pathlib.Path(FAKETIME).exists():
        pytest.skip("the package faketime is not installed")
    if SANITIZED:
        pytest.skip("a sanitizer's runtime and libfaketime's do not go together")
    offset = tmp_path / "offset"

    class Clock:
        environment = {
            "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

        def set(self, seconds):
            offset.write_text(f"{seconds:+d}\n")

    clock = Clock()
    clock.set(0)
    return clock


DAY = 24 * 3600


@pytest.mark.parametrize("jump", [2 * DAY, -2 * DAY, 3600, -3600])
def test_a_clock_that_jumps_disturbs_no_request(servers, movable_clock, jump):
    simulator = servers.simulator()
    gateway = servers.gateway(simulator, **movable_clock.environment)
    with Clients(gateway, 4, stream) as clients:
        poll("streams", lambda: len(clients.answers) >= 20)
        before = call(gateway, "GET", "/livez").headers["date"]
        movable_clock.set(jump)
        poll("the jump", lambda: call(gateway, "GET", "/livez").headers["date"][:16] != before[:16] or abs(jump) < DAY)
        jumped = len(clients.answers)
        poll("streams afterwards", lambda: len(clients.answers) >= jumped + 40)
    assert set(clients.statuses()) == {200}


@pytest.mark.parametrize("jump", [2 * DAY, -2 * DAY])
def test_a_clock_that_jumps_strands_no_cooling_credential(servers, movable_clock, jump):
    """A rest of a second is over within seconds, whatever the clock says meanwhile."""
    simulator = servers.simulator()
    gateway = servers.gateway(simulator, GEMINI_API_KEYS=",".join(keys(2)), **movable_clock.environment)
    simulator.fault("quota-retry", times=2)
    assert generate(gateway).status in (200, 429)
    movable_clock.set(jump)
    poll("an answer", lambda: generate(gateway).status == 200, 8)
