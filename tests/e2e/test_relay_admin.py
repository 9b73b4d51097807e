"""The administration of relay nodes: who gets in, whom nodes may serve, what is shown of them."""

import contextlib
import http.client
import json
import threading

import pytest
from harness import ADMIN, MODEL, SLOW, TOKEN, call, chat, generate, poll
from test_admin import Admin
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

NODE_TOKEN = "wsr-e2e-node-token-0123456789abcdef"
OF_NODE = "This is a node speaking."
EMBEDDING = {"embeddings": [{"values": [0.5, 0.25]}]}


def payload(request):
    """What a well node answers."""
    path = request["path"]
    if "embed" in path:
        return EMBEDDING
    if path.split("?")[0].endswith("/models"):
        return {"models": [{"name": "models/gemini-of-a-node", "displayName": "x"}]}
    return {
        "candidates": [
            {
                "content": {"role": "model", "parts": [{"text": OF_NODE}]},
                "finishReason": "STOP",
                "index": 0,
            }
        ],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 4, "totalTokenCount": 5},
    }


def answer_well(request):
    if "stream" in request["path"]:
        return [
            {"id": request["id"], "stream": True, "type": "batch", "chunks": [payload(request)]},
            {"id": request["id"], "stream": True, "done": True},
        ]
    return [{"id": request["id"], "success": True, "payload": payload(request)}]


def out_of_quota(request):
    """As Google says it, passed on as a text."""
    error = {
        "error": {
            "code": 429,
            "status": "RESOURCE_EXHAUSTED",
            "message": "slow down",
            "details": [
                {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "600s"}
            ],
        }
    }
    return [{"id": request["id"], "success": False, "error": json.dumps(error)}]


class Node:
    """A relay node of the first applet's kind, on a thread of its own."""

    def __init__(self, server, token=NODE_TOKEN, name=None, respond=answer_well, path="/ws", **more):
        query = "&".join(
            f"{key}={value}" for key, value in (("token", token), ("name", name)) if value
        )
        url = f"ws://{server.host}:{server.port}{path}" + (f"?{query}" if query else "")
        self.respond = respond
        self.asked = []
        self.closed = None  # (code, reason)
        self.context = connect(url, open_timeout=10 * SLOW, close_timeout=1, **more)
        self.ws = self.context.__enter__()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        try:
            for text in self.ws:
                message = json.loads(text)
                if "path" not in message:
                    continue
                self.asked.append(message)
                for answer in self.respond(message):
                    self.ws.send(json.dumps(answer))
            self.closed = (1000, "")
        except ConnectionClosed:
            pass
        if self.ws.close_code is not None:
            self.closed = (self.ws.close_code, self.ws.close_reason)

    def until_closed(self):
        return poll("the node's connection to close", lambda: self.closed)

    def close(self):
        self.ws.close()
        self.thread.join(10 * SLOW)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


@pytest.fixture
def relay(servers, simulator):
    """Two keys and whatever nodes come; a node is preferred where it may serve."""
    return servers.gateway(simulator, RELAY_TOKENS=NODE_TOKEN, POOL_PROVIDERS="relay,api_key")


@pytest.fixture
def admin(relay):
    return Admin(relay)


def ready(server, count=1):
    poll(f"{count} nodes", lambda: nodes_of(server) == count)
    # Among the credentials it is a moment later.
    poll("the pool to know", lambda: ready_nodes(server) == count)


def nodes_of(server):
    return call(server, "GET", "/").json["nodes"]


def ready_nodes(server):
    page = call(server, "GET", "/stats", token=ADMIN).json
    return sum(
        each["provider"] == "relay" and each["status"] == "active" for each in page["keys_detail"]
    )


def metric(server, start):
    text = call(server, "GET", "/metrics", token=ADMIN).text
    return [float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(start)]


def text_of(answer):
    assert answer.status == 200, answer
    return answer.json["choices"][0]["message"]["content"]


