"""What operators see of the calls: statistics, logs, models, live events, and what scripts for
other gateways ask."""

import http.client
import json
import socket
import threading

import pytest
from harness import ADMIN, MODEL, TOKEN, call, chat, generate, poll
from test_admin import Admin, error
from upstream import google_error

KEYS = ["AIzaSyStatA-first-key-00000000000000001", "AIzaSyStatB-second-key-0000000000000002"]
GOOD = {
    "candidates": [
        {"content": {"role": "model", "parts": [{"text": "hi"}]}, "finishReason": "STOP"}
    ],
    "usageMetadata": {
        "promptTokenCount": 30, "cachedContentTokenCount": 10, "candidatesTokenCount": 4,
        "thoughtsTokenCount": 2, "totalTokenCount": 36,
    },
}


def respond(exchange):
    """Keys that begin alike answer; a prompt about trouble fails."""
    if "trouble" in exchange.body.decode(errors="replace"):
        return exchange.json(400, google_error(400, "INVALID_ARGUMENT", "no such thing as trouble"))
    return exchange.json(200, GOOD)


@pytest.fixture
def watched(servers):
    gateway = servers.gateway(servers.upstream(respond), GEMINI_API_KEYS=",".join(KEYS))
    return Admin(gateway)


def windows(admin):
    return {w["window"]: w for w in admin.get("/statistics")["windows"]}


def test_statistics_show_what_was_called(watched):
    assert windows(watched)["24h"]["calls"] == 0
    for _ in range(3):
        assert chat(watched.server).status == 200
    assert generate(watched.server).status == 200
    assert chat(watched.server, "trouble").status == 400
    poll("the calls are counted", lambda: windows(watched)["1m"]["calls"] == 5)
    for window in windows(watched).values():
        assert window["calls"] == 5 and window["failed"] == 1, window
        assert window["tokens"] == {"input": 120, "cached": 40, "output": 16, "thoughts": 8}
        assert window["cost"] > 0 and window["attempts"] >= 5
        assert window["first_byte_ms"] > 0 and window["attempts_per_call"] >= 1

    by_dialect = watched.get("/statistics/top?window=1h&by=dialect")
    assert {i["key"]: i["calls"] for i in by_dialect["items"]} == {"openai_chat": 4, "gemini": 1}
    by_model = watched.get("/statistics/top?by=model&sort=tokens")["items"]
    assert by_model[0]["key"] == MODEL and by_model[0]["tokens"]["input"] == 120
    tokens = watched.get("/statistics/top?by=token")["items"]
    assert len(tokens) == 1 and tokens[0]["calls"] == 5
    credentials = watched.get("/statistics/top?by=credential&sort=failed")["items"]
    assert sum(c["calls"] for c in credentials) == 5
    assert {c["name"] for c in credentials} <= {"environment 1", "environment 2"}

    series = watched.get("/statistics/series?window=1h")
    assert series["step"] == "minute" and len(series["series"]) == 1
    assert sum(p["calls"] for p in series["series"][0]["points"]) == 5
    apart = watched.get("/statistics/series?window=24h&by=dialect&limit=1")
    assert [s["key"] for s in apart["series"]] == ["openai_chat"] and apart["left_out"] == 1
    one = watched.get("/statistics/series?window=30d&by=dialect&key=gemini")
    assert one["step"] == "day" and one["series"][0]["calls"] == 1


def test_wrong_questions_are_told_what_is_right(watched):
    for path in (
        "/statistics/series?window=2h", "/statistics/series?window=30d&step=minute",
        "/statistics/top", "/statistics/top?by=moon", "/statistics/top?by=token&sort=luck",
        "/statistics/attention?limit=0", "/logs?since=yesterday", "/logs?status=many",
        "/logs?limit=100000", "/logs?cursor=%00",
    ):
        answer = watched("GET", path)
        assert answer.status == 400 and error(answer), (path, answer)


