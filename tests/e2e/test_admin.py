"""The admin API: who gets in, and what is changed there takes effect at once and stays."""

import json
import threading
import time
from urllib.parse import quote

import pytest
from harness import ADMIN, SLOW, TOKEN, Raw, call, chat, poll
from upstream import ANSWER, answer_well, google_error

API = "/api/admin/v1"
KEYS = [
    "AIzaSyAdmin-first-key-00000000000000001",
    "AIzaSyBdmin-second-key-0000000000000002",
    "AIzaSyCdmin-third-key-00000000000000003",
]


def login(server, password=ADMIN, headers=None, **more):
    return call(server, "POST", API + "/login", {"password": password, **more}, headers)


class Admin:
    """Somebody who has logged in, as a program (Bearer) or as a page (cookie)."""

    def __init__(self, server, password=ADMIN, cookie=False):
        answer = login(server, password, bearer=not cookie)
        assert answer.status == 200, answer
        self.server = server
        self.csrf = answer.json["csrf"]
        self.id = answer.json["session"]["id"]
        if cookie:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
            self.headers = {"Cookie": self.cookie, "X-Wasat-CSRF": self.csrf}
        else:
            self.token = answer.json["token"]
            self.headers = {"Authorization": f"Bearer {self.token}"}

    def __call__(self, method, path, body=None, status=None, headers=None, server=None, timeout=60):
        answer = call(
            server or self.server, method, API + path, body, self.headers | (headers or {}),
            timeout=timeout,
        )
        if status is not None:
            assert answer.status == status, (method, path, answer)
        return answer

    def get(self, path):
        return self("GET", path, status=200).json

    def finish(self, answer):
        """The result of what may have become a job."""
        if answer.status != 202:
            assert answer.status == 200, answer
            return answer.json
        path = answer.headers["location"].removeprefix(API)

        def done():
            job = self.get(path)
            assert job["state"] in ("running", "done"), job
            return job if job["state"] == "done" else None

        return poll("the job's end", done, 120)["result"]


def error(answer):
    body = answer.json["error"]
    assert body["code"] and body["message"], answer
    return body["code"]


@pytest.fixture
def admin(gateway):
    return Admin(gateway)


# --- who gets in ---------------------------------------------------------------------------


def test_nothing_is_open_but_login(gateway):
    for path in ("/credentials", "/tokens", "/settings", "/session", "/audit", "/openapi.json", ""):
        answer = call(gateway, "GET", API + path)
        assert answer.status in (401, 404), (path, answer)
        assert error(answer) in ("unauthenticated", "not_found")
    # Neither a client's token nor the password itself opens it.
    for token in (TOKEN, ADMIN):
        assert call(gateway, "GET", API + "/credentials", token=token).status == 401


def test_P69_there_is_no_default_password(servers, simulator):
    gateway = servers.gateway(simulator, AUTH_TOKEN=None)
    for guess in ("", "admin", "123456", "12345678", "password", "wasat", TOKEN):
        assert login(gateway, guess).status in (400, 401, 429), guess


def test_login_by_cookie_and_logout(gateway):
    admin = Admin(gateway, cookie=True)
    answer = login(gateway)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "token" not in answer.json
    assert "Secure" not in cookie, "there is no TLS here"
    assert admin.get("/session")["csrf"] == admin.csrf
    admin("POST", "/logout", status=204)
    assert admin("GET", "/session").status == 401


def test_login_by_bearer(admin):
    assert admin.get("/session")["session"]["current"]
    assert admin("POST", "/sessions", status=405).headers["cache-control"] == "no-store"
    admin("POST", "/logout", status=204)
    assert admin("GET", "/session").status == 401