def make_token(admin, **fields):
    return admin("POST", "/tokens", {"name": "made by a test", **fields}, 201).json


# --- the door ------------------------------------------------------------------------------


def turned_away(server, **how):
    with Node(server, **how) as node:
        code, reason = node.until_closed()
        assert node.asked == []
        return code, reason


def test_a_token_opens_its_own_door_and_no_other(relay, admin):
    made = make_token(admin, kind="relay")
    assert made["text"].startswith("wsr-") and made["token"]["kind"] == "relay"
    assert made["token"]["allow"] == [] and made["token"]["limits"] is None
    client = make_token(admin)["text"]
    old = make_token(admin, kind="relay", expires="2020-01-01T00:00:00Z")["text"]
    off = make_token(admin, kind="relay", disabled=True)["text"]

    for token in (made["text"], NODE_TOKEN):
        with Node(relay, token=token):
            ready(relay)
        poll("the node to be gone", lambda: nodes_of(relay) == 0)
        for answer in (chat(relay, token=token), generate(relay, token=token)):
            assert answer.status == 401 and "relay node" in answer.text, answer
    for token, why in (
        (None, "needs a token"),
        ("wrong", "not known"),
        (TOKEN, "for clients"),
        (client, "for clients"),
        (ADMIN, "not known"),
        (old, "expired"),
        (off, "not known"),
    ):
        code, reason = turned_away(relay, token=token)
        assert code == 1008 and why in reason, (token, code, reason)
    assert nodes_of(relay) == 0


def test_a_node_shows_its_token_as_it_can(servers, simulator):
    relay = servers.gateway(simulator, RELAY_TOKENS=NODE_TOKEN, LOG_LEVEL="trace")
    for path in ("/ws", "/v1/ws", "/ws/events"):
        with Node(relay, path=path):
            ready(relay)
        poll("the node to be gone", lambda: nodes_of(relay) == 0)
    bearer = {"Authorization": f"Bearer {NODE_TOKEN}"}
    with Node(relay, token=None, additional_headers=bearer):
        ready(relay)
    poll("the node to be gone", lambda: nodes_of(relay) == 0)
    offered = [f"wasat.token.{NODE_TOKEN}", "wasat.relay"]
    with Node(relay, token=None, subprotocols=offered) as node:
        ready(relay)
        assert node.ws.subprotocol == "wasat.relay", "the one with the secret is not sent back"
    assert NODE_TOKEN not in relay.everything_written()


def test_tokens_of_nodes_among_the_others(relay, admin):
    made = make_token(admin, kind="relay", name="tablet")["token"]
    listed = admin.get("/tokens?kind=relay")["items"]
    assert [each["name"] for each in listed] == ["environment, relay 1", "tablet"]
    assert listed[0]["from_environment"] and not listed[1]["from_environment"]
    assert all(each["kind"] == "client" for each in admin.get("/tokens?kind=client")["items"])
    admin("GET", "/tokens?kind=nobody", status=400)
    for wrong in ({"kind": "server"}, {"kind": "relay", "allow": "files"},
                  {"kind": "relay", "limits": {"concurrency": 1}}):
        admin("POST", "/tokens", {"name": "x", **wrong}, 400)
    path = f"/tokens/{made['id']}"
    admin("PATCH", path, {"kind": "client"}, 400)
    admin("PATCH", path, {"allow": ["files"]}, 400)
    assert admin("PATCH", path, {"kind": "relay", "name": "phone"}, 200).json["name"] == "phone"
    again = admin("POST", path + "/rotate", status=200).json
    assert again["text"].startswith("wsr-") and again["token"]["kind"] == "relay"


def test_nodes_leave_with_their_token(relay, admin):
    for change in ("disable", "rotate", "delete"):
        made = make_token(admin, kind="relay")
        path = f"/tokens/{made['token']['id']}"
        with Node(relay, token=made["text"], name="tablet") as node, Node(relay, name="other"):
            ready(relay, 2)
            if change == "disable":
                admin("PATCH", path, {"disabled": True}, 200)
            elif change == "rotate":
                admin("POST", path + "/rotate", status=200)
            else:
                admin("DELETE", path, status=204)
            assert node.until_closed()[0] == 1008
            poll("one to be left", lambda: nodes_of(relay) == 1)
        poll("none to be left", lambda: nodes_of(relay) == 0)


