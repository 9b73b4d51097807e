"""A second attempt beside one whose first chunk is late."""

import threading

import pytest
from harness import ADMIN, SLOW, call, chat
from upstream import answer_well
from test_failover import posts


# So many requests that each worker has told the others how long its first chunks took, which
# it does by the dozen: until then nobody knows what is late.
WARM_UP = 60


class LateKey:
    """Answers well, until one key is made late: then that one says nothing."""

    def __init__(self):
        self.key = None
        self.asked = []
        self.left = threading.Event()

    def __call__(self, exchange):
        if exchange.method == "POST":
            self.asked.append(exchange.key)
            if exchange.key == self.key:
                if exchange.wait_for_peer_to_leave(20 * SLOW):
                    self.left.set()
                return
        answer_well(exchange)


@pytest.mark.parametrize("stream", [False, True])
def test_a_late_first_chunk_is_overtaken_and_cancelled(servers, stream):
    respond = LateKey()
    upstream = servers.upstream(respond)
    gateway = servers.gateway(
        upstream, POOL_POLICY="round_robin", POOL_HEDGE="true", POOL_HEDGE_BUDGET="100"
    )
    for _ in range(WARM_UP):
        assert chat(gateway, stream=stream).status == 200
    before = len(respond.asked)
    respond.key = respond.asked[-2]  # it is the next one's turn
    answer = chat(gateway, stream=stream)
    assert answer.status == 200 and "Hello" in answer.text
    assert len(respond.asked) == before + 2
    assert set(respond.asked[before:]) == {"AIza-e2e-key-one", "AIza-e2e-key-two"}
    assert respond.left.wait(20 * SLOW), "the slow attempt goes on"
    # Nobody is to blame: the slow one was given up, not failed.
    rows = call(gateway, "GET", "/stats", token=ADMIN).json["keys_detail"]
    for row in rows:
        assert row["failure_count"] == 0 and row["status"] == "active"
    assert sum(row["total_requests"] for row in rows) == WARM_UP + 1


def test_nobody_is_hedged_unasked(servers):
    respond = LateKey()
    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream, POOL_POLICY="round_robin", REQUEST_TIMEOUT="2s")
    for _ in range(WARM_UP):
        assert chat(gateway).status == 200
    before = len(respond.asked)
    respond.key = respond.asked[-2]
    assert chat(gateway).status == 504
    assert len(respond.asked) == before + 1
    assert len(posts(upstream)) == before + 1
