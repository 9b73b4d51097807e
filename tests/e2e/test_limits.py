"""What tokens are held to: models, dialects, rates, budgets, and how each dialect is told."""

import concurrent.futures
import json
import threading

import pytest
import test_live as live
from harness import MODEL, SLOW, TOKEN, Raw, call, chat, chat_body, generate, is_gemini_error, is_openai_error
from harness import native_body, poll
from test_admin import Admin
from upstream import ANSWER

PRO = "gemini-2.5-pro"


def limited(servers, upstream, **limits):
    more = {name: limits.pop(name) for name in list(limits) if name.isupper() or name == "folder"}
    return servers.gateway(upstream, TOKENS_LIMITS=json.dumps(limits), **more)


def messages(server, model=MODEL):
    body = {"model": model, "max_tokens": 20, "messages": [{"role": "user", "content": "Say hello."}]}
    return call(server, "POST", "/v1/messages", body, {"x-api-key": TOKEN, "anthropic-version": "2023-06-01"})


def responses(server):
    return call(server, "POST", "/v1/responses", {"model": MODEL, "input": "Say hello."}, token=TOKEN)


def at_once(count, ask):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return [each.result() for each in [pool.submit(ask) for _ in range(count)]]


def test_P59_a_burst_never_passes_the_requests_of_a_minute(servers, simulator):
    gateway = limited(servers, simulator, requests_per_minute=7, WASAT_WORKERS="2")
    answers = at_once(24, lambda: chat(gateway))
    assert sorted(a.status for a in answers) == [200] * 7 + [429] * 17
    assert len(simulator.requests()) == 7