def test_an_open_relay_warns(servers, simulator):
    relay = servers.gateway(simulator, RELAY_OPEN="true")
    poll("the warning", lambda: "the relay is open: anybody" in relay.stderr())
    assert call(relay, "GET", "/health").json["relay"] == "open"
    with Node(relay, token=None) as node:
        ready(relay)
        assert turned_away(relay, token="wrong")[0] == 1008, "a wrong token counts all the same"
        Admin(relay)("PUT", "/settings/relay.open", {"value": False}, 409)  # the environment's
        assert node.closed is None


def test_a_relay_is_closed_while_it_runs(servers, simulator):
    relay = servers.gateway(simulator)
    admin = Admin(relay)
    assert turned_away(relay, token=None)[0] == 1008
    assert "relay" not in call(relay, "GET", "/health").json
    admin("PUT", "/settings/relay.open", {"value": True}, 200)
    with Node(relay, token=None) as node:
        ready(relay)
        admin("PUT", "/settings/relay.open", {"value": False}, 200)
        assert node.until_closed()[0] == 1008
    admin("PUT", "/settings/relay.enabled", {"value": False}, 200)
    assert call(relay, "GET", "/ws").status == 404


def test_no_more_nodes_come_than_may(servers, simulator):
    relay = servers.gateway(simulator, RELAY_TOKENS=NODE_TOKEN)
    admin = Admin(relay)
    admin("PUT", "/settings/relay.max_nodes", {"value": 1}, 200)
    with Node(relay, name="one") as one:
        ready(relay)
        assert turned_away(relay, name="two")[0] == 1013
        with Node(relay, name="one"):
            assert one.until_closed()[0] == 1000, "it has come again"
            ready(relay)


def test_a_relay_that_is_turned_off_lets_its_nodes_go(servers, simulator):
    relay = servers.gateway(simulator, RELAY_TOKENS=NODE_TOKEN)
    with Node(relay) as node:
        ready(relay)
        Admin(relay)("PUT", "/settings/relay.enabled", {"value": False}, 200)
        node.until_closed()
    assert nodes_of(relay) == 0


def test_without_keys_nodes_are_waited_for(servers):
    relay = servers.gateway("http://127.0.0.1:9", GEMINI_API_KEYS=None)
    assert "GEMINI_API_KEYS" in chat(relay).text
    assert "There is no API key yet" in relay.stdout()
    made = make_token(Admin(relay), kind="relay")
    answer = chat(relay)
    assert answer.status == 503 and "No execution nodes." in answer.text
    with Node(relay, token=made["text"]):
        ready(relay)
        assert text_of(chat(relay)) == OF_NODE


def test_a_token_of_both_kinds_is_refused_at_the_start(servers):
    with pytest.raises(AssertionError, match="in common"):
        servers.gateway("http://127.0.0.1:9", ALLOWED_TOKENS=NODE_TOKEN, RELAY_TOKENS=NODE_TOKEN)


# --- trust ---------------------------------------------------------------------------------

# trust, the pool has keys, the token allows relay -> who serves
TRUST = [
    ("auto", False, False, "node"),
    ("auto", False, True, "node"),
    ("auto", True, False, "key"),
    ("auto", True, True, "node"),
    ("all", False, False, "node"),
    ("all", False, True, "node"),
    ("all", True, False, "node"),
    ("all", True, True, "node"),
    ("tokens", False, False, "nobody"),
    ("tokens", False, True, "node"),
    ("tokens", True, False, "key"),
    ("tokens", True, True, "node"),
]