def test_attention_names_what_needs_a_look(servers):
    def one_is_bad(exchange):
        if exchange.key == KEYS[0]:
            info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID",
                    "domain": "googleapis.com"}
            return exchange.json(400, google_error(400, "INVALID_ARGUMENT", "API key not valid. "
                                                   "Please pass a valid API key.", [info]))
        return exchange.json(200, GOOD)

    gateway = servers.gateway(servers.upstream(one_is_bad), GEMINI_API_KEYS=",".join(KEYS))
    admin = Admin(gateway)
    assert admin.get("/statistics/attention")["total"] == 0

    def noticed():
        assert chat(gateway).status == 200
        return admin.get("/statistics/attention")["items"]

    items = poll("it is noticed", noticed)
    assert items[0]["credential"]["key"] == "AIzaSySt..."
    assert items[0]["credential"]["state"] in ("disabled", "needs_person")


def entries(admin, query=""):
    return admin.get("/logs" + query)["items"]


def test_logs_can_be_filtered_and_removed(watched):
    for number in range(5):
        assert chat(watched.server, f"question {number}").status == 200
    assert generate(watched.server).status == 200
    assert chat(watched.server, "trouble").status == 400
    poll("all are written", lambda: len(entries(watched)) == 7)
    newest = entries(watched)[0]
    assert newest["status"] == 400 and newest["outcome"] == "invalid_request", newest
    assert "no such thing as trouble" in newest["error"]
    assert newest["dialect"] == "openai_chat" and newest["client"] == "127.0.0.1"
    assert newest["token"]["id"] and newest["credential"]["name"].startswith("environment")

    assert len(entries(watched, "?dialect=gemini")) == 1
    assert len(entries(watched, "?outcome=ok")) == 6
    assert len(entries(watched, "?outcome=failed")) == 1
    assert len(entries(watched, "?status=400")) == 1
    assert len(entries(watched, "?search=trouble")) == 1
    assert len(entries(watched, f"?model={MODEL}&provider=api_key")) == 7
    assert len(entries(watched, "?until=2020-01-01T00:00:00Z")) == 0
    assert len(entries(watched, "?since=2020-01-01T00:00:00Z&token=" + newest["token"]["id"])) == 7
    credential = newest["credential"]["id"]
    mine = entries(watched, "?credential=" + credential)
    assert mine and all(e["credential"]["id"] == credential for e in mine)

    # Page by page, without gaps and without doubles.
    seen, cursor = [], ""
    while True:
        page = watched.get("/logs?limit=2" + cursor)
        seen += [e["id"] for e in page["items"]]
        if not page["next"]:
            break
        cursor = "&cursor=" + page["next"]
    assert seen == [e["id"] for e in entries(watched)] and len(set(seen)) == 7

    one = watched.get("/logs/" + newest["id"])
    assert one["id"] == newest["id"] and one["request_body"] is None
    assert watched("GET", "/logs/nothing").status == 404

    assert watched("DELETE", "/logs").status == 400, "not everything by mistake"
    assert watched("DELETE", "/logs?outcome=failed", status=200).json["removed"] == 1
    assert len(entries(watched)) == 6
    assert watched("DELETE", "/logs?all=true", status=200).json["removed"] == 6
    assert entries(watched) == []
    assert windows(watched)["1h"]["calls"] == 7, "sums stay"


def test_bodies_are_kept_where_a_token_asks_for_it(watched):
    made = watched(
        "POST", "/tokens", {"name": "told all", "limits": {"log_bodies": True}}, status=201
    ).json
    assert chat(watched.server, "a question to keep", token=made["text"]).status == 200
    assert chat(watched.server, "a question to forget").status == 200
    kept = poll("it is written", lambda: entries(watched, "?token=" + made["token"]["id"]))
    whole = watched.get("/logs/" + kept[0]["id"])
    assert "a question to keep" in whole["request_body"] and "hi" in whole["response_body"]
    assert whole["token"]["name"] == "told all"
    other = [e for e in entries(watched) if e["id"] != kept[0]["id"]][0]
    assert watched.get("/logs/" + other["id"])["request_body"] is None
    assert "request_body" not in kept[0]


