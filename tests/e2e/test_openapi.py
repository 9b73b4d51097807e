"""The OpenAPI document of the admin API is valid, and the API keeps to it: every operation is
called, and its answer held against its schema."""

import json

import jsonschema
import pytest
from harness import ADMIN, MODEL, chat, poll
from openapi_spec_validator import validate
from test_admin import API, Admin
from test_relay_admin import Node
from test_statistics import Events

KEY = "AIzaSyOpenApi-key-00000000000000000000"
PASSPHRASE = "correct horse battery"


def closed(schema):
    """What the document names is all there is: an answer with more is one that it does not tell."""
    if isinstance(schema, dict):
        found = {name: closed(value) for name, value in schema.items()}
        if "properties" in schema and isinstance(schema["properties"], dict):
            found.setdefault("additionalProperties", False)
        return found
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    return schema


class Spec:
    """An administrator whose every call is held against the document."""

    def __init__(self, admin):
        self.admin = admin
        self.document = admin.get("/openapi.json")
        self.components = closed(self.document["components"])
        self.called = set()

    def operations(self):
        return {
            (method, path)
            for path, operations in self.document["paths"].items()
            for method in operations
        }

    def __call__(self, method, path, body=None, status=200, **parameters):
        """`path` as the document has it, `parameters` for its {…}; a query behind it."""
        pattern, _, query = path.partition("?")
        where = pattern.format(**parameters) + (f"?{query}" if query else "")
        answer = self.admin(method, where, body)
        wanted = status if isinstance(status, tuple) else (status,)
        assert answer.status in wanted, (method, where, answer)
        operation = self.document["paths"][pattern][method.lower()]
        self.called.add((method.lower(), pattern))
        if body is not None:
            self.check(operation["requestBody"]["content"]["application/json"]["schema"], body)
        named = {p["name"] for p in map(self.resolve, operation.get("parameters", []))}
        for pair in query.split("&") if query else []:
            assert pair.split("=")[0] in named, (where, "asks for what the document does not have")
        responses = operation["responses"]
        response = self.resolve(responses.get(str(answer.status), responses.get("default")))
        if "content" not in response:
            assert answer.text == "", (where, answer)
            return None
        value = json.loads(answer.text)
        self.check(response["content"]["application/json"]["schema"], value)
        return value

    def resolve(self, thing):
        if "$ref" not in thing:
            return thing
        found = self.document
        for step in thing["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return found

    def check(self, schema, value):
        whole = closed(schema) | {"components": self.components}
        jsonschema.Draft202012Validator(whole).validate(value)


@pytest.fixture
def spec(servers, simulator):
    gateway = servers.gateway(simulator, GEMINI_API_KEYS=KEY)
    return Spec(Admin(gateway))


def test_the_document_is_valid(spec):
    validate(spec.document)


def test_every_operation_answers_as_the_document_says(spec):
    spec("GET", "/openapi.json")
    spec("POST", "/login", {"password": ADMIN, "bearer": True})
    spec("GET", "/session")
    sessions = spec("GET", "/sessions")["items"]
    spec("DELETE", "/sessions/{id}", status=204, id=[s["id"] for s in sessions if not s["current"]][0])
    spec("DELETE", "/sessions", status=204)
    spec("POST", "/password", {"current": ADMIN, "new": "another-password"}, status=409)

    # credentials
    one = spec("POST", "/credentials", {"key": KEY.replace("key", "one"), "name": "one"}, 201)["id"]
    spec("POST", "/credentials/bulk", {"text": "\n".join(KEY.replace("key", f"k{n}") for n in "234")})
    ids = [c["id"] for c in spec("GET", "/credentials?limit=2&sort=-name&state=ready")["items"]]
    spec("GET", "/credentials/{id}", id=one)
    spec("PATCH", "/credentials/{id}", {"weight": 3, "note": "x", "tier": None}, id=one)
    spec("POST", "/credentials/{id}/disable", {"reason": "for a while"}, id=one)
    spec("POST", "/credentials/{id}/enable", id=one)
    spec("POST", "/credentials/{id}/reset", id=one)
    spec("POST", "/credentials/disable", {"ids": ids})
    spec("POST", "/credentials/enable", {"filter": {"state": "disabled"}})
    spec("POST", "/credentials/reset", {"filter": {}})
    spec("POST", "/credentials/{id}/verify", {}, (200, 202), id=one)
    spec("POST", "/credentials/verify", {"ids": ids}, (200, 202))
    spec("POST", "/credentials/edit", {"ids": ids, "set": {"weight": 2}})
    spec("DELETE", "/credentials/{id}", status=204, id=one)
    spec("POST", "/credentials/delete", {"filter": {"search": "no such one"}})

    # tokens
    limits = {"requests_per_minute": 100, "models": ["gemini-*"], "log_bodies": True}
    made = spec(
        "POST", "/tokens",
        {"name": "laptop", "allow": ["files"], "limits": limits, "expires": "2090-01-31T12:00:00Z"},
        201,
    )
    token = made["token"]["id"]
    spec("GET", "/tokens?limit=1")
    spec("GET", "/tokens/{id}", id=token)
    spec("PATCH", "/tokens/{id}", {"name": "desk", "expires": None}, id=token)
    text = spec("POST", "/tokens/{id}/rotate", id=token)["text"]

    # relay nodes
    node_token = spec("POST", "/tokens", {"name": "tab", "kind": "relay"}, 201)["text"]
    spec("GET", "/tokens?kind=relay")
    with Node(spec.admin.server, token=node_token, name="tab") as node:
        poll("the node", lambda: spec("GET", "/nodes?search=tab&protocol=applet")["total"] == 1)
        poll("it to serve", lambda: spec("GET", "/nodes/{id}", id="relay-tab")["state"] == "ready")
        spec("GET", "/credentials?provider=relay")
        spec("POST", "/nodes/{id}/drain", status=204, id="relay-tab")
        node.until_closed()
    with Node(spec.admin.server, token=node_token, name="tab") as node:
        poll("it again", lambda: spec("GET", "/nodes")["total"] == 1)
        spec("DELETE", "/nodes/{id}", status=204, id="relay-tab")
        node.until_closed()
    poll("both visits", lambda: spec("GET", "/nodes/visits?node=relay-tab&limit=5")["total"] == 2)
    assert len(spec("GET", "/nodes/{id}", id="relay-tab")["visits"]) == 2

    # settings, models
    spec("GET", "/settings")
    spec("GET", "/settings/{key}", key="pool.max_attempts")
    spec("PUT", "/settings/{key}", {"value": 5}, key="pool.max_attempts")
    spec("PUT", "/settings", {"values": {"pool.max_attempts": 6, "log.level": "info"}})
    spec("DELETE", "/settings/{key}", key="pool.max_attempts")
    spec("GET", "/models")
    spec("GET", "/models/{name}", name=f"{MODEL}-search")
    spec("PUT", "/aliases/{alias}", {"model": MODEL}, alias="mine")
    spec("GET", "/aliases")
    spec("DELETE", "/aliases/{alias}", status=204, alias="mine")

    # what was called
    assert chat(spec.admin.server, token=text).status == 200
    entry = poll("it is written", lambda: spec("GET", "/logs?limit=1&outcome=ok")["items"])[0]["id"]
    spec("GET", "/logs/{id}", id=entry)
    spec("GET", "/statistics")
    spec("GET", "/statistics/series?window=1h&by=credential&limit=3")
    spec("GET", "/statistics/top?window=24h&by=token&sort=cost")
    spec("GET", "/statistics/attention?window=1h")
    spec("DELETE", "/logs?token=" + token)
    events = Events(spec.admin)
    assert events.answer.headers["content-type"] == "text/event-stream"
    events.leave()
    spec.called.add(("get", "/events"))

    # all of it
    document = spec("POST", "/export", {"password": ADMIN, "passphrase": PASSPHRASE})
    spec("POST", "/import",
         {"document": json.dumps(document), "passphrase": PASSPHRASE, "dry_run": True})
    spec("DELETE", "/tokens/{id}", status=204, id=token)
    job = spec("GET", "/jobs")["items"][0]["id"]
    spec("GET", "/jobs/{id}", id=job)
    spec("DELETE", "/jobs/{id}", status=204, id=job)
    spec("GET", "/audit?limit=5")
    # What is wrong has one form everywhere.
    spec("GET", "/credentials/{id}", status=404, id="none")
    spec("POST", "/logout", status=204)
    missing = spec.operations() - spec.called
    assert not missing, f"not called here: {sorted(missing)}"
    assert API == spec.document["servers"][0]["url"]
