"""What is entered in the ledger, and what happens to it when things go wrong.

Its sums are read with SQLite; entries and bodies have a form of their own, which the unit tests
of the store read.
"""

import json
import signal
import sqlite3

from harness import TOKEN, Gateway, call, chat, generate, poll

MINUTE, HOUR, DAY = range(3)
NOTHING, KEY_TOKEN, CREDENTIAL, KEY_MODEL, DIALECT, PROVIDER = range(6)


def path(gateway):
    [found] = gateway.folder.rglob("ledger.db")
    return found


def sums(gateway, kind=NOTHING, step=DAY):
    with sqlite3.connect(f"file:{path(gateway)}?mode=ro", uri=True) as ledger:
        rows = ledger.execute(
            "SELECT text, SUM(requests), SUM(failures), SUM(input), SUM(attempts) FROM sums"
            " JOIN names ON names.id = name WHERE kind = ? AND step = ? GROUP BY text",
            (kind, step),
        ).fetchall()
    return {text: rest for text, *rest in rows}


def requests(gateway):
    return sums(gateway).get("", [0])[0]


def test_every_exchange_of_a_token_is_entered_and_no_strangers(servers, simulator):
    gateway = servers.gateway(simulator)
    for _ in range(3):
        assert chat(gateway).status == 200
    assert generate(gateway).status == 200
    assert generate(gateway, token="a-stranger").status == 401
    assert call(gateway, "POST", "/v1/chat/completions", {"model": 1}, token=TOKEN).status == 400
    poll("all entries", lambda: requests(gateway) == 5)
    [total] = sums(gateway).values()
    assert total[1] == 1  # one failed
    by_dialect = sums(gateway, DIALECT)
    assert by_dialect["openai_chat"][0] == 4 and by_dialect["gemini"][0] == 1
    assert sums(gateway, PROVIDER)["api_key"][0] == 4
    assert sum(each[0] for each in sums(gateway, KEY_TOKEN).values()) == 5
    for step in (MINUTE, HOUR):
        assert sum(each[0] for each in sums(gateway, step=step).values()) == 5


def test_bodies_are_kept_for_tokens_that_ask_for_it_and_never_readable(servers, simulator):
    gateway = servers.gateway(simulator, TOKENS_LIMITS=json.dumps({"log_bodies": True}))
    assert chat(gateway, "A very particular question.").status == 200

    def bodies():
        with sqlite3.connect(f"file:{path(gateway)}?mode=ro", uri=True) as ledger:
            return ledger.execute("SELECT request, response FROM bodies").fetchall()

    poll("the bodies", bodies)
    [(request, response)] = bodies()
    assert len(request) > 80 and len(response) > 80
    gateway.stop()
    everything = b"".join(f.read_bytes() for f in gateway.folder.rglob("*") if f.is_file())
    assert b"very particular" not in everything


def test_bodies_are_not_kept_otherwise(servers, simulator):
    gateway = servers.gateway(simulator)
    assert chat(gateway).status == 200
    poll("the entry", lambda: requests(gateway) == 1)
    with sqlite3.connect(f"file:{path(gateway)}?mode=ro", uri=True) as ledger:
        assert ledger.execute("SELECT COUNT(*) FROM bodies").fetchone() == (0,)


def test_a_locked_ledger_stops_nobody_and_loses_nothing(servers, simulator):
    gateway = servers.gateway(simulator)
    assert chat(gateway).status == 200
    poll("the entry", lambda: requests(gateway) == 1)
    lock = sqlite3.connect(path(gateway), isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    assert chat(gateway).status == 200

    def verbose():
        return call(gateway, "GET", "/readyz?verbose").text

    poll("being told", lambda: "ledger: failing" in verbose())
    assert call(gateway, "GET", "/readyz").status == 200
    assert "wasat_ledger_healthy 0" in call(gateway, "GET", "/metrics").text
    assert chat(gateway).status == 200
    lock.execute("ROLLBACK")
    poll("the end of it", lambda: "ledger: ok" in verbose())
    poll("all entries", lambda: requests(gateway) == 3)


def test_a_kill_loses_a_second_of_the_ledger_at_most(simulator, tmp_path):
    gateway = Gateway(tmp_path / "gateway", simulator.url)  # of its own: it does not end well
    for _ in range(20):
        assert chat(gateway).status == 200
    poll("all entries", lambda: requests(gateway) == 20, seconds=1)
    assert chat(gateway).status == 200
    gateway.process.send_signal(signal.SIGKILL)
    gateway.process.wait()
    assert requests(gateway) in (20, 21)
    with sqlite3.connect(path(gateway)) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_ledger_that_is_turned_off_stays_empty(servers, simulator):
    gateway = servers.gateway(simulator, WASAT_LEDGER="false")
    assert chat(gateway).status == 200
    gateway.stop()
    assert requests(gateway) == 0