@pytest.mark.parametrize("trust", ["auto", "all", "tokens"])
@pytest.mark.parametrize("keys", [False, True], ids=["nodes alone", "keys and nodes"])
def test_whom_nodes_may_serve(servers, simulator, trust, keys):
    settings = {} if keys else {"GEMINI_API_KEYS": None}
    relay = servers.gateway(
        simulator, RELAY_TOKENS=NODE_TOKEN, RELAY_TRUST=trust, POOL_PROVIDERS="relay,api_key",
        **settings,
    )
    admin = Admin(relay)
    tokens = {
        allows: make_token(admin, allow=["files"] + ["relay"] * allows)["text"]
        for allows in (False, True)
    }
    with Node(relay) as node:
        ready(relay)
        for row_trust, row_keys, allows, who in TRUST:
            if (row_trust, row_keys) != (trust, keys):
                continue
            asked = len(node.asked)
            answers = every_way(relay, tokens[allows])
            for way, answer in answers.items():
                if who == "nobody":
                    assert answer.status == 403, (way, answer)
                    assert "relay nodes" in answer.text and "TOKENS_ALLOW" in answer.text, way
                else:
                    assert answer.status == 200, (way, answer)
            assert (len(node.asked) > asked) == (who == "node"), (trust, keys, allows)
            if who == "node":
                assert len(node.asked) == asked + len(answers), "each of them"
            for request in node.asked:
                assert tokens[allows] not in json.dumps(request)


def every_way(server, token):
    """One call in each dialect, streamed and not, and of each kind that nodes serve."""
    openai = {"Authorization": f"Bearer {token}"}
    anthropic = {"x-api-key": token, "anthropic-version": "2023-06-01"}
    google = {"x-goog-api-key": token}
    user = [{"role": "user", "content": "Say hello."}]
    ask = {"model": MODEL, "messages": user}
    native = {"contents": [{"role": "user", "parts": [{"text": "Say hello."}]}]}
    embed = {"model": "gemini-embedding-001", "input": ["one", "two"]}
    base = f"/v1beta/models/{MODEL}"
    return {
        "chat": call(server, "POST", "/v1/chat/completions", ask, openai),
        "chat stream": call(
            server, "POST", "/v1/chat/completions", ask | {"stream": True}, openai
        ),
        "responses": call(server, "POST", "/v1/responses", {"model": MODEL, "input": "hi"}, openai),
        "messages": call(server, "POST", "/v1/messages", ask | {"max_tokens": 99}, anthropic),
        "native": call(server, "POST", base + ":generateContent", native, google),
        "native stream": call(
            server, "POST", base + ":streamGenerateContent?alt=sse", native, google
        ),
        "two candidates": call(
            server, "POST", "/v1/embeddings", embed | {"input": "one"}, openai
        ),
    }


def test_failover_never_leads_to_a_node_that_may_not_serve(servers, simulator):
    relay = servers.gateway(simulator, RELAY_TOKENS=NODE_TOKEN)
    trusting = make_token(Admin(relay), allow="relay")["text"]
    with Node(relay) as node:
        ready(relay)
        assert OF_NODE not in text_of(chat(relay)), "keys go before nodes"
        simulator.fault("quota-day")
        assert chat(relay).status == 429
        assert chat(relay, stream=True).status == 429
        assert node.asked == []
        assert text_of(chat(relay, token=trusting)) == OF_NODE
        assert len(node.asked) == 1


def test_no_second_attempt_goes_to_a_node_that_may_not_serve(servers, simulator):
    relay = servers.gateway(
        simulator, RELAY_TOKENS=NODE_TOKEN, GEMINI_API_KEYS="AIza-only-one-key-0123456789",
        POOL_HEDGE="true", POOL_HEDGE_BUDGET="100",
    )
    with Node(relay) as node:
        ready(relay)
        for _ in range(40):
            assert chat(relay).status == 200
        simulator.fault("slow", ms=1500 * SLOW, times=1)
        assert chat(relay).status == 200
        assert node.asked == []


