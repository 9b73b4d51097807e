"""The ways out: SOCKS5, and which credential goes by which proxy."""

import pytest
from harness import call, chat, generate, is_openai_error
from socks5 import Socks5
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
        assert words in gateway.everything_written() + answer.text
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
