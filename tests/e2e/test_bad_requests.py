"""Requests that are good HTTP and still wrong: answered in the client's own dialect."""

import json

import pytest
from harness import MODEL, TOKEN, call, chat, generate, is_gemini_error, is_openai_error

CHAT = "/v1/chat/completions"
NATIVE = f"/v1beta/models/{MODEL}:generateContent"


@pytest.fixture
def strict(servers):
    """A gateway whose upstream must hear nothing."""
    upstream = servers.upstream()
    yield servers.gateway(upstream)
    assert not [request for request in upstream.requests if request.method != "GET"]


BAD_JSON = {
    "nothing": b"",
    "cut off": b'{"model": "gemini-2.5-flash", "messages": [',
    "no object": b"[1,2,3]",
    "a bare word": b"hello",
    "trailing bytes": b'{"model":"x","messages":[]} {}',
    "invalid UTF-8": b'{"model":"x","messages":[{"role":"user","content":"\xff\xfe"}]}',
    "a lone surrogate in bytes": b'{"model":"x","messages":[{"role":"user","content":"\xed\xa0\x80"}]}',
    "deep nesting": b'{"model":"x","messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "NUL": b'{"model":"x\0","messages":[]}',
    "single quotes": b"{'model': 'x'}",
    "NaN": b'{"model":"x","messages":[],"temperature":NaN}',
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_bad_json_is_a_400_in_the_dialect(strict, name):
    answer = call(strict, "POST", CHAT, BAD_JSON[name], token=TOKEN)
    assert answer.status == 400 and is_openai_error(answer), answer
    assert answer.json["error"]["type"] == "invalid_request_error"
    answer = call(strict, "POST", NATIVE, BAD_JSON[name], {"x-goog-api-key": TOKEN})
    assert answer.status == 400 and is_gemini_error(answer), answer


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": "hello"},
        {"messages": []},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "wizard", "content": "hi"}]},
        {"messages": [{"role": "user", "content": 7}]},
        {"messages": [{"role": "user", "content": [{"type": "hologram"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:nonsense"}}]}]},
        {"temperature": "hot"},
        {"stream": "yes"},
        {"tools": [{"type": "function"}]},
        {"response_format": {"type": "telepathy"}},
    ],
    ids=lambda wrong: json.dumps(wrong)[:60],
)
def test_wrong_types_name_the_field(strict, wrong):
    answer = call(strict, "POST", CHAT, {"model": MODEL, "messages": [{"role": "user", "content": "hi"}], **wrong}, token=TOKEN)
    assert answer.status == 400 and is_openai_error(answer), answer
    error = answer.json["error"]
    assert next(iter(wrong)) in (error["param"] or "") + error["message"], error


@pytest.mark.parametrize(
    "impossible",
    [
        {"n": 0},
        {"n": 9},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://127.0.0.1/cat.png"}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"format": "wav"}}]}]},
    ],
    ids=["no choice", "too many choices", "private image", "file", "no audio"],
)
def test_what_cannot_be_carried_is_a_clear_400(strict, impossible):
    answer = call(strict, "POST", CHAT, {"model": MODEL, "messages": [{"role": "user", "content": "hi"}], **impossible}, token=TOKEN)
    assert answer.status == 400 and is_openai_error(answer), answer


def test_unknown_fields_are_ignored_by_chat(servers):
    gateway = servers.gateway(servers.upstream())
    answer = chat(gateway, top_k=3, enable_thinking=True, metadata={"a": "b"}, store=False, user="u", novelty=[1])
    assert answer.status == 200, answer


def test_no_token_and_wrong_tokens_are_refused(strict):
    for token in (None, "", "nonsense", TOKEN[:-1], TOKEN + "x", TOKEN.upper()):
        answer = chat(strict, token=token)
        assert answer.status == 401 and is_openai_error(answer), answer
        answer = generate(strict, token=token)
        assert answer.status == 401 and is_gemini_error(answer), answer
        assert TOKEN not in answer.text
    answer = call(strict, "GET", "/v1/models")
    assert answer.status == 401
    answer = call(strict, "POST", CHAT, {}, {"Authorization": "Basic " + TOKEN})
    assert answer.status == 401


def test_all_ways_to_bring_a_token(servers):
    gateway = servers.gateway(servers.upstream())
    body = {"contents": [{"parts": [{"text": "hi"}]}]}
    for headers in (
        {"Authorization": "Bearer " + TOKEN},
        {"authorization": "bearer " + TOKEN},
        {"x-goog-api-key": TOKEN},
        {"x-api-key": TOKEN},
    ):
        assert call(gateway, "POST", NATIVE, body, headers).status == 200, headers
    assert call(gateway, "POST", NATIVE + "?key=" + TOKEN, body).status == 200
    assert call(gateway, "GET", "/v1/models?key=" + TOKEN).status == 200


def test_unknown_paths_are_404_in_the_dialect(strict):
    answer = call(strict, "POST", "/v1/chat/completion", {}, token=TOKEN)
    assert answer.status == 404 and is_openai_error(answer), answer
    answer = call(strict, "GET", "/nowhere")
    assert answer.status == 404 and answer.json["error"]["message"], answer


def test_wrong_methods_are_405(strict):
    answer = call(strict, "GET", CHAT, token=TOKEN)
    assert answer.status == 405 and "POST" in answer.headers.get("allow", ""), answer
    answer = call(strict, "DELETE", "/health")
    assert answer.status == 405, answer


def test_an_unknown_model_is_a_404_in_the_dialect(gateway):
    answer = call(gateway, "POST", CHAT, {"model": "gemini-0.1-abacus", "messages": [{"role": "user", "content": "hi"}]}, token=TOKEN)
    assert answer.status == 404 and is_openai_error(answer), answer
    assert answer.json["error"]["code"] == "model_not_found"
    answer = call(gateway, "POST", "/v1beta/models/gemini-0.1-abacus:generateContent", {"contents": []}, {"x-goog-api-key": TOKEN})
    assert answer.status == 404 and is_gemini_error(answer), answer


def test_a_model_name_cannot_leave_its_path(strict):
    for model in ("../files", "a/../../files", "x:generateContent?key=1", "a b", "a%2f..%2fb", "x\r\ny", ""):
        answer = call(strict, "POST", CHAT, {"model": model, "messages": [{"role": "user", "content": "hi"}]}, token=TOKEN)
        assert answer.status in (400, 404) and is_openai_error(answer), (model, answer)


def test_raw_paths_are_refused_unless_the_token_allows_them(servers):
    strict = servers.gateway(servers.simulator(), TOKENS_ALLOW="none")
    for method, path in (
        ("GET", "/v1beta/files"),
        ("DELETE", "/v1beta/files/abc"),
        ("POST", "/v1beta/cachedContents"),
        ("POST", "/v1alpha/auth_tokens"),
        ("GET", "/v1beta/somethingNew"),
    ):
        answer = call(strict, method, path, headers={"x-goog-api-key": TOKEN})
        assert answer.status == 403 and is_gemini_error(answer), (path, answer)
