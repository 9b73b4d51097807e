"""Thought signatures that a client drops come back, also behind a restart."""

import json

import pytest
from harness import TOKEN, call
from test_admin import Admin

MODEL = "gemini-3-flash-preview"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]
BYPASS = "skip_thought_signature_validator"


def chat(gateway, messages, **more):
    body = {"model": MODEL, "messages": messages, "tools": TOOLS, **more}
    return call(gateway, "POST", "/v1/chat/completions", body, token=TOKEN)


def forgetful(message):
    """The message as a client keeps it that knows OpenAI's fields alone."""
    calls = [{key: each[key] for key in ("id", "type", "function")} for each in message["tool_calls"]]
    return {"role": "assistant", "content": message["content"], "tool_calls": calls}


def sent_signatures(simulator):
    body = simulator.requests()[-1]["body"]
    body = json.loads(body) if isinstance(body, str) else body
    return [
        part.get("thoughtSignature")
        for content in body["contents"]
        for part in content["parts"]
        if "functionCall" in part
    ]


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_P1_a_tool_loop_whose_client_drops_signatures(servers, simulator, tmp_path, stream, restart):
    folder = tmp_path / "gateway"
    gateway = servers.gateway(simulator, folder=folder)
    messages = [{"role": "user", "content": "Call get_weather for Paris, please."}]
    if stream:
        message = {"content": None, "tool_calls": []}
        answer = chat(gateway, messages, stream=True)
        assert answer.status == 200, answer
        for line in answer.text.split("\n\n"):
            if line.startswith("data: {"):
                for choice in json.loads(line[6:])["choices"]:
                    message["tool_calls"] += choice["delta"].get("tool_calls", [])
    else:
        answer = chat(gateway, messages)
        assert answer.status == 200, answer
        message = answer.json["choices"][0]["message"]
    given = message["tool_calls"][0]["extra_content"]["google"]["thought_signature"]
    messages.append(forgetful(message))
    for tool_call in message["tool_calls"]:
        messages.append({"role": "tool", "tool_call_id": tool_call["id"], "content": "sunny"})
    if restart:
        gateway.stop()
        gateway = servers.gateway(simulator, folder=folder)
    answer = chat(gateway, messages)
    assert answer.status == 200, answer
    assert sent_signatures(simulator)[0] == given != BYPASS


def test_P1_another_tokens_memory_is_not_used(servers, simulator):
    other = "sk-another-token-0123456789"
    gateway = servers.gateway(simulator, ALLOWED_TOKENS=f"{TOKEN},{other}")
    messages = [{"role": "user", "content": "Call get_weather for Paris, please."}]
    message = chat(gateway, messages).json["choices"][0]["message"]
    messages.append(forgetful(message))
    for tool_call in message["tool_calls"]:
        messages.append({"role": "tool", "tool_call_id": tool_call["id"], "content": "sunny"})
    body = {"model": MODEL, "messages": messages, "tools": TOOLS}
    answer = call(gateway, "POST", "/v1/chat/completions", body, token=other)
    assert answer.status == 200, answer
    assert sent_signatures(simulator)[0] == BYPASS


def test_what_is_remembered_goes_when_memory_is_turned_off_live(servers, simulator):
    gateway = servers.gateway(simulator)
    messages = [{"role": "user", "content": "Call get_weather for Paris, please."}]
    message = chat(gateway, messages).json["choices"][0]["message"]
    messages.append(forgetful(message))
    for tool_call in message["tool_calls"]:
        messages.append({"role": "tool", "tool_call_id": tool_call["id"], "content": "sunny"})
    assert chat(gateway, messages).status == 200
    assert sent_signatures(simulator)[0] != BYPASS
    answer = Admin(gateway)("PUT", "/settings/memory.size", {"value": "0"}, 200)
    assert answer.json["needs_restart"] == []
    assert chat(gateway, messages).status == 200
    assert sent_signatures(simulator)[0] == BYPASS


def test_P1_a_refused_signature_is_sent_no_more(servers):
    from upstream import answer_well, google_error

    def respond(exchange):
        if b"c2lnbmVk" in exchange.body:
            error = google_error(400, "INVALID_ARGUMENT", "Corrupted thought signature.")
            return exchange.json(400, error)
        return answer_well(exchange)

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream, GEMINI_API_KEYS="AIza-only")
    tool_call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": "{}"},
        "extra_content": {"google": {"thought_signature": "c2lnbmVk"}},
    }
    messages = [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "tool_calls": [tool_call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]
    answer = chat(gateway, messages)
    assert answer.status == 200, answer
    posts = [request for request in upstream.requests if request.method == "POST"]
    assert len(posts) == 2 and BYPASS.encode() in posts[1].body
    assert call(gateway, "GET", "/stats").json["keys_detail"][0]["failure_count"] == 0


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("signature", [None, "c2lnbmVkIGJ5IGFub3RoZXI="])
def test_P1_a_native_client_with_another_models_signatures_goes_on(servers, stream, signature):
    from upstream import answer_well

    def respond(exchange):
        if BYPASS.encode() in exchange.body:
            return answer_well(exchange)
        chunk = {"candidates": [{"finishReason": "MISSING_THOUGHT_SIGNATURE"}]}
        return exchange.stream([chunk]) if exchange.streamed else exchange.json(200, chunk)

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream)
    call_part = {"functionCall": {"name": "get_weather", "args": {}}}
    if signature:
        call_part["thoughtSignature"] = signature
    response = {"functionResponse": {"name": "get_weather", "response": {"result": "sunny"}}}
    body = {
        "contents": [
            {"role": "user", "parts": [{"text": "Weather?"}]},
            {"role": "model", "parts": [call_part]},
            {"role": "user", "parts": [response]},
        ]
    }
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    answer = call(gateway, "POST", f"/v1beta/models/{MODEL}:{verb}", body, token=TOKEN)
    assert answer.status == 200 and "Hello" in answer.text, answer
    assert len([request for request in upstream.requests if request.method == "POST"]) == 2
