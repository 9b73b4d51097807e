"""The ways out: SOCKS5, and which credential goes by which proxy."""

import signal

import pytest
from harness import call, chat, generate, is_openai_error, poll
from socks5 import Socks5
from test_admin import Admin
from test_fetch import ask, send_image
from test_neighbours import certificates, free_port, start, tinyproxy  # noqa: F401 (fixtures)

KEYS = ",".join(f"AIza-e2e-key-{number:02}" for number in range(24))


@pytest.mark.parametrize("password", [False, True])
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks5_proxy_carries_tls(servers, certificates, scheme, password):
    user, secret = ("wasat", "p@ss/word") if password else ("", "")
    with Socks5(user, secret) as proxy:
        upstream = servers.upstream(certificate=certificates / "good.pem")
        login = "wasat:p%40ss%2Fword@" if password else ""
        gateway = servers.gateway(
            upstream,
            SSL_CERT_FILE=str(certificates / "good.pem"),
            PROXY_URL=f"{scheme}://{login}127.0.0.1:{proxy.port}",
        )
        assert chat(gateway).status == 200
        assert chat(gateway).status == 200
        asked = proxy.asked[0]
        if scheme == "socks5h":
            assert asked == ("name", "localhost", upstream.port)
        else:
            assert asked == ("address", "127.0.0.1", upstream.port)
        assert len(proxy.asked) <= 2 and len(proxy.asked) == upstream.connections
        assert "p@ss" not in gateway.everything_written()


@pytest.mark.parametrize(
    "proxy, words",
    [
        ({"user": "wasat", "password": "right"}, "user name and password"),
        ({"reply": 2}, "rules do not allow"),
        ({"reply": 5}, "refused its connection"),
        ({"broken": True}, "does not speak SOCKS5"),
    ],
)
def test_what_a_socks5_proxy_refuses_is_told_and_not_gone_around(servers, proxy, words):
    upstream = servers.upstream()
    with Socks5(**proxy) as socks:
        gateway = servers.gateway(
            upstream, PROXY_URL=f"socks5h://wasat:wrong-one@127.0.0.1:{socks.port}", MAX_RETRIES="1"
        )
        answer = chat(gateway)
        assert answer.status in (502, 503) and is_openai_error(answer), answer
        poll("the log to say why", lambda: words in gateway.everything_written() + answer.text)
        assert "wrong-one" not in answer.text + gateway.everything_written()
        assert upstream.connections == 0


def test_P41_each_key_keeps_its_way_out(servers, tmp_path):
    upstream = servers.upstream()
    with Socks5() as one, Socks5() as two, Socks5() as three:
        proxies = (one, two, three)
        urls = [f"socks5h://127.0.0.1:{proxy.port}" for proxy in proxies]

        def way_of(key, listed):
            before = [len(proxy.asked) for proxy in proxies]
            gateway = servers.gateway(
                upstream, folder=tmp_path / key, GEMINI_API_KEYS=key, PROXIES=",".join(listed)
            )
            assert generate(gateway).status == 200
            gateway.stop()
            [way] = [i for i, proxy in enumerate(proxies) if len(proxy.asked) > before[i]]
            return way

        for key in KEYS.split(",")[:6]:
            way = way_of(key, urls)
            assert way_of(key, reversed(urls)) == way
            if way != 2:
                assert way_of(key, urls[:2]) == way, "a key moved though its proxy stayed"


def test_P41_a_proxy_that_fails_is_not_the_keys_fault(servers):
    upstream = servers.upstream()
    with Socks5() as good:
        dead = free_port()
        gateway = servers.gateway(
            upstream,
            GEMINI_API_KEYS=KEYS,
            POOL_POLICY="round_robin",
            PROXIES=f"socks5h://127.0.0.1:{dead},socks5h://127.0.0.1:{good.port}",
        )
        for _ in range(40):
            assert generate(gateway).status == 200
        stats = call(gateway, "GET", "/stats").json
        assert stats["active_keys"] == stats["total_keys"] == 24, stats
        assert len(good.asked) >= 1


def test_a_connect_proxy_in_the_list(servers, start, tmp_path, certificates):
    port, log = tinyproxy(start, tmp_path)
    upstream = servers.upstream(certificate=certificates / "good.pem")
    gateway = servers.gateway(
        upstream,
        SSL_CERT_FILE=str(certificates / "good.pem"),
        PROXIES=f'["http://127.0.0.1:{port}"]',
    )
    assert chat(gateway).status == 200
    assert "CONNECT" in log.read_text()


# --- changed by the admin API while Wasat runs --------------------------------------------


def change(admin, **values):
    values = {f"upstream.{name}": value for name, value in values.items()}
    answer = admin("PUT", "/settings", {"values": values}, 200)
    assert answer.json["needs_restart"] == []
    return answer