def test_P59_failed_requests_give_back_what_they_reserved(servers):
    failing = threading.Event()
    failing.set()

    def respond(exchange):
        if failing.is_set():
            exchange.json(400, {"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}})
        else:
            exchange.json(200, ANSWER)

    gateway = limited(
        servers,
        servers.upstream(respond),
        requests_per_minute=2,
        requests_per_day=2,
        input_tokens_per_minute=100,
        dollars_total=0.000001,
        concurrency=1,
    )
    for _ in range(6):
        assert generate(gateway).status == 400
    failing.clear()
    assert generate(gateway).status == 200


def test_each_dialect_is_told_in_its_own_form(servers, simulator):
    gateway = limited(servers, simulator, requests_per_minute=1)
    assert chat(gateway).status == 200

    for answer in (chat(gateway), responses(gateway)):
        assert answer.status == 429 and is_openai_error(answer), answer
        assert answer.json["error"]["code"] == "rate_limit_exceeded"
        assert "try again in" in answer.json["error"]["message"]
        assert 1 <= int(answer.headers["retry-after"]) <= 61

    answer = generate(gateway)
    assert answer.status == 429 and is_gemini_error(answer), answer
    assert answer.json["error"]["status"] == "RESOURCE_EXHAUSTED"
    [retry] = [d for d in answer.json["error"]["details"] if d["@type"].endswith("RetryInfo")]
    assert 1 <= float(retry["retryDelay"].rstrip("s")) <= 61

    answer = messages(gateway)
    assert answer.status == 429 and answer.json["type"] == "error", answer
    assert answer.json["error"]["type"] == "rate_limit_error"
    assert 1 <= int(answer.headers["retry-after"]) <= 61


def test_a_used_up_budget_is_no_rate_limit(servers, simulator):
    gateway = limited(servers, simulator, dollars_per_month=0.000000001)
    assert chat(gateway).status == 200
    answer = chat(gateway)
    assert answer.status == 429 and answer.json["error"]["code"] == "insufficient_quota", answer
    assert answer.headers["x-should-retry"] == "false"
    assert int(answer.headers["retry-after"]) > 0
    assert "budget" in answer.json["error"]["message"]
    assert messages(gateway).json["error"]["type"] == "rate_limit_error"
    assert generate(gateway).json["error"]["status"] == "RESOURCE_EXHAUSTED"


def test_P57_a_budget_is_charged_what_the_answer_says_with_cached_tokens_once(servers):
    def respond(exchange):
        usage = {
            "promptTokenCount": 10000,
            "cachedContentTokenCount": 8000,
            "candidatesTokenCount": 500,
            "totalTokenCount": 10500,
        }
        exchange.json(200, ANSWER | {"usageMetadata": usage})

    # Each costs 0.00209 dollars: ten of them, and not eleven.
    gateway = limited(servers, servers.upstream(respond), dollars_total=0.0209)
    assert [generate(gateway).status for _ in range(10)] == [200] * 10
    assert generate(gateway).status == 429


def test_P59_a_burst_never_passes_a_budget(servers):
    def respond(exchange):
        usage = {"promptTokenCount": 10, "candidatesTokenCount": 1000, "totalTokenCount": 1010}
        exchange.json(200, ANSWER | {"usageMetadata": usage})

    upstream = servers.upstream(respond)
    # A request may cost 0.0025 dollars, and does: four fit, and one may use up the rest.
    gateway = limited(servers, upstream, dollars_per_day=0.0101, WASAT_WORKERS="2")
    passed = 0
    for _ in range(4):
        answers = at_once(12, lambda: generate(gateway, generationConfig={"maxOutputTokens": 1000}))
        passed += sum(a.status == 200 for a in answers)
        assert {a.status for a in answers} <= {200, 429}
    assert passed == 5, passed
    assert generate(gateway).json["error"]["status"] == "RESOURCE_EXHAUSTED"


def test_input_tokens_are_reserved_by_size_and_corrected(servers):
    hold = threading.Event()
    arrived = threading.Event()

    def respond(exchange):
        arrived.set()
        assert hold.wait(30 * SLOW)
        usage = {"promptTokenCount": 100, "candidatesTokenCount": 1, "totalTokenCount": 101}
        exchange.json(200, ANSWER | {"usageMetadata": usage})

    gateway = limited(servers, servers.upstream(respond), input_tokens_per_minute=2000)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(generate, gateway, "word " * 1200)  # some 1500 tokens
        assert arrived.wait(30 * SLOW)
        answer = generate(gateway, "word " * 1200)
        assert answer.status == 429 and "input token" in answer.text, answer
        hold.set()
        assert first.result().status == 200
    assert generate(gateway, "word " * 1200).status == 200
    answer = generate(gateway, "word " * 3000)
    assert answer.status == 429 and "details" not in answer.json["error"], answer


def test_concurrency_counts_streams_until_they_end(servers):
    go_on = threading.Event()
    begun = threading.Event()

    def respond(exchange):
        exchange.begin_stream()
        exchange.event(ANSWER)
        begun.set()
        assert go_on.wait(30 * SLOW)
        exchange.end_stream()

    gateway = limited(servers, servers.upstream(respond), concurrency=1)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(generate, gateway, method="streamGenerateContent", query="?alt=sse")
        assert begun.wait(30 * SLOW)
        answer = generate(gateway)
        assert answer.status == 429 and "at a time" in answer.text, answer
        go_on.set()
        assert first.result().status == 200
    begun.clear()
    assert generate(gateway, method="streamGenerateContent", query="?alt=sse").status == 200


@pytest.mark.parametrize("name", [PRO, f"models/{PRO}", f"{PRO}-search", f"google/{PRO}", "fast-one"])
def test_only_the_allowed_models_by_whatever_name(servers, simulator, name):
    gateway = limited(
        servers, simulator, models=["gemini-2.5-flash*"], WASAT_MODEL_ALIASES=f"fast-one={PRO},fine={MODEL}"
    )
    answer = call(gateway, "POST", "/v1/chat/completions", chat_body() | {"model": name}, token=TOKEN)
    assert answer.status == 403 and is_openai_error(answer), answer
    assert answer.json["error"]["code"] == "permission_denied"
    assert messages(gateway, name).json["error"]["type"] == "permission_error"
    for allowed in (MODEL, "fine", f"{MODEL}-search"):
        body = chat_body() | {"model": allowed}
        assert call(gateway, "POST", "/v1/chat/completions", body, token=TOKEN).status == 200, allowed


def test_allowed_models_in_native_paths_and_bodies(servers, simulator):
    gateway = limited(servers, simulator, models=["gemini-2.5-flash"])
    headers = {"x-goog-api-key": TOKEN}

    def post(path, body):
        return call(gateway, "POST", path, body, headers)

    assert post(f"/v1beta/models/{MODEL}:generateContent", native_body()).status == 200
    for path, body in (
        (f"/v1beta/models/{PRO}:generateContent", native_body()),
        (f"/v1beta/models/{PRO}:streamGenerateContent?alt=sse", native_body()),
        (f"/v1beta/models/{PRO}:countTokens", native_body()),
        ("/v1beta/cachedContents", native_body() | {"model": f"models/{PRO}"}),
        (f"/v1beta/models/{PRO}:batchGenerateContent", {"batch": {}}),
        (f"/v1beta/models/{MODEL}:batchGenerateContent", {"batch": {"model": f"models/{PRO}"}}),
        ("/v1beta/interactions", {"model": PRO, "input": "hello"}),
        ("/v1beta/interactions", {"agent": "deep-research", "input": "hello"}),
    ):
        answer = post(path, body)
        assert answer.status == 403 and is_gemini_error(answer), (path, answer)
        assert answer.json["error"]["status"] == "PERMISSION_DENIED"
    assert not any(PRO in json.dumps(r) for r in simulator.requests())
    # What a client talks about is no model that it asks for.
    talk = native_body() | {"model": f"models/{MODEL}"}
    talk["contents"].append({"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"model": PRO}}}]})
    assert post("/v1beta/cachedContents", talk).status != 403


@pytest.mark.parametrize("limit", [{"dollars_total": 5}, {"input_tokens_per_day": 10**6}])
def test_what_no_budget_could_count_is_closed_to_tokens_that_have_one(servers, simulator, limit):
    gateway = limited(servers, simulator, **limit)
    headers = {"x-goog-api-key": TOKEN}
    for path, body in (
        ("/v1beta/interactions", {"model": MODEL, "input": "hello"}),
        (f"/v1beta/models/{MODEL}:batchGenerateContent", {"batch": {}}),
        ("/v1beta/models/imagen-4.0-generate-001:predict", {"instances": [{"prompt": "a cat"}]}),
        ("/v1beta/models/veo-3.0:predictLongRunning", {"instances": [{"prompt": "a cat"}]}),
    ):
        answer = call(gateway, "POST", path, body, headers)
        assert answer.status == 403 and "budget" in answer.text, (path, answer)
    assert call(gateway, "GET", "/v1beta/files", headers=headers).status == 200
    assert generate(gateway).status == 200


PIECES = "imagen-4.0*=0/0;image=0.04,veo-3.0*=0/0;second=0.5," + MODEL + "=1/1;search=0.01"


def test_pictures_and_films_are_held_to_budgets_by_their_price_apiece(servers):
    images = {"predictions": [{"mimeType": "image/png", "bytesBase64Encoded": "aGVsbG8="}]}

    def respond(exchange):
        if exchange.target.endswith(":predict"):
            return exchange.json(200, images)
        return exchange.json(200, {"name": "models/veo-3.0/operations/a1"})

    def predict(model="imagen-4.0-generate-001", verb="predict", **parameters):
        body = {"instances": [{"prompt": "a cat"}], "parameters": parameters}
        return call(gateway, "POST", f"/v1beta/models/{model}:{verb}", body, {"x-goog-api-key": TOKEN})

    upstream = servers.upstream(respond)
    # Ten pictures of 0.04 dollars, and never more than there is money for.
    gateway = limited(servers, upstream, dollars_total=0.4001, MODEL_PRICES=PIECES)
    assert predict(sampleCount=3).status == 200
    assert predict().status == 200  # four, when it does not say
    assert predict(sampleCount=3).status == 200
    assert predict("imagen-3.0-generate-002").status == 403  # without a price
    assert predict(verb="predictLongRunning").status == 403  # a price of another kind
    entries = poll("three entries", lambda: len(found := paid(gateway)) == 3 and found)
    assert [entry["cost"] for entry in entries] == [0.12, 0.16, 0.12]
    assert {entry["method"] for entry in entries} == {"predict"}
    # One request more is served while anything is left, then none.
    assert predict(sampleCount=1).status == 200
    answer = predict(sampleCount=1)
    assert answer.status == 429 and "budget" in answer.text, answer

    gateway = limited(servers, upstream, dollars_total=100, MODEL_PRICES=PIECES)
    assert predict("veo-3.0-generate-001", "predictLongRunning", durationSeconds=6, sampleCount=2).status == 200
    entries = poll("an entry", lambda: paid(gateway))
    assert entries[0]["cost"] == 6 and entries[0]["upstream_model"] == "veo-3.0-generate-001"

    # Of what OpenAI's clients get, the pictures that came count.
    body = {"model": "imagen-4.0-generate-001", "prompt": "a cat", "n": 4}
    assert call(gateway, "POST", "/v1/images/generations", body, token=TOKEN).status == 200
    entries = poll("two entries", lambda: len(found := paid(gateway)) == 2 and found)
    assert entries[0]["cost"] == 0.04
    gateway = limited(servers, upstream, dollars_total=0.1, MODEL_PRICES=PIECES)
    for status in (200, 200, 200, 429):
        assert call(gateway, "POST", "/v1/images/generations", body, token=TOKEN).status == status


def test_pictures_without_a_price_are_counted_and_have_no_cost(servers):
    gateway = servers.gateway(servers.upstream(lambda exchange: exchange.json(200, {"predictions": []})))
    headers = {"x-goog-api-key": TOKEN}
    assert call(gateway, "POST", "/v1beta/models/imagen-9:predict", {"instances": []}, headers).status == 200
    entry = poll("an entry", lambda: Admin(gateway).get("/logs")["items"])[0]
    assert entry["cost"] is None and entry["upstream_model"] == "imagen-9"
    assert Admin(gateway).get("/models")["without_price"] == [{"model": "imagen-9", "calls": 1}]
    assert Admin(gateway).get("/statistics")["calls_without_price"] == 1


def paid(gateway):
    return [entry for entry in Admin(gateway).get("/logs")["items"] if entry["cost"]]


def test_searches_cost_what_the_operator_says(servers):
    grounding = {"webSearchQueries": ["one", "two"], "groundingChunks": []}
    candidate = ANSWER["candidates"][0] | {"groundingMetadata": grounding}
    answer = ANSWER | {"candidates": [candidate]}
    gateway = servers.gateway(servers.upstream(lambda exchange: exchange.json(200, answer)), MODEL_PRICES=PIECES)
    assert generate(gateway).status == 200
    assert chat(gateway).status == 200
    entries = poll("two entries", lambda: len(found := paid(gateway)) == 2 and found)
    for entry in entries:
        assert 0.02 < entry["cost"] < 0.021, entry


def test_a_model_without_a_price_is_shown_and_closed_to_budgets(servers):
    new = "gemini-99-preview"
    open_to_all = servers.gateway(servers.upstream())
    for _ in range(2):
        assert chat(open_to_all, model=new).status == 200
    assert generate(open_to_all).status == 200
    admin = Admin(open_to_all)
    assert admin.get("/models")["without_price"] == [{"model": new, "calls": 2}]
    assert admin.get("/models/" + new)["price"] is None
    assert "\nwasat_unpriced_exchanges_total 2\n" in call(open_to_all, "GET", "/metrics").text
    assert admin.get("/statistics")["calls_without_price"] == 2
    entries = poll("three entries", lambda: len(found := admin.get("/logs")["items"]) == 3 and found)
    costs = {entry["upstream_model"]: entry["cost"] for entry in entries}
    assert costs[new] is None and costs[MODEL] > 0
    # An operator gives it one, which counts at once.
    admin("PUT", "/settings/models.prices", {"value": {new: "1/2"}}, 200)
    assert chat(open_to_all, model=new).status == 200
    assert admin.get("/models")["without_price"] == []
    entries = poll("four entries", lambda: len(found := admin.get("/logs")["items"]) == 4 and found)
    assert entries[0]["cost"] > 0 and entries[1]["upstream_model"] == MODEL
    open_to_all.stop()
    assert open_to_all.stderr().count("a model has no price") == 1

    limits = json.dumps({"dollars_per_day": 100})
    budget = servers.gateway(servers.upstream(), TOKENS_LIMITS=limits)
    for answer in (messages(budget, new), chat(budget, model=new)):
        assert answer.status == 403 and "no price" in answer.text, answer
    code, reason = live.run(live.closing(budget, {"setup": {"model": f"models/{new}"}}))
    assert code == 1008 and "no price" in reason
    assert generate(budget).status == 200
    free = servers.gateway(servers.upstream(), TOKENS_LIMITS=limits, MODEL_PRICES=f"{new}=0/0")
    assert chat(free, model=new).status == 200
    poll("an entry", lambda: Admin(free).get("/logs")["items"])
    assert Admin(free).get("/logs")["items"][0]["cost"] == 0


def test_lists_show_the_allowed_models_alone(servers, simulator):
    gateway = limited(servers, simulator, models=["gemini-2.5-flash*"], requests_per_minute=1)
    for _ in range(3):  # and cost nothing
        listed = call(gateway, "GET", "/v1/models", token=TOKEN)
        names = [m["id"] for m in listed.json["data"]]
        assert MODEL in names and all(n.startswith("gemini-2.5-flash") for n in names), names
    listed = call(gateway, "GET", "/v1beta/models", headers={"x-goog-api-key": TOKEN})
    names = [m["name"] for m in listed.json["models"]]
    assert f"models/{MODEL}" in names and f"models/{PRO}" not in names
    headers = {"x-api-key": TOKEN, "anthropic-version": "2023-06-01"}
    names = [m["id"] for m in call(gateway, "GET", "/v1/models", headers=headers).json["data"]]
    assert MODEL in names and PRO not in names
    assert call(gateway, "GET", f"/v1/models/{PRO}", token=TOKEN).status == 403
    assert call(gateway, "GET", f"/v1/models/{MODEL}", token=TOKEN).status == 200
    unlimited = servers.gateway(simulator)
    assert PRO in [m["id"] for m in call(unlimited, "GET", "/v1/models", token=TOKEN).json["data"]]


def test_only_the_allowed_dialects(servers, simulator):
    gateway = limited(servers, simulator, dialects=["openai_chat"])
    assert chat(gateway).status == 200
    answer = generate(gateway)
    assert answer.status == 403 and answer.json["error"]["status"] == "PERMISSION_DENIED", answer
    assert messages(gateway).json["error"]["type"] == "permission_error"
    assert responses(gateway).status == 403


def test_a_client_that_leaves_gives_back_its_place(servers):
    seen = threading.Event()

    def respond(exchange):
        seen.set()
        exchange.wait_for_peer_to_leave(30 * SLOW)

    gateway = limited(servers, servers.upstream(respond), concurrency=1)
    body = json.dumps(native_body())
    raw = Raw(gateway).send(
        f"POST /v1beta/models/{MODEL}:generateContent HTTP/1.1\r\nHost: x\r\nx-goog-api-key: {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    assert seen.wait(30 * SLOW)
    assert generate(gateway).status == 429
    raw.close()

    def free():
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            try:
                return pool.submit(call, gateway, "GET", "/v1/files", token=TOKEN).result().status != 429
            except OSError:
                return False

    poll("the place to be free", free)


def test_wrong_limits_and_prices_are_told_at_the_start(servers, tmp_path):
    for name, value, word in (
        ("TOKENS_LIMITS", '{"requests_per_day":0}', "requests_per_day"),
        ("MODEL_PRICES", "gemini-2.5-pro=cheap", "gemini-2.5-pro"),
    ):
        with pytest.raises(AssertionError, match=word):
            servers.gateway("http://127.0.0.1:1", **{name: value})


def test_days_and_budgets_go_on_after_a_restart(servers, tmp_path):
    def respond(exchange):
        usage = {"promptTokenCount": 10000, "candidatesTokenCount": 1000, "totalTokenCount": 11000}
        exchange.json(200, ANSWER | {"usageMetadata": usage})

    upstream = servers.upstream(respond)
    folder = tmp_path / "kept"
    gateway = limited(servers, upstream, dollars_per_month=0.011, requests_per_day=9, folder=folder)
    assert generate(gateway).status == 200  # 0.0055 dollars
    gateway.stop()
    gateway = limited(servers, upstream, dollars_per_month=0.011, requests_per_day=9, folder=folder)
    assert generate(gateway).status == 200
    answer = generate(gateway)
    assert answer.status == 429 and "budget" in answer.text, answer
    gateway.stop()
    gateway = limited(servers, upstream, requests_per_day=3, folder=folder)
    assert [generate(gateway).status for _ in range(2)] == [200, 429]


def test_live_sessions_are_held_to_limits_too(servers, simulator):
    some = limited(servers, simulator, models=["gemini-2.5-flash"], concurrency=1)

    def free():
        try:
            return live.run(live.closing(some, {"setup": {"model": "x"}}))[0] == 1008
        except live.InvalidStatus:
            return False

    code, reason = live.run(live.closing(some, {"setup": {"model": f"models/{PRO}"}}))
    assert code == 1008 and "may not use the model" in reason

    async def two_at_once():
        async with live.connect(live.address(some)) as ws:
            await live.set_up(ws)
            return await live.status(some)

    def refused_beside_another():
        try:
            return live.run(two_at_once())
        except live.InvalidStatus:
            return None  # the session before is still being closed

    refused = poll("the place to be free", refused_beside_another)
    assert refused.status_code == 429 and json.loads(refused.body)["error"]["status"] == "RESOURCE_EXHAUSTED"
    poll("the place to be free again", free)

    other = limited(servers, simulator, dialects=["openai_chat"])
    assert live.run(live.status(other)).status_code == 403


def test_a_live_session_is_charged_at_its_end(servers, simulator):
    gateway = limited(servers, simulator, dollars_total=0.000000001)
    assert live.run(live.converse(gateway)) == "Hello."
    poll("the session to be charged", lambda: generate(gateway).status == 429)
    assert live.run(live.status(gateway)).status_code == 429
