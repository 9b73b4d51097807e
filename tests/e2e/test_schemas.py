"""A schema that an upstream does not take as JSON Schema goes once more, in OpenAPI's subset."""

import json

import pytest
from harness import MODEL, TOKEN, call, native_body

# No member of it is OpenAPI's but type, properties and description: the simulator, as
# Google, refuses the others where a Schema should stand.
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "city": {"$ref": "#/$defs/city"},
        "days": {"type": "integer", "exclusiveMinimum": 0},
        "unit": {"const": "celsius"},
        "note": {"type": ["string", "null"]},
    },
    "required": ["city"],
    "additionalProperties": False,
    "$defs": {"city": {"type": "string", "description": "Its name."}},
}
FUNCTION = {"name": "get_weather", "description": "Weather.", "parameters": SCHEMA}
CHAT_TOOL = {"type": "function", "function": FUNCTION}
FORMAT = {"name": "weather", "schema": SCHEMA}

# What clients ask, and where the schema stands in the call.
ASKED = {
    "chat_tool": ("/v1/chat/completions", {"tools": [CHAT_TOOL]}, "parameters"),
    "chat_format": (
        "/v1/chat/completions",
        {"response_format": {"type": "json_schema", "json_schema": FORMAT}},
        "responseSchema",
    ),
    "responses_tool": ("/v1/responses", {"tools": [{"type": "function", **FUNCTION}]}, "parameters"),
    "responses_format": (
        "/v1/responses",
        {"text": {"format": {"type": "json_schema", **FORMAT}}},
        "responseSchema",
    ),
    "messages_tool": (
        "/v1/messages",
        {"tools": [{"name": "get_weather", "input_schema": SCHEMA}], "max_tokens": 100},
        "parameters",
    ),
}
NO_JSON_SCHEMA = {"fault": "no-json-schema", "match": {"text": "JsonSchema"}}


def ask(gateway, name, stream=False):
    path, more, _ = ASKED[name]
    body = {"model": MODEL, "stream": stream, **more}
    if path == "/v1/responses":
        body["input"] = "Say hello."
    else:
        body["messages"] = [{"role": "user", "content": "Say hello."}]
    return call(gateway, "POST", path, body, token=TOKEN)


def sent(simulator):
    """The bodies of the calls, in order."""
    bodies = [request["body"] for request in simulator.requests()]
    return [json.loads(body) if isinstance(body, str) else body for body in bodies if body]


def schema_in(body, member):
    if member == "responseSchema":
        return body["generationConfig"].get(member)
    return body["tools"][0]["functionDeclarations"][0].get(member)


def failures(gateway):
    return [key["failure_count"] for key in call(gateway, "GET", "/stats").json["keys_detail"]]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", ASKED)
def test_a_refused_schema_goes_once_more_in_openapis_subset(servers, simulator, name, stream):
    simulator.fault(**NO_JSON_SCHEMA)
    gateway = servers.gateway(simulator, GEMINI_API_KEYS="AIza-only")
    answer = ask(gateway, name, stream)
    assert answer.status == 200, answer
    member = ASKED[name][2]
    first, second = sent(simulator)
    assert schema_in(first, member) is None and "JsonSchema" in json.dumps(first)
    schema = schema_in(second, member)
    assert "JsonSchema" not in json.dumps(second)
    assert schema["properties"]["city"]["description"] == "Its name."
    assert schema["properties"]["days"]["minimum"] == 1
    assert schema["properties"]["unit"]["enum"] == ["celsius"]
    assert schema["properties"]["note"]["nullable"] is True
    assert failures(gateway) == [0]


def test_what_is_refused_both_ways_is_the_clients(servers, simulator):
    simulator.fault("no-json-schema")
    gateway = servers.gateway(simulator, GEMINI_API_KEYS="AIza-one,AIza-two")
    answer = ask(gateway, "chat_tool")
    assert answer.status == 400 and "parametersJsonSchema" in answer.json["error"]["message"], answer
    assert len(sent(simulator)) == 2
    assert failures(gateway) == [0, 0]


def test_a_native_clients_schema_is_its_own(servers, simulator):
    simulator.fault(**NO_JSON_SCHEMA)
    gateway = servers.gateway(simulator)
    declaration = {"name": "get_weather", "parametersJsonSchema": SCHEMA}
    body = native_body(tools=[{"functionDeclarations": [declaration]}])
    answer = call(
        gateway,
        "POST",
        f"/v1beta/models/{MODEL}:generateContent",
        body,
        {"x-goog-api-key": TOKEN},
    )
    assert answer.status == 400 and answer.json["error"]["status"] == "INVALID_ARGUMENT", answer
    assert len(sent(simulator)) == 1
