"""Instructions per request, where time is too noisy to see a few per cent.

perf counts them, kernel included, where the machine has such a counter. Elsewhere
callgrind counts those in user space; the counts of two runs of different length
are subtracted, so that starting and warming up cancel out.
"""

import json
import re
import signal
import subprocess

from bodies import CHAT, CHAT_BODY, NATIVE, NATIVE_BODY
from figures import Figure
from processes import Load, Nginx, Refused, Upstream, Wasat

FEW, MANY = 500, 2500


def perf_count(text, event):
    """The count in what `perf stat -x,` wrote; None where the machine does not count."""
    for line in text.splitlines():
        fields = line.split(",")
        if len(fields) > 2 and fields[2].startswith(event) and re.fullmatch(r"[\d.]+", fields[0]):
            return float(fields[0])
    return None


def perf_works(event):
    try:
        done = subprocess.run(
            ["perf", "stat", "-x,", "-e", event, "true"], capture_output=True, text=True
        )
    except FileNotFoundError:
        return False
    return perf_count(done.stderr, event) is not None


def with_perf(make, folder, upstream, load, event="instructions"):
    requests = 20 * MANY
    with make(folder, upstream, name=make.__name__) as proxy:
        Load(proxy.port, **load, connections=64, requests=MANY).result()  # warm up
        perf = subprocess.Popen(
            ["perf", "stat", "-x,", "-e", event, "-p", str(proxy.pid)],
            stderr=subprocess.PIPE,
            text=True,
        )
        done = Load(proxy.port, **load, connections=64, requests=requests).result()["requests"]
        perf.send_signal(signal.SIGINT)
        _, err = perf.communicate(timeout=30)
    count = perf_count(err, event)
    if count is None:
        raise Refused("perf gave no count: " + err[-300:])
    return count / done


def callgrind(make, folder, upstream, load, requests):
    prefix = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.out")
    with make(folder, upstream, prefix=prefix, name=f"{make.__name__}-{requests}") as proxy:
        Load(proxy.port, **load, connections=8, requests=requests).result()
        proxy.stop()
    err = proxy.err.read_text(errors="replace")
    found = re.search(r"Collected : (\d+)", err)
    if not found:
        raise Refused("callgrind gave no count: " + err[-300:])
    return int(found[1])


def with_callgrind(make, folder, upstream, load):
    many = callgrind(make, folder, upstream, load, MANY)
    return (many - callgrind(make, folder, upstream, load, FEW)) / (MANY - FEW)


# What a token's limits, the default pool and the ledger cost beside a proxy that has none of
# them. (The ledger writes once a second; callgrind slows all but the clock down, so there the
# writes fall on a hundredth of the requests that they would fall on.)
def limited(folder, upstream, **how):
    limits = {"requests_per_minute": 10**9, "input_tokens_per_minute": 10**12, "dollars_per_day": 10**6}
    return Wasat(folder, upstream, environment={"TOKENS_LIMITS": json.dumps(limits)}, **how)


def plain(folder, upstream, **how):
    environment = {"POOL_POLICY": "round_robin", "WASAT_LEDGER": "false"}
    return Wasat(folder, upstream, environment=environment, **how)


def rows(context):
    subject = Nginx if context.validate else Wasat
    measure, what = (
        (with_perf, "kernel included")
        if perf_works("instructions")
        else (with_callgrind, "user space")
    )
    native = {"path": NATIVE, "body": context.body(NATIVE_BODY)}
    chat = {"path": CHAT, "body": context.body(CHAT_BODY)}
    for name, load in {"native": native, "chat": chat}.items():
        folder = context.fresh("instructions-" + name)
        with Upstream(folder) as upstream:
            nginx = measure(Nginx, folder / "a", upstream, native)
            wasat = measure(subject, folder / "b", upstream, native if context.validate else load)
        yield Figure(
            f"instructions per request, {name}",
            wasat / nginx,
            f"× nginx: {wasat:.0f} to {nginx:.0f}, {what}",
            0,
        )
    folder = context.fresh("instructions-pool")
    with Upstream(folder) as upstream:
        base = measure(Nginx if context.validate else plain, folder / "a", upstream, native)
        full = measure(Nginx if context.validate else limited, folder / "b", upstream, native)
    yield Figure(
        "instructions per request, pool, limits, ledger",
        full / base,
        f"× round robin without limits and ledger: {full:.0f} to {base:.0f}, {what}",
        0,
    )
