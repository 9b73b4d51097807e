"""Health checks: what has failed comes back when it answers, and who may ask for a check."""

import pytest
from harness import ADMIN, MODEL, TOKEN, call, generate, poll

SECRET = "cron-secret-0123456789"
LITE = "gemini-2.5-flash-lite"


def check(gateway, secret=SECRET, method="GET"):
    return call(gateway, method, "/api/cron/health-check", token=secret)


def states(gateway):
    stats = call(gateway, "GET", "/stats", token=ADMIN).json
    return stats["active_keys"], stats["cooling_keys"], stats["failed_keys"]


def probes(simulator):
    return [r for r in simulator.requests() if LITE in r["target"]]


def strike_one(gateway, simulator, fault, **options):
    """Orders the fault for the first key, and asks until it has met it."""
    simulator.fault(fault, {"key": "one"}, **options)
    for _ in range(100):
        assert generate(gateway).status == 200
        if any(r.get("fault") == fault for r in simulator.requests()):
            return
    raise AssertionError("the first key was never used")


def test_who_may_ask_for_a_check(servers, simulator):
    gateway = servers.gateway(simulator, CRON_SECRET=SECRET)
    for secret in (None, "wrong-secret-0123456789", TOKEN, ADMIN, SECRET[:-1]):
        assert check(gateway, secret).status == 401, secret
    answer = check(gateway)
    assert answer.status == 200, answer
    assert answer.json["status"] == "ok" and answer.json["message"] == "Key health check completed."
    assert check(gateway, method="DELETE").status == 405
    closed = servers.gateway(simulator)
    for secret in (None, "", SECRET, TOKEN, ADMIN):
        assert check(closed, secret).status == 401
    assert not probes(simulator)
    assert SECRET not in gateway.everything_written()


def test_a_credential_that_failed_comes_back_when_it_answers(servers, simulator):
    gateway = servers.gateway(simulator, CRON_SECRET=SECRET)
    strike_one(gateway, simulator, "key-invalid")
    assert states(gateway) == (1, 0, 1)
    # It is asked, and still does not answer.
    answer = check(gateway)
    assert (answer.json["checked"], answer.json["recovered"]) == (1, 0), answer
    assert states(gateway) == (1, 0, 1)
    assert all("one" in r["key"] for r in probes(simulator))
    simulator.no_faults()
    answer = check(gateway)
    assert (answer.json["checked"], answer.json["recovered"]) == (1, 1), answer
    assert states(gateway) == (2, 0, 0)
    assert check(gateway).json["checked"] == 0


def test_what_came_back_is_back_after_a_restart(servers, simulator, tmp_path):
    folder = tmp_path / "kept"
    gateway = servers.gateway(simulator, folder=folder, CRON_SECRET=SECRET)
    strike_one(gateway, simulator, "service-disabled")
    simulator.no_faults()
    assert check(gateway).json["recovered"] == 1
    gateway.stop()
    gateway = servers.gateway(simulator, folder=folder, CRON_SECRET=SECRET)
    assert states(gateway) == (2, 0, 0)


@pytest.mark.parametrize("fault", ["key-suspended", "key-leaked", "quota-day"])
def test_what_google_has_banned_or_limited_is_left_alone(servers, simulator, fault):
    gateway = servers.gateway(simulator, CRON_SECRET=SECRET)
    strike_one(gateway, simulator, fault)
    simulator.no_faults()
    answer = check(gateway)
    assert answer.json["checked"] == 0, answer
    assert not probes(simulator)


def test_a_check_asks_for_one_word_of_the_model_that_is_set(servers, simulator):
    gateway = servers.gateway(simulator, CRON_SECRET=SECRET, HEALTH_CHECK_MODEL=f"models/{MODEL}")
    strike_one(gateway, simulator, "key-invalid", times=1)
    before = len(simulator.requests())
    assert check(gateway).json["recovered"] == 1
    [probe] = simulator.requests()[before:]
    assert probe["target"].endswith(f"/models/{MODEL}:generateContent"), probe
    assert "one" in probe["key"]


def test_a_failed_credential_comes_back_by_the_clock(servers, simulator):
    gateway = servers.gateway(simulator, HEALTH_CHECK_INTERVAL="1s")
    strike_one(gateway, simulator, "key-invalid", times=1)
    poll("the credential to be back", lambda: states(gateway) == (2, 0, 0), 20)
    assert len(probes(simulator)) == 1
    told = "a credential is used again"
    poll("the log to say so", lambda: told in gateway.everything_written())