def test_the_cookie_is_secure_behind_a_trusted_proxy_with_tls(servers, simulator):
    gateway = servers.gateway(simulator, TRUSTED_PROXIES="127.0.0.1")
    answer = login(gateway, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in answer.headers["set-cookie"]


def test_csrf_is_refused(gateway):
    admin = Admin(gateway, cookie=True)
    body = {"name": "made by another site"}

    def post(headers):
        return call(gateway, "POST", API + "/tokens", body, headers)

    cookie = {"Cookie": admin.cookie}
    assert error(post(cookie)) == "csrf"
    assert error(post(cookie | {"X-Wasat-CSRF": "0" * 32})) == "csrf"
    good = cookie | {"X-Wasat-CSRF": admin.csrf}
    for foreign in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = post(good | foreign)
        assert answer.status == 403 and error(answer) == "cross_site", foreign
        answer = login(gateway, headers=foreign)
        assert answer.status == 403 and error(answer) == "cross_site", foreign
    own = {"Origin": f"http://{gateway.host}:{gateway.port}", "Sec-Fetch-Site": "same-origin"}
    assert post(good | own).status == 201
    # A form of another site cannot declare JSON.
    answer = call(gateway, "POST", API + "/tokens", "{}", good | {"Content-Type": "text/plain"})
    assert answer.status == 415, answer


def test_no_cors(gateway):
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = call(gateway, "OPTIONS", API + "/login", headers=headers)
    assert not [name for name in answer.headers if name.startswith("access-control")], answer
    answer = call(gateway, "GET", API + "/session", headers=headers)
    assert not [name for name in answer.headers if name.startswith("access-control")], answer


def test_a_foreign_host_is_refused(servers, simulator):
    gateway = servers.gateway(simulator, WASAT_ADMIN_HOSTS="gate.example")
    assert error(login(gateway, headers={"Host": "evil.example"})) == "host_not_allowed"
    assert login(gateway, headers={"Host": "evil.example"}).status == 421
    for host in ("gate.example", "localhost:1", f"127.0.0.1:{gateway.port}", "[::1]:80"):
        assert login(gateway, headers={"Host": host}).status == 200, host
    # Clients' paths care for none of this.
    assert call(gateway, "GET", "/health", headers={"Host": "evil.example"}).status == 200


def test_only_listed_addresses(servers, simulator):
    gateway = servers.gateway(
        simulator, WASAT_ADMIN_ALLOW="10.0.0.0/8", TRUSTED_PROXIES="127.0.0.1"
    )
    assert error(login(gateway)) == "address_not_allowed"
    assert login(gateway, headers={"X-Forwarded-For": "10.1.2.3"}).status == 200
    assert login(gateway, headers={"X-Forwarded-For": "8.8.8.8"}).status == 403


def test_login_is_throttled(gateway):
    statuses = [login(gateway, f"wrong-password-{i}").status for i in range(8)]
    assert statuses[:5] == [401] * 5 and 429 in statuses[5:], statuses
    answer = login(gateway, "wrong again")
    if answer.status == 429:
        assert int(answer.headers["retry-after"]) >= 1 and error(answer) == "too_many_tries"
    # The right one must wait too, or a guesser would learn of it.
    while login(gateway, "wrong").status != 429:
        pass
    assert login(gateway).status == 429


def test_throttling_goes_by_the_true_address(servers, simulator):
    def tries(gateway):
        return [
            login(gateway, "wrong-password", {"X-Forwarded-For": f"192.0.2.{i}"}).status
            for i in range(9)
        ]

    # What anybody can write counts for nothing.
    assert 429 in tries(servers.gateway(simulator))
    assert tries(servers.gateway(simulator, TRUSTED_PROXIES="127.0.0.1")) == [401] * 9


def test_sessions_end_with_another_password_and_survive_a_restart(servers, simulator, tmp_path):
    folder = tmp_path / "data-of-its-own"
    gateway = servers.gateway(simulator, AUTH_TOKEN=None, folder=folder)
    page = next(path for path in folder.rglob("*") if path.is_file() and "first" in path.name)
    password = [line.split()[-1] for line in page.read_text().splitlines() if "admin password" in line][0]
    admin, other = Admin(gateway, password), Admin(gateway, password)
    assert len(admin.get("/sessions")["items"]) == 2
    answer = admin("POST", "/password", {"current": "wrong", "new": "another-password-1"})
    assert answer.status == 403, answer
    admin("POST", "/password", {"current": password, "new": "short"}, status=400)
    admin("POST", "/password", {"current": password, "new": "another-password-1"}, status=204)
    assert other("GET", "/session").status == 401
    assert login(gateway, password).status == 401
    gateway.stop()
    gateway = servers.gateway(simulator, AUTH_TOKEN=None, folder=folder)
    admin.server = gateway
    assert admin.get("/session")["session"]["id"] == admin.id
    assert login(gateway, "another-password-1").status == 200
    assert other("GET", "/session", server=gateway).status == 401


def test_a_password_of_the_environment_is_fixed(admin):
    assert admin.get("/session")["password_fixed"] is True
    answer = admin("POST", "/password", {"current": ADMIN, "new": "another-password-1"})
    assert answer.status == 409, answer


def test_the_password_cannot_be_guessed_beside_the_login(servers):
    gateway = servers.gateway(servers.upstream(), host="0.0.0.0")
    gateway.host = "127.0.0.1"
    statuses = [call(gateway, "GET", "/stats", token=f"a-guess-{i}").status for i in range(7)]
    assert statuses[:5] == [401] * 5 and 429 in statuses, statuses
    assert call(gateway, "GET", "/health").status == 200


def test_P66_nothing_that_is_presented_becomes_a_query(servers):
    gateway = servers.gateway(servers.upstream(), TRUSTED_PROXIES="127.0.0.1")
    admin = Admin(gateway)
    for number, guess in enumerate(("' OR '1'='1", '" OR 1=1 --', "';DROP TABLE tokens;--", "%", "*")):
        address = {"X-Forwarded-For": f"192.0.2.{number}"}
        assert chat(gateway, token=guess).status == 401, guess
        assert call(gateway, "GET", API + "/session", headers={"Authorization": f"Bearer {guess}"}).status == 401
        assert call(gateway, "GET", API + "/session", headers={"Cookie": f"wasat_session={guess}"}).status == 401
        assert login(gateway, guess, address).status == 401, guess
        name = admin("POST", "/tokens", {"name": guess}, 201).json["token"]
        assert admin.get("/tokens/" + name["id"])["name"] == guess
        assert admin.get("/credentials?search=" + quote(guess))["total"] == 0
    assert len(admin.get("/tokens")["items"]) == 6


# --- requests ------------------------------------------------------------------------------


def test_unknown_fields_are_refused_by_name(admin):
    answer = admin("POST", "/tokens", {"name": "a", "alow": "all"}, status=400)
    assert answer.json["error"]["field"] == "alow" and error(answer) == "unknown_field"
    typed = {"Content-Type": "application/json"}
    admin("POST", "/tokens", "{", status=400, headers=typed)
    admin("POST", "/tokens", [1], status=400)
    admin("POST", "/tokens", {"name": "x" * 300_000}, status=413)
    admin("POST", "/tokens", {"name": 1}, status=400)
    assert "GET" in admin("PUT", "/tokens", status=405).json["error"]["message"]
    assert admin("GET", "/nothing").status == 404


# --- credentials ---------------------------------------------------------------------------


def test_credentials_come_and_go_at_once(servers):
    upstream = servers.upstream()
    gateway = servers.gateway(upstream, GEMINI_API_KEYS=None)
    admin = Admin(gateway)
    assert chat(gateway).status == 503
    row = admin("POST", "/credentials", {"key": KEYS[0], "name": "first", "note": "mine"}, 201).json
    assert row["state"] == "ready" and row["name"] == "first" and row["note"] == "mine"
    assert chat(gateway).status == 200
    assert error(admin("POST", "/credentials", {"key": KEYS[0]}, status=409)) == "conflict"
    path = "/credentials/" + row["id"]
    assert admin("POST", path + "/disable", {"reason": "too dear"}, 200).json["state"] == "disabled"
    assert "too dear" in admin.get(path)["reason"]
    assert chat(gateway).status == 503
    admin("POST", path + "/enable", status=200)
    assert chat(gateway).status == 200
    edited = admin("PATCH", path, {"name": "renamed", "weight": 3, "tier": 2, "most_leases": 4,
                                   "proxy": "http://me:secret-word@127.0.0.1:1"}, 200)
    assert edited.json["weight"] == 3 and edited.json["tier"] == 2 and edited.json["name"] == "renamed"
    assert "secret-word" not in edited.text and edited.json["proxy"].endswith("@127.0.0.1:1")
    assert edited.json["attempts"] >= 1, "it is the same credential"
    admin("PATCH", path, {"proxy": None, "tier": None}, 200)
    admin("DELETE", path, status=204)
    assert chat(gateway).status == 503
    assert admin("GET", path).status == 404


def test_what_was_changed_survives_a_restart(servers, tmp_path):
    upstream = servers.upstream()
    folder = tmp_path / "kept"
    gateway = servers.gateway(upstream, GEMINI_API_KEYS=KEYS[2], folder=folder)
    admin = Admin(gateway)
    first = admin("POST", "/credentials", {"key": KEYS[0], "name": "one", "weight": 7}, 201).json
    second = admin("POST", "/credentials", {"key": KEYS[1], "name": "two"}, 201).json
    admin("POST", f"/credentials/{second['id']}/disable", status=200)
    fixed = [row for row in admin.get("/credentials")["items"] if row["from_environment"]][0]
    assert admin("DELETE", f"/credentials/{fixed['id']}").status == 409
    admin("POST", f"/credentials/{fixed['id']}/disable", {"reason": "rest"}, 200)
    admin("PATCH", f"/credentials/{fixed['id']}", {"weight": 5, "note": "of the environment"}, 200)
    token = admin("POST", "/tokens", {"name": "kept"}, 201).json
    admin("PUT", "/settings/server.heartbeat", {"value": "7s"}, 200)
    gateway.stop()
    gateway = servers.gateway(upstream, GEMINI_API_KEYS=KEYS[2], folder=folder)
    admin.server = gateway
    rows = {row["id"]: row for row in admin.get("/credentials")["items"]}
    assert len(rows) == 3
    assert rows[first["id"]]["weight"] == 7 and rows[first["id"]]["name"] == "one"
    assert rows[second["id"]]["state"] == "disabled"
    assert rows[fixed["id"]]["weight"] == 5 and rows[fixed["id"]]["note"] == "of the environment"
    assert rows[fixed["id"]]["state"] == "disabled", "an administrator's word outlives a restart"
    assert chat(gateway, token=token["text"]).status == 200
    assert admin.get("/settings/server.heartbeat")["value"] == "7s"


def test_pasted_keys(servers):
    gateway = servers.gateway(servers.upstream(), GEMINI_API_KEYS=KEYS[2])
    admin = Admin(gateway)
    text = f"""
    # my keys
    "{KEYS[0]}",   '{KEYS[1]}';
      {KEYS[0]}\t
    {KEYS[2]} // the environment's
    short
    AIzaSy-with-a-\u00fcmlaut-in-the-middle-of-it-01
    """
    answer = admin("POST", "/credentials/bulk", {"text": text, "note": "pasted"}, 200)
    result = answer.json
    assert result["added"] == 2 and result["duplicates"] == 2 and result["malformed"] == 2, result
    assert [(each["line"], each["problem"][:5]) for each in result["duplicate"]] == [
        (4, "stand"),
        (5, "is in"),
    ]
    assert [each["line"] for each in result["invalid"]] == [6, 7]
    assert "middle" not in answer.text and KEYS[0] not in answer.text
    assert admin.get("/credentials?search=PASTED")["total"] == 2
    assert admin("POST", "/credentials/bulk", {"keys": [" " + KEYS[0] + "\n"]}, 200).json["added"] == 0
    rows = [{"key": "AIzaSyD-a-key-with-a-name-0000000000001", "name": "named", "tier": 1}]
    assert admin("POST", "/credentials/bulk", {"credentials": rows}, 200).json["added"] == 1
    assert admin.get("/credentials?search=named")["items"][0]["tier"] == 1
    admin("POST", "/credentials/bulk", {}, status=400)
    admin("POST", "/credentials/bulk", {"text": "x", "keys": []}, status=400)


def test_P45_many_credentials(servers):
    """Tens of thousands are added, found, changed and removed, by one request each."""
    gateway = servers.gateway(servers.upstream(), GEMINI_API_KEYS=KEYS[2])
    admin = Admin(gateway)
    count = 100_000
    text = "\n".join(f"AIzaSy{i:06d}-{'k' * 26}" for i in range(count))
    answer = admin("POST", "/credentials/bulk", {"text": text + "\n" + KEYS[2]}, 202)
    # Clients are served meanwhile, and other administrators too.
    assert chat(gateway).status == 200
    assert admin.get("/session")
    result = admin.finish(answer)
    assert result["added"] == count and result["duplicates"] == 1

    def quick(path, seconds):
        started = time.monotonic()
        page = admin.get(path)
        assert time.monotonic() - started < seconds * SLOW, path
        return page

    page = quick("/credentials?limit=100", 0.5)
    assert page["total"] == count + 1 and len(page["items"]) == 100
    again = quick("/credentials?limit=100&cursor=" + page["next"], 0.5)
    seen = {row["id"] for row in page["items"]} | {row["id"] for row in again["items"]}
    assert len(seen) == 200, "pages do not overlap"
    assert quick("/credentials?search=AIZASY07", 1)["total"] == 10_000, "by the masked key"
    assert quick("/credentials?sort=-name&limit=1", 1)["items"][0]["name"]
    # P68: signs that databases take for wildcards mean themselves.
    assert quick("/credentials?search=%25_%25", 1)["total"] == 0
    ids = [row["id"] for row in again["items"]]
    result = admin("POST", "/credentials/disable", {"ids": ids, "reason": "batch"}, 200).json
    assert result["changed"] == 100
    assert quick("/credentials?state=disabled", 1)["total"] == 100
    result = admin.finish(admin("POST", "/credentials/reset", {"filter": {"state": "ready"}}))
    assert result["changed"] == count - 99
    result = admin.finish(admin("POST", "/credentials/delete", {"filter": {}}))
    assert result == {"changed": count, "skipped": 1}
    assert admin.get("/credentials")["total"] == 1
    assert chat(gateway).status == 200


# --- tokens --------------------------------------------------------------------------------


def test_tokens_come_and_go_at_once(gateway, admin):
    answer = admin("POST", "/tokens", {"name": "app", "allow": ["files"]}, 201)
    text, row = answer.json["text"], answer.json["token"]
    assert row["allow"] == ["files"] and row["state"] == "ready" and row["expires"] is None
    assert chat(gateway, token=text).status == 200
    path = "/tokens/" + row["id"]
    assert text not in admin("GET", "/tokens", status=200).text
    admin("PATCH", path, {"disabled": True}, 200)
    assert chat(gateway, token=text).status == 401
    admin("PATCH", path, {"disabled": False, "name": "renamed"}, 200)
    assert chat(gateway, token=text).status == 200
    fresh = admin("POST", path + "/rotate", status=200).json["text"]
    assert fresh != text and chat(gateway, token=text).status == 401
    assert chat(gateway, token=fresh).status == 200
    admin("PATCH", path, {"expires": "2020-01-01T00:00:00Z"}, 200)
    assert admin.get(path)["state"] == "expired"
    assert chat(gateway, token=fresh).status == 401
    admin("PATCH", path, {"expires": None}, 200)
    assert chat(gateway, token=fresh).status == 200
    admin("DELETE", path, status=204)
    assert chat(gateway, token=fresh).status == 401
    names = [each["name"] for each in admin.get("/tokens")["items"]]
    assert names == ["environment 1"], names
    fixed = admin.get("/tokens")["items"][0]
    assert fixed["from_environment"] and TOKEN not in json.dumps(fixed)
    assert admin("DELETE", "/tokens/" + fixed["id"]).status == 409


def test_limits_of_tokens_are_validated_and_hold(gateway, admin):
    answer = admin("POST", "/tokens", {"name": "a", "limits": {"requests_per_min": 1}}, 400)
    assert answer.json["error"]["field"].startswith("limits"), answer
    made = admin("POST", "/tokens", {"name": "a", "limits": {"models": ["gemini-9*"]}}, 201).json
    assert made["token"]["limits"] == {"models": ["gemini-9*"]}


def test_limits_that_come_later_count_what_was_used_before(gateway, admin):
    made = admin("POST", "/tokens", {"name": "late"}, 201).json
    text, token = made["text"], made["token"]["id"]
    for _ in range(3):
        assert chat(gateway, token=text).status == 200
    poll("the ledger has them", lambda: len(admin.get(f"/logs?token={token}")["items"]) == 3)
    admin("PATCH", f"/tokens/{token}", {"limits": {"requests_per_day": 4}}, 200)
    assert chat(gateway, token=text).status == 200
    assert chat(gateway, token=text).status == 429


# --- settings ------------------------------------------------------------------------------


def test_settings_are_shown(gateway, admin):
    answer = admin("GET", "/settings", status=200)
    rows = {row["key"]: row for row in answer.json["items"]}
    assert rows["access.admin_password"]["value"] is None and rows["access.admin_password"]["set"]
    assert not rows["access.admin_password"]["editable"]
    assert rows["listen.port"]["origin"] == "flag" and rows["listen.port"]["fixed"]
    assert rows["pool.max_attempts"]["value"] == "8" and rows["pool.max_attempts"]["live"]
    assert rows["pool.max_attempts"]["high"] == 100
    assert "warn" in rows["log.level"]["choices"]
    assert rows["log.level"]["description"]["en"] and rows["log.level"]["description"]["zh"]
    for secret in (ADMIN, TOKEN, "AIza-e2e-key-one"):
        assert secret not in answer.text


def test_settings_change_live(servers):
    calls = []

    def respond(exchange):
        calls.append(exchange.key)
        exchange.json(500, {"error": {"code": 500, "message": "x", "status": "INTERNAL"}})

    gateway = servers.gateway(servers.upstream(respond), GEMINI_API_KEYS=",".join(KEYS))
    admin = Admin(gateway)
    chat(gateway)
    assert len(calls) == 3 or len(calls) > 1
    calls.clear()
    for row in admin.get("/credentials")["items"]:
        admin("POST", f"/credentials/{row['id']}/reset", status=200)
    answer = admin("PUT", "/settings", {"values": {"pool.max_attempts": 1}}, 200).json
    assert answer["needs_restart"] == []
    chat(gateway)
    assert len(calls) == 1
    shown = admin.get("/settings/pool.max_attempts")
    assert shown["value"] == "1" and shown["origin"] == "store" and shown["stored"]
    admin("DELETE", "/settings/pool.max_attempts", status=200)
    assert admin.get("/settings/pool.max_attempts")["origin"] == "default"
    # What needs a restart says so; what is wrong changes nothing.
    answer = admin("PUT", "/settings/log.format", {"value": "json"}, 200).json
    assert answer["needs_restart"] == ["log.format"]
    assert admin.get("/settings/log.format")["needs_restart"]
    bad = admin("PUT", "/settings", {"values": {"pool.max_attempts": 2, "log.level": "loud"}}, 400)
    assert bad.json["error"]["field"] == "log.level"
    assert admin.get("/settings/pool.max_attempts")["value"] == "8"
    assert admin("PUT", "/settings/listen.port", {"value": 1}).status == 409
    assert admin("PUT", "/settings/no.such", {"value": 1}).status == 404
    assert admin("PUT", "/settings/store.data_dir", {"value": "x"}).status == 409


def test_how_long_a_whole_answer_may_be_silent_changes_live(servers):
    def respond(exchange):
        exchange.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{")
        left.append(exchange.wait_for_peer_to_leave(30))

    left = []
    gateway = servers.gateway(servers.upstream(respond), GEMINI_API_KEYS=KEYS[0], MAX_RETRIES="1")
    changed = Admin(gateway)("PUT", "/settings/upstream.stream_idle_timeout", {"value": "1s"}, 200).json
    assert changed["needs_restart"] == []
    assert chat(gateway).status >= 500
    poll("the upstream to be left", lambda: left)
    assert left[0] is not None, "it was waited for as long as at the start"


def test_what_clients_are_held_to_changes_live(gateway, admin):
    values = {
        "server.idle_timeout": "1s",
        "server.head_timeout": "1s",
        "server.body_timeout": "1s",
        "server.max_head": "4KiB",
        "server.body_memory": "1MiB",
    }
    large = {"X-Large": "x" * 5000}
    assert call(gateway, "GET", "/livez", headers=large).status == 200
    assert chat(gateway, "x" * (2 << 20)).status == 200
    assert admin("PUT", "/settings", {"values": values}, 200).json["needs_restart"] == []

    def refused():
        return call(gateway, "GET", "/livez", headers=large).status == 431

    # Each worker takes them over in its next turn.
    poll("no large heads any more", lambda: all(refused() for _ in range(8)))
    too_much = chat(gateway, "x" * (2 << 20))
    assert too_much.status == 503 and "memory" in too_much.text, too_much
    with Raw(gateway) as silent:
        assert silent.read_to_end() == b""
    with Raw(gateway) as slow:
        slow.send("GET /livez HTTP/1.1\r\n")
        assert slow.read_answer().status == 408
    with Raw(gateway) as stuck:
        stuck.send(
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        answer = stuck.read_answer()
        assert answer.status == 504 and "body stopped coming" in answer.text, answer
    assert chat(gateway).status == 200


def test_aliases_of_the_settings_change_live(gateway, admin):
    assert chat(gateway, model="my-model").status == 404
    admin("PUT", "/settings/models.aliases", {"value": {"my-model": "gemini-2.5-flash"}}, 200)
    assert chat(gateway, model="my-model").status == 200


def test_what_dialects_do_changes_live_and_not_under_a_request(servers):
    held, go_on = threading.Event(), threading.Event()
    found = json.loads(json.dumps(ANSWER))
    found["candidates"][0]["groundingMetadata"] = {
        "groundingChunks": [{"web": {"uri": "https://page.example/", "title": "A page"}}]
    }

    def respond(exchange):
        if b"Wait." in exchange.body:
            held.set()
            go_on.wait(30)
        exchange.json(200, found)

    def asked():
        config = json.loads(upstream.requests[-1].body)
        return "safetySettings" in config, "includeThoughts" in json.dumps(config)

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream, GEMINI_API_KEYS=KEYS[0])
    admin = Admin(gateway)
    assert "page.example" not in chat(gateway).text
    assert asked() == (True, True)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(chat(gateway, "Wait.")))
    waiting.start()
    try:
        assert held.wait(10)
        values = {
            "models.safety_settings": "gemini",
            "models.show_thoughts": False,
            "models.search_links": True,
        }
        assert admin("PUT", "/settings", {"values": values}, 200).json["needs_restart"] == []
        assert "page.example" in chat(gateway).text
        assert asked() == (False, False)
    finally:
        go_on.set()
        waiting.join(10)
    assert answers[0].status == 200 and "page.example" not in answers[0].text
    bad = admin("PUT", "/settings/models.safety_settings", {"value": "{"}, 400)
    assert "models.safety_settings" in bad.json["error"]["message"]
    assert admin.get("/settings/models.safety_settings")["value"] == "gemini"


def test_sighup_reads_the_file_again(servers, simulator, tmp_path):
    import signal

    file = tmp_path / "wasat.toml"
    file.write_text('[pool]\nmax_attempts = 3\n[access]\ntokens = ["a-token-of-the-file-1"]\n')
    file.chmod(0o600)
    gateway = servers.gateway(simulator, "--config", str(file))
    admin = Admin(gateway)
    assert admin.get("/settings/pool.max_attempts")["value"] == "3"
    assert chat(gateway, token="a-token-of-the-file-1").status == 200
    file.write_text('[pool]\nmax_attempts = 4\n[access]\ntokens = ["a-token-of-the-file-2"]\n')
    gateway.process.send_signal(signal.SIGHUP)
    poll("four", lambda: admin.get("/settings/pool.max_attempts")["value"] == "4")
    assert chat(gateway, token="a-token-of-the-file-2").status == 200
    assert chat(gateway, token="a-token-of-the-file-1").status == 401
    file.write_text("[pool]\nmax_attempts = nonsense\n")
    gateway.process.send_signal(signal.SIGHUP)
    poll("complaint", lambda: "wasat.toml" in gateway.stderr())
    assert admin.get("/settings/pool.max_attempts")["value"] == "4"


# --- audit and secrets ---------------------------------------------------------------------


def test_audit_tells_who_did_what(admin):
    login(admin.server, "a-wrong-password")
    row = admin("POST", "/credentials", {"key": KEYS[0]}, 201).json
    admin("DELETE", "/credentials/" + row["id"], status=204)
    admin("DELETE", "/credentials/" + row["id"], status=404)

    def entries():
        found = admin.get("/audit?limit=10")["items"]
        return found if len(found) >= 5 else None

    items = poll("five entries", entries)
    told = [(item["action"], item["outcome"], item["target"]) for item in items]
    assert told[:3] == [
        ("credential.delete", "not_found", row["id"]),
        ("credential.delete", "ok", row["id"]),
        ("credential.add", "ok", row["id"]),
    ]
    assert ("session.login", "wrong_password", "") in told
    assert items[0]["session"] == admin.id and items[0]["address"] == "127.0.0.1"
    page = admin.get("/audit?limit=2")
    again = admin.get("/audit?limit=2&cursor=" + page["next"])
    assert {i["number"] for i in page["items"]}.isdisjoint({i["number"] for i in again["items"]})


def test_P70_secrets_are_nowhere(servers):
    gateway = servers.gateway(servers.upstream(), GEMINI_API_KEYS=KEYS[2], LOG_LEVEL="debug")
    admin = Admin(gateway)
    cookie = Admin(gateway, cookie=True)
    login(gateway, "a-password-that-was-tried")
    admin("POST", "/credentials", {"key": KEYS[0], "proxy": "http://u:proxy-password@h.example:1"}, 201)
    admin("POST", "/credentials/bulk", {"text": KEYS[1] + "\nAIzaSy-bad-\u00e9-secret-part-of-a-key"}, 200)
    token = admin("POST", "/tokens", {"name": "t"}, 201).json["text"]
    admin("PUT", "/settings/access.metrics_token", {"value": "metrics-secret-123"}, 200)
    chat(gateway, token=token)
    secrets = [*KEYS, ADMIN, token, admin.token, cookie.cookie.split("=")[1], "proxy-password",
               "metrics-secret-123", "a-password-that-was-tried", "secret-part-of-a-key"]
    admin("DELETE", "/credentials/" + KEYS[0], status=404)  # somebody takes the key for its id
    texts = [admin("GET", path, status=200).text for path in
             ("/credentials", "/tokens", "/settings", "/audit", "/jobs", "/sessions", "/session")]
    gateway.stop()
    texts.append(gateway.everything_written())
    for secret in secrets:
        for text in texts:
            assert secret not in text, secret
    # Nor is any of them in the clear in the database.
    for path in gateway.data.glob("*.db*"):
        data = path.read_bytes()
        for secret in secrets:
            assert secret.encode() not in data, (path, secret)


INVALID = google_error(
    400,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key.",
    [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
)


def test_credentials_are_verified(servers):
    def respond(exchange):
        if exchange.key == KEYS[0]:
            return exchange.json(400, INVALID)
        if exchange.key == KEYS[1]:
            return exchange.json(429, google_error(429, "RESOURCE_EXHAUSTED", "Please retry in 30s."))
        return answer_well(exchange)

    gateway = servers.gateway(servers.upstream(respond), GEMINI_API_KEYS=",".join(KEYS))
    admin = Admin(gateway)
    result = admin.finish(admin("POST", "/credentials/verify", {"filter": {}}, 202))
    assert (result["well"], result["limited"], result["defective"]) == (1, 1, 1), result
    rows = {row["id"]: row for row in admin.get("/credentials")["items"]}
    bad = [row for row in rows.values() if row["state"] == "disabled"]
    assert len(bad) == 1 and bad[0]["reason"], rows
    good = [item["id"] for item in result["items"] if item["finding"] == "well"][0]
    result = admin.finish(admin("POST", f"/credentials/{good}/verify", status=202))
    assert result["well"] == 1 and result["items"][0]["id"] == good
    assert admin("POST", "/credentials/none/verify").status == 404