def test_models_and_aliases(watched):
    families = watched.get("/models")
    assert any(f["family"] == "*" for f in families["items"]) and families["prices"]
    known = watched.get(f"/models/{MODEL}-search")
    assert known["upstream_model"] == MODEL and known["search"] and known["price"]
    assert watched("GET", "/models/no%20model").status == 400

    assert chat(watched.server, model="my-model").status in (200, 404)
    watched("PUT", "/aliases/my-*", {"model": MODEL}, status=200)
    assert watched.get("/models/my-model")["alias_of"] == MODEL
    assert chat(watched.server, model="my-model").status == 200
    sent = poll("it is written", lambda: [
        e for e in entries(watched) if e["model"] == "my-model" and e["upstream_model"] == MODEL
    ])
    assert sent
    items = watched.get("/aliases")["items"]
    assert {"alias": "my-*", "model": MODEL, "origin": "store"} in items
    assert watched("PUT", "/aliases/x", {"model": "no model"}).status == 400
    watched("DELETE", "/aliases/my-*", status=204)
    assert watched("DELETE", "/aliases/my-*").status == 404


# --- live events ---------------------------------------------------------------------------


class Events(threading.Thread):
    """Reads /events until it ends."""

    def __init__(self, admin, **headers):
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection(admin.server.host, admin.server.port, timeout=60)
        self.connection.request("GET", "/api/admin/v1/events", headers=admin.headers | headers)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.seen = []
        self.ended = False
        self.start()

    def run(self):
        kind = None
        try:
            for line in self.answer:
                text = line.decode().rstrip("\n")
                if text.startswith("event: "):
                    kind = text[7:]
                if text.startswith("data: "):
                    self.seen.append((kind, json.loads(text[6:])))
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass
        self.ended = True

    def leave(self):
        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def of(self, kind):
        return [data for each, data in list(self.seen) if each == kind]


def test_events_tell_what_happens_now(servers):
    def limited(exchange):
        if exchange.key == KEYS[0]:
            return exchange.json(429, google_error(429, "RESOURCE_EXHAUSTED", "Please retry in 30s."))
        return exchange.json(200, GOOD)

    gateway = servers.gateway(servers.upstream(limited), GEMINI_API_KEYS=",".join(KEYS))
    admin = Admin(gateway)
    events = Events(admin)
    assert events.status == 200
    asked = 0

    def rested():
        nonlocal asked
        assert chat(gateway).status == 200
        asked += 1
        return [e for e in events.of("credential") if e["cooldown"]]

    rests = poll("the cooldown is told", rested)
    assert rests[0]["name"].startswith("environment") and rests[0]["cooldown"]["until"]
    poll("the calls are told", lambda: sum(e["ended"] for e in events.of("calls")) == asked)
    assert KEYS[0] not in json.dumps(events.seen)
    gateway.stop()
    poll("the stream ends with the server", lambda: events.ended)


def test_events_end_with_their_session(watched):
    events = Events(watched)
    Admin(watched.server)("DELETE", "/sessions", status=204)
    poll("the stream ends", lambda: events.ended)
    assert call(watched.server, "GET", "/api/admin/v1/events").status == 401


def test_listeners_have_a_bound(watched):
    many = [Events(watched) for _ in range(16)]
    assert {e.status for e in many} == {200}
    assert Events(watched).status == 503
    many[0].leave()
    poll("a place is free again", lambda: Events(watched).status == 200)


# --- what scripts for other gateways ask ---------------------------------------------------