def test_a_nodes_list_of_models_is_for_those_who_trust_it(relay, admin):
    trusting = make_token(admin, allow="relay")["text"]

    def models(token):
        answer = call(relay, "GET", "/v1beta/models", headers={"x-goog-api-key": token})
        assert answer.status == 200, answer
        return answer.text

    with Node(relay):
        ready(relay)
        assert "gemini-of-a-node" in models(trusting)
        for _ in range(2):
            assert "gemini-of-a-node" not in models(TOKEN)
    assert "gemini-of-a-node" not in models(TOKEN)


def test_what_a_key_made_stays_with_its_account(relay):
    with Node(relay) as node:
        ready(relay)
        google = {"x-goog-api-key": TOKEN}
        answer = call(relay, "GET", "/v1beta/files", headers=google)
        assert answer.status == 200, answer
        body = {"model": f"models/{MODEL}", "contents": [{"parts": [{"text": "a" * 9000}]}]}
        call(relay, "POST", "/v1beta/cachedContents", body, google)
        assert node.asked == []


# --- what is shown -------------------------------------------------------------------------


def test_the_pages_of_nodes(relay, admin):
    for method, path in (("GET", "/nodes"), ("GET", "/nodes/relay-a"), ("GET", "/nodes/visits"),
                         ("DELETE", "/nodes/relay-a"), ("POST", "/nodes/relay-a/drain")):
        assert call(relay, method, "/api/admin/v1" + path).status == 401, path
    assert admin.get("/nodes") == {"items": [], "next": None, "total": 0}
    token = make_token(admin, kind="relay", name="of a test")
    trusting = make_token(admin, allow="relay")["text"]
    names = ["alpha", "beta", "gamma"]
    with contextlib.ExitStack() as stack:
        nodes = {
            name: stack.enter_context(Node(relay, name=name, token=token["text"]))
            for name in names
        }
        ready(relay, 3)
        first = admin.get("/nodes?limit=2")
        rest = admin.get(f"/nodes?limit=2&cursor={first['next']}")
        assert [each["id"] for each in first["items"] + rest["items"]] == [
            f"relay-{name}" for name in names
        ]
        assert rest["next"] is None and rest["total"] == 3
        assert [each["name"] for each in admin.get("/nodes?search=BET")["items"]] == ["beta"]
        assert admin.get("/nodes?protocol=applet")["total"] == 3
        assert admin.get("/nodes?token=nobody")["total"] == 0

        for _ in range(6):
            assert text_of(chat(relay, token=trusting)) == OF_NODE
        items = admin.get("/nodes")["items"]
        assert sum(each["served"] for each in items) == 6
        one = items[0]
        assert one["token"] == {"id": token["token"]["id"], "name": "of a test"}
        assert one["address"] == "127.0.0.1" and one["state"] == "ready" and one["running"] == 0
        assert one["bytes_in"] > 0 and one["bytes_out"] > 0 and one["misunderstood"] == 0
        assert one["messages_in"] > 0 and one["messages_out"] > 0
        shown = admin.get("/nodes/relay-alpha")
        assert shown["connected"] and shown["visits"] == []

        admin("DELETE", "/nodes/relay-alpha", status=204)
        assert nodes["alpha"].until_closed()[1] == "disconnected by an administrator"
        admin("POST", "/nodes/relay-beta/drain", status=204)
        nodes["beta"].until_closed()
        poll("one to be left", lambda: admin.get("/nodes")["total"] == 1)
        for method, path in (("DELETE", "/nodes/relay-alpha"), ("POST", "/nodes/relay-x/drain"),
                             ("GET", "/nodes/relay-x")):
            admin(method, path, status=404)
    gone = admin.get("/nodes/relay-alpha")
    assert not gone["connected"] and gone["state"] is None
    assert gone["visits"][0]["why"] and gone["visits"][0]["until"] >= gone["visits"][0]["since"]
    poll("all visits", lambda: admin.get("/nodes/visits")["total"] == 3)
    assert admin.get("/nodes/visits?node=relay-beta")["total"] == 1
    actions = [each["action"] for each in admin.get("/audit?limit=20")["items"]]
    assert {"node.disconnect", "node.drain"} <= set(actions)


