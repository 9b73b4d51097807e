"""What operators look at: health, statistics, metrics, logs."""

import json
import re
import time

from harness import ADMIN, MODEL, TOKEN, call, chat, generate, poll
from upstream import google_error

KEYS = ["AIzaSyAB-first-key-of-the-status-test-0001", "AIzaSyCD-second-key-of-the-status-test-002"]


def test_root_is_json_or_a_page(gateway):
    answer = call(gateway, "GET", "/", headers={"Accept": "application/json"})
    root = answer.json
    assert root["status"] == "running" and root["version"] and root["name"], root
    assert {"health", "stats"} <= set(root["endpoints"])
    page = call(gateway, "GET", "/", headers={"Accept": "text/html,application/xhtml+xml"})
    assert page.status == 200 and page.headers["content-type"].startswith("text/html")


def test_health_tells_how_many_keys_work(servers):
    gateway = servers.gateway(servers.upstream(), GEMINI_API_KEYS=",".join(KEYS))
    answer = call(gateway, "GET", "/health")
    health = answer.json
    assert answer.status == 200 and health["status"] == "healthy", answer
    assert health["total_keys"] == 2 and health["active_keys"] == 2
    assert health["cooling_keys"] == 0 and health["failed_keys"] == 0
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", health["timestamp"])
    assert health["service_version"]
    assert "AIza" not in answer.text, "open to everybody, so it names no key"


def test_health_is_degraded_without_a_working_key(servers):
    gateway = servers.gateway("http://127.0.0.1:9", GEMINI_API_KEYS=None)
    answer = call(gateway, "GET", "/health")
    assert answer.status == 503 and answer.json["status"] == "degraded", answer
    # An orchestrator must not restart it for that.
    assert call(gateway, "GET", "/livez").status == 200
    assert call(gateway, "GET", "/readyz").status == 200


def test_stats_tell_of_each_key(servers):
    def respond(exchange):
        if exchange.key == KEYS[0]:
            return exchange.json(429, google_error(429, "RESOURCE_EXHAUSTED", "Please retry in 30s."))
        return exchange.json(200, json.loads(GOOD))

    # By turns, and no two alike: so both keys are tried, wherever chance would have led.
    gateway = servers.gateway(
        servers.upstream(respond), GEMINI_API_KEYS=",".join(KEYS), POOL_POLICY="round_robin"
    )
    for turn in range(4):
        assert chat(gateway, f"Say {turn}.").status == 200
    answer = call(gateway, "GET", "/stats")
    stats = answer.json
    assert stats["total_keys"] == 2
    assert stats["total_keys"] == stats["active_keys"] + stats["cooling_keys"] + stats["failed_keys"]
    details = {detail["key"]: detail for detail in stats["keys_detail"]}
    assert set(details) == {"AIzaSyAB...", "AIzaSyCD..."}
    good, bad = details["AIzaSyCD..."], details["AIzaSyAB..."]
    assert good["status"] == "active" and good["total_requests"] == 4
    assert good["successful_requests"] == 4 and good["success_rate"] == 100
    assert good["last_success"] and good["last_failure"] is None and good["cooling_until"] is None
    assert bad["successful_requests"] == 0 and bad["last_failure"]
    # One model's quota is no reason to rest for all; which it is is said.
    assert bad["status"] == "cooling" or bad["cooldowns"][0]["model"] == MODEL
    for key in KEYS:
        assert key not in answer.text


GOOD = json.dumps(
    {
        "candidates": [
            {"content": {"role": "model", "parts": [{"text": "hi"}]}, "finishReason": "STOP"}
        ],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 4, "totalTokenCount": 7},
    }
)


def test_livez_and_readyz(gateway):
    assert call(gateway, "GET", "/livez").status == 200
    assert call(gateway, "GET", "/readyz").status == 200


def test_metrics_are_prometheus_text(gateway):
    assert chat(gateway).status == 200 and generate(gateway).status == 200
    assert chat(gateway, token="sk-wrong").status == 401
    answer = call(gateway, "GET", "/metrics")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain")
    names = set()
    for line in answer.text.splitlines():
        if line.startswith("# "):
            assert re.match(r"# (HELP|TYPE) [a-z_]+ ", line), line
        elif line:
            match = re.match(r'^([a-z_:]+)(\{[^{}]*\})? [-+0-9.eE]+(Inf|NaN)?( \d+)?$', line)
            assert match, line
            names.add(match[1])
    assert all(name.startswith(("wasat_", "process_")) for name in names), names
    assert "wasat_requests_total" in names
    assert re.search(r'wasat_requests_total\{[^}]*dialect="openai_chat"[^}]*\} 1\b', answer.text), answer.text
    for secret in (TOKEN, ADMIN, "AIza"):
        assert secret not in answer.text


def test_each_exchange_leaves_one_json_line_without_secrets_or_prompt(servers, simulator):
    gateway = servers.gateway(simulator, GEMINI_API_KEYS=",".join(KEYS), LOG_LEVEL="debug")
    prompt = "a-very-private-prompt-7f3a"
    assert chat(gateway, prompt).status == 200
    assert generate(gateway, prompt, query=f"?key={TOKEN}", token=None).status == 200
    assert chat(gateway, prompt, token="sk-wrong-but-secret-token").status == 401
    assert generate(gateway, prompt, method="streamGenerateContent", query="?alt=sse").status == 200

    def lines():
        found = [record for record in gateway.log_records() if "status" in record and "dialect" in record]
        return found if len(found) >= 4 else None

    records = poll("four lines", lines)
    assert len(records) == 4, records
    # Two workers' lines may change places.
    seen = sorted((record["dialect"], record["status"]) for record in records)
    assert seen == [("gemini", 200), ("gemini", 200), ("openai_chat", 200), ("openai_chat", 401)]
    assert all(MODEL in json.dumps(record) for record in records if record["status"] == 200)
    written = gateway.everything_written()
    for secret in (*KEYS, TOKEN, ADMIN, prompt, "sk-wrong-but-secret-token", "key="):
        assert secret not in written, secret


def test_upstream_errors_are_redacted(servers):
    """Google repeats the key in some error texts; neither client nor log may see it."""

    def respond(exchange):
        exchange.json(400, google_error(400, "INVALID_ARGUMENT", f"consumer 'api_key:{exchange.key}' is odd"))

    gateway = servers.gateway(servers.upstream(respond), GEMINI_API_KEYS=KEYS[0])
    for answer in (chat(gateway), generate(gateway)):
        assert answer.status == 400 and KEYS[0] not in answer.text, answer
    assert KEYS[0] not in gateway.everything_written()


def test_status_pages_are_closed_when_the_listener_is_not_loopback(servers):
    gateway = servers.gateway(servers.upstream(), host="0.0.0.0")
    gateway.host = "127.0.0.1"
    for path in ("/stats", "/metrics"):
        assert call(gateway, "GET", path).status == 401, path
        assert call(gateway, "GET", path, token=TOKEN).status in (401, 403), path
        assert call(gateway, "GET", path, token=ADMIN).status == 200, path
    for path in ("/", "/health", "/livez", "/readyz"):
        assert call(gateway, "GET", path).status == 200, path


def test_counts_follow_requests_within_a_moment(gateway):
    started = time.monotonic()
    for _ in range(5):
        chat(gateway)

    def counted():
        text = call(gateway, "GET", "/metrics").text
        return sum(
            float(value)
            for value in re.findall(r'wasat_requests_total\{[^}]*openai_chat[^}]*\} ([0-9.e+]+)', text)
        ) == 5

    poll("five", counted)
    assert time.monotonic() - started < 20