def test_scripts_of_other_gateways_go_on_working(servers, simulator):
    keys = [*KEYS, "AIzaTwin-one-0000000000000000000000001", "AIzaTwin-two-0000000000000000000000002"]
    gateway = servers.gateway(simulator, GEMINI_API_KEYS=",".join(keys))

    def ask(method, path, body=None, status=200, token=ADMIN):
        answer = call(gateway, method, path, body, token=token)
        assert answer.status == status, (path, answer)
        for key in keys:
            assert key not in answer.text
        return answer.json

    # Never open, whatever the originals were.
    for method, path in (
        ("POST", "/admin/reset-key/AIza"), ("POST", "/v1/management/unfreeze"),
        ("GET", "/v1/keys/list"), ("GET", "/hf/v1/keys/list"), ("GET", "/api/keys"),
        ("POST", "/gemini/v1beta/reset-all-fail-counts"),
        ("POST", "/gemini/v1beta/reset-fail-count/x"), ("GET", "/api/stats/details?period=1h"),
        ("GET", "/api/stats/attention-keys"), ("GET", "/api/logs/errors"),
    ):
        answer = call(gateway, method, path, {} if method == "POST" else None)
        assert answer.status == 401, (path, answer)
    for path in ("/v1/keys/list", "/api/keys"):
        assert call(gateway, "GET", path, token=TOKEN).status == 401, "a client is no operator"
    session = Admin(gateway).token

    # gemini-claude-adapter
    reset = ask("POST", "/admin/reset-key/AIzaSyStatA", token=session)
    assert reset == {"message": "Successfully reset key AIzaSySt... from active to active"}
    assert ask("POST", "/admin/reset-key/AIz", status=404) == {
        "detail": "Key prefix must be at least 4 characters long"
    }
    assert ask("POST", "/admin/reset-key/none", status=404) == {
        "detail": "No key found with prefix 'none'"
    }
    assert ask("POST", "/admin/reset-key/AIzaTwin", status=404) == {
        "detail": "Multiple keys found with prefix 'AIzaTwin'. Please use a more specific prefix."
    }

    # gemini-gateway-service
    assert ask("POST", "/v1/management/unfreeze", {}, status=400) == {
        "error": "Missing required field: account"
    }
    assert "unfrozen" in ask("POST", "/v1/management/unfreeze", {"account": "environment 2"})["message"]
    ask("POST", "/v1/management/unfreeze", {"account": "nobody"}, status=404)

    # gemini-balance
    listed = ask("GET", "/v1/keys/list")
    assert listed["success"] and listed["total"] == 4 and len(listed["data"]["valid_keys"]) == 4
    page = ask("GET", "/api/keys?page=2&limit=3")
    assert page["total_items"] == 4 and page["total_pages"] == 2 and len(page["keys"]) == 1
    shown = next(iter(page["keys"]))
    assert ask("POST", "/gemini/v1beta/reset-all-fail-counts?key_type=valid")["reset_count"] == 4
    assert ask("POST", f"/gemini/v1beta/reset-fail-count/{shown}")["reset_count"] == 1
    chosen = ask("POST", "/gemini/v1beta/reset-selected-fail-counts", {"keys": [shown, "AIzaSyStatB"]})
    assert chosen["reset_count"] == 2
    assert ask("POST", f"/gemini/v1beta/verify-key/{shown}") == {"status": "valid", "error": None}
    ask("POST", "/gemini/v1beta/verify-key/none-of-ours", status=404)
    verified = ask("POST", "/gemini/v1beta/verify-selected-keys", {"keys": [shown, "AIzaSyStatB"]})
    assert verified["valid_count"] == 2 and verified["failed_keys"] == {}
    assert chat(gateway).status == 200
    assert chat(gateway, "x", temperature=9).status in (200, 400)
    details = poll("it is written", lambda: ask("GET", "/api/stats/details?period=1h"))
    assert details[-1]["status"] == "success" and "~" in details[-1]["key"]
    assert ask("GET", "/api/stats/attention-keys?status_code=429&limit=5") == []
    errors = ask("GET", "/api/logs/errors?limit=5")
    assert errors["total"] == len(errors["logs"])