def test_a_drained_node_ends_what_it_has(relay, admin):
    trusting = make_token(admin, allow="relay")["text"]
    goes_on = threading.Event()

    def wait(request):
        goes_on.wait(20 * SLOW)
        return answer_well(request)

    with Node(relay, name="slow", respond=wait) as node:
        ready(relay)
        answers = []
        asking = threading.Thread(target=lambda: answers.append(chat(relay, token=trusting)))
        asking.start()
        poll("the request", lambda: node.asked)
        admin("POST", "/nodes/relay-slow/drain", status=204)
        poll("no more for it", lambda: admin.get("/nodes/relay-slow")["draining"])
        assert ready_nodes(relay) == 0
        assert OF_NODE not in text_of(chat(relay, token=trusting)), "a key serves the next"
        goes_on.set()
        asking.join()
        assert text_of(answers[0]) == OF_NODE
        node.until_closed()


def test_nodes_among_the_credentials(relay, admin):
    trusting = make_token(admin, allow="relay")["text"]
    with Node(relay, name="tab"):
        ready(relay)
        found = admin.get("/credentials?provider=relay")
        assert found["total"] == 1 and admin.get("/credentials")["total"] == 3
        one = found["items"][0]
        assert one["id"] == "relay-tab" and one["name"] == "tab" and one["transient"] is True
        assert one["key"] == "" and one["created"] is None
        assert admin.get("/credentials/relay-tab")["transient"] is True
        assert admin.get("/credentials?search=environment")["items"][0]["transient"] is False
        admin("PATCH", "/credentials/relay-tab", {"note": "x"}, 409)
        admin("DELETE", "/credentials/relay-tab", status=409)
        disabled = admin("POST", "/credentials/relay-tab/disable", {"reason": "lunch"}, 200).json
        assert disabled["state"] == "disabled" and "lunch" in disabled["reason"]
        assert OF_NODE not in text_of(chat(relay, token=trusting))
        stats = call(relay, "GET", "/stats", token=ADMIN).json
        shown = [each for each in stats["keys_detail"] if each["provider"] == "relay"]
        assert shown[0]["key"] == "tab" and shown[0]["status"] == "failed"
    poll("the node to be gone", lambda: nodes_of(relay) == 0)
    with Node(relay, name="tab"):
        poll("the node", lambda: nodes_of(relay) == 1)
        poll("it to be known", lambda: admin.get("/credentials?provider=relay")["total"] == 1)
        assert OF_NODE not in text_of(chat(relay, token=trusting)), "it is still out of use"
        admin("POST", "/credentials/relay-tab/enable", status=200)
        assert text_of(chat(relay, token=trusting)) == OF_NODE
        verified = admin.finish(admin("POST", "/credentials/relay-tab/verify", {}))
        assert verified["well"] == 1


def test_a_node_without_quota_rests_while_others_serve(relay, admin):
    trusting = make_token(admin, allow="relay")["text"]
    with Node(relay, name="poor", respond=out_of_quota) as poor, Node(relay, name="rich") as rich:
        ready(relay, 2)
        for _ in range(20):
            assert text_of(chat(relay, token=trusting)) == OF_NODE, "failover is invisible"
        assert len(poor.asked) == 1 and len(rich.asked) == 20
        resting = admin.get("/credentials/relay-poor")
        assert resting["state"] == "cooling" and resting["cooldowns"][0]["model"] == MODEL
        assert admin.get("/nodes/relay-poor")["state"] == "cooling"
        assert admin.get("/nodes/relay-poor")["failed"] == 1
        native = {"contents": [{"role": "user", "parts": [{"text": "Say hello."}]}]}
        for _ in range(40):
            call(relay, "POST", "/v1beta/models/gemini-2.5-pro:generateContent", native,
                 {"x-goog-api-key": trusting})
            if len(poor.asked) > 1:
                break
        assert len(poor.asked) > 1, "it rests for one model alone"
    poll("the nodes to be gone", lambda: nodes_of(relay) == 0)
    with Node(relay, name="poor") as again:
        poll("the node", lambda: admin.get("/credentials?provider=relay")["total"] == 1)
        assert OF_NODE not in text_of(chat(relay, token=trusting)), "a reload is no new quota"
        assert again.asked == []