def test_the_ways_out_change_live(servers):
    upstream = servers.upstream()
    gateway = servers.gateway(upstream, GEMINI_API_KEYS=KEYS.split(",")[0])
    admin = Admin(gateway)
    with Socks5() as one, Socks5("wasat", "p@ss/word") as two:

        def ways():
            """What two requests made anew: connections by each proxy, and all."""
            before = len(one.asked), len(two.asked), upstream.connections
            assert chat(gateway).status == 200 and chat(gateway).status == 200
            after = len(one.asked), len(two.asked), upstream.connections
            return tuple(new > old for new, old in zip(after, before))

        assert ways() == (False, False, True)
        change(admin, proxy_url=f"socks5h://127.0.0.1:{one.port}")
        assert ways() == (True, False, True)
        assert one.open
        told = change(
            admin, proxies=[f"socks5h://wasat:p%40ss%2Fword@127.0.0.1:{two.port}"]
        ).text
        assert ways() == (False, True, True)
        poll("the connections by the first proxy to be closed", lambda: not one.open)
        change(admin, no_proxy="127.0.0.1")
        assert ways() == (False, False, True)
        poll("those by the second to be closed", lambda: not two.open)
        admin("DELETE", "/settings/upstream.no_proxy", status=200)
        assert ways() == (False, True, True)
        for path in ("/settings", "/audit?limit=20"):
            told += admin("GET", path, status=200).text
        told += gateway.everything_written()
        assert "p%40ss" not in told and "p@ss" not in told


def test_a_connect_proxy_is_taken_up_live(servers, start, tmp_path, certificates):
    port, log = tinyproxy(start, tmp_path)
    upstream = servers.upstream(certificate=certificates / "good.pem")
    gateway = servers.gateway(upstream, SSL_CERT_FILE=str(certificates / "good.pem"))
    assert chat(gateway).status == 200
    change(Admin(gateway), proxy_url=f"http://127.0.0.1:{port}")
    assert chat(gateway).status == 200
    assert f"CONNECT localhost:{upstream.port}" in log.read_text()


@pytest.fixture
def with_file(servers, tmp_path):
    """A gateway whose upstream is named by a file, which can be written anew."""
    file = tmp_path / "wasat.toml"

    def write(upstream):
        file.write_text(f'[gemini]\nbase_url = "{upstream.url}"\n')
        file.chmod(0o600)

    def run(upstream):
        write(upstream)
        return servers.gateway(None, "--config", str(file))

    run.write = write
    return run


def test_the_upstream_changes_live(servers, with_file):
    first, second, third = (servers.upstream() for _ in range(3))
    gateway = with_file(first)
    admin = Admin(gateway)
    assert chat(gateway).status == 200 and len(first.requests) == 1
    with_file.write(second)
    gateway.process.send_signal(signal.SIGHUP)
    poll("the file", lambda: admin.get("/settings/gemini.base_url")["value"] == second.url)
    assert chat(gateway).status == 200 and len(second.requests) == 1
    answer = admin("PUT", "/settings/gemini.base_url", {"value": third.url + "/v1beta"}, 200)
    assert answer.json["needs_restart"] == []
    assert chat(gateway).status == 200 and len(third.requests) == 1
    assert len(first.requests) == len(second.requests) == 1
    assert "next start" not in gateway.stderr()


def test_what_a_request_names_is_fetched_by_the_new_proxy(servers):
    web = servers.upstream(send_image)
    gateway = servers.gateway(servers.upstream(), FETCH_ALLOW="127.0.0.1/32")
    with Socks5() as proxy:
        assert ask(gateway, web.url + "/a.png").status == 200
        change(Admin(gateway), proxy_url=f"socks5h://127.0.0.1:{proxy.port}")
        assert ask(gateway, web.url + "/b.png").status == 200
        assert ("address", "127.0.0.1", web.port) in proxy.asked


def test_a_proxy_that_failed_is_tried_again_when_it_is_mended(servers):
    gateway = servers.gateway(
        servers.upstream(), GEMINI_API_KEYS=KEYS, POOL_POLICY="round_robin"
    )
    admin = Admin(gateway)

    def use_all():
        for _ in range(2 * 24):
            assert generate(gateway).status == 200

    with Socks5("wasat", "right") as one, Socks5() as other:
        ways = "socks5h://wasat:{}@127.0.0.1:{},socks5h://127.0.0.1:{}"
        change(admin, proxies=ways.format("wrong", one.port, other.port))
        use_all()
        assert not one.asked and other.asked
        change(admin, proxies=ways.format("right", one.port, other.port))
        use_all()
        assert one.asked, "it is left alone for what was mended"


@pytest.mark.parametrize(
    "key, value, words",
    [
        ("upstream.proxy_url", "ftp://wasat:hunter2-x@proxy.example:1", "kind of proxy"),
        ("upstream.proxy_url", "http://wasat:hunter2-x@proxy.example:99999", "no proxy's address"),
        ("upstream.proxies", "http://a.example:1,socks5://wasat:hunter2-x@:1", "no proxy's address"),
        ("gemini.base_url", "ftp://api.example", "neither an https:// nor an http:// URL"),
        ("gemini.base_url", "https://wasat:hunter2-x@api.example", "more than scheme, host, port"),
    ],
)
def test_a_bad_way_out_is_refused_and_nothing_is_stored(servers, with_file, key, value, words):
    gateway = with_file(servers.upstream())
    admin = Admin(gateway)
    bad = admin("PUT", "/settings", {"values": {"pool.max_attempts": 2, key: value}}, 400)
    assert bad.json["error"]["field"] == key
    assert key in bad.json["error"]["message"] and words in bad.json["error"]["message"]
    assert not admin.get("/settings/" + key)["stored"]
    assert admin.get("/settings/pool.max_attempts")["value"] == "8"
    assert chat(gateway).status == 200
    assert "hunter2" not in bad.text + gateway.everything_written()