def test_statistics_name_nodes(relay, admin):
    trusting = make_token(admin, allow="relay")["text"]
    with Node(relay, name="tab"):
        ready(relay)
        for _ in range(3):
            assert text_of(chat(relay, token=trusting)) == OF_NODE

        def series():
            found = admin.get("/statistics/series?window=1h&by=credential&key=relay-tab")["series"]
            return found if found and found[0]["calls"] == 3 else None

        one = poll("the ledger", series)[0]
        assert one["key"] == "relay-tab" and one["name"] == "tab"
        entry = poll("the log", lambda: admin.get("/logs?limit=1")["items"])[0]
        assert entry["provider"] == "relay" and entry["credential"]["name"] == "tab"


def test_metrics_tell_of_nodes(relay, admin):
    trusting = make_token(admin, allow="relay")["text"]
    assert metric(relay, "wasat_relay_nodes") == [0]
    with Node(relay) as node:
        ready(relay)
        assert text_of(chat(relay, token=trusting)) == OF_NODE
        node.ws.send("this is no JSON")
        poll("its count", lambda: metric(relay, "wasat_relay_misunderstood_total") == [1])
        assert metric(relay, "wasat_relay_nodes") == [1]
        assert metric(relay, "wasat_relay_joins_total") == [1]
        assert metric(relay, 'wasat_credentials{pool="relay",state="ready"}') == [1]
        assert metric(relay, 'wasat_credentials{pool="api_key",state="ready"}') == [2]
        for direction in ("up", "down"):
            assert metric(relay, f'wasat_relay_messages_total{{direction="{direction}"}}')[0] >= 1
            assert metric(relay, f'wasat_relay_bytes_total{{direction="{direction}"}}')[0] > 50
    poll("the node to be gone", lambda: metric(relay, "wasat_relay_nodes") == [0])
    assert metric(relay, 'wasat_relay_messages_total{direction="up"}')[0] >= 1, "they stay counted"


def test_events_tell_of_nodes_that_come_and_go(relay, admin):
    connection = http.client.HTTPConnection(relay.host, relay.port, timeout=30 * SLOW)
    with contextlib.closing(connection):
        connection.request("GET", "/api/admin/v1/events", headers=admin.headers)
        stream = connection.getresponse()
        assert stream.status == 200
        with Node(relay, name="tab"):
            ready(relay)
        told, kind = [], None
        while len(told) < 2:
            line = stream.readline().decode().strip()
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: ") and kind == "node":
                told.append(json.loads(line.removeprefix("data: ")))
        assert [each["event"] for each in told] == ["joined", "left"]
        assert told[0]["id"] == "relay-tab" and told[0]["address"] == "127.0.0.1"


def test_nodes_are_not_kept(servers, simulator, tmp_path):
    settings = {"folder": tmp_path / "kept", "RELAY_TOKENS": NODE_TOKEN}
    relay = servers.gateway(simulator, **settings)
    with Node(relay, name="tab", respond=out_of_quota):
        ready(relay)
        admin = Admin(relay)
        trusting = make_token(admin, allow="relay")["text"]
        simulator.fault("quota-day")
        assert chat(relay, token=trusting).status == 429
        admin("POST", "/credentials/relay-tab/disable", {}, 200)
        relay.stop()
    again = servers.gateway(simulator, **settings)
    assert Admin(again).get("/credentials?provider=relay")["total"] == 0
    exported = Admin(again)("POST", "/export", {"password": ADMIN, "passphrase": "a passphrase"})
    assert exported.status == 200
