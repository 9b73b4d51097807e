"""Rows about browser relay nodes: bench_nodes on one side, bench_load on the other."""

import json
import subprocess
import time
import urllib.request

from bodies import NATIVE, NATIVE_BODY, NATIVE_STREAM
from figures import Figure, pairs
from first_relay import FirstRelay
from processes import (
    BUILD,
    CORES,
    LOAD_CORE,
    Load,
    Nginx,
    Process,
    Refused,
    Tool,
    Upstream,
    Usage,
    Wasat,
    answers,
    peak_kib,
    reset_peak,
    resident_kib,
    wait_for,
)

NODE_TOKEN = "wsr-bench-node-0123456789abcdef"
LARGE = "/v1beta/models/gemini-large:"
LARGE_ANSWER = "/v1beta/models/gemini-large-answer:"


class Nodes(Tool):
    """bench_nodes at one relay. Its options are keyword arguments. All serve when it is made."""

    def __init__(self, port, count, spin=False, **options):
        command = ["taskset", "-c", str(LOAD_CORE), str(BUILD / "bench_nodes")]
        command += ["--port", str(port), "--token", NODE_TOKEN, "--nodes", str(count)]
        for option, value in options.items():
            command += ["--" + option.replace("_", "-"), str(value)]
        if spin:
            command.append("--spin")
        self.spin = spin
        self.port = self.tls = None  # nobody connects to them
        self.child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.pid = self.child.pid
        self.line("ready")

    def line(self, start):
        line = self.child.stdout.readline().strip()
        if not line.startswith(start):
            raise Refused(f"the nodes said '{line}' {self.child.stderr.read()[-300:]}")
        return [int(word) for word in line.split()[1:]]

    def kill(self, count):
        """Ends connections without a close frame; how many requests those nodes had."""
        self.child.stdin.write(f"kill {count}\n")
        self.child.stdin.flush()
        return self.line("killed")[1]

    def result(self):
        out, err = self.child.communicate(timeout=60)
        result = json.loads(out.splitlines()[-1])
        if result["lost"]:
            raise Refused(f"{result['lost']} nodes were sent away: {err[-300:]}")
        return result


def relay(folder, workers=1, **environment):
    """A gateway that has nothing but nodes."""
    settings = {"GEMINI_API_KEYS": "", "RELAY_TOKENS": NODE_TOKEN, "WASAT_WORKERS": str(workers)}
    cores = CORES[-1:] if workers == 1 else CORES
    return Wasat(
        folder, None, environment=settings | environment, core=",".join(map(str, cores))
    )


def idle(context):
    folder = context.fresh("relay-idle")
    count = 10_000
    seconds = 32 if context.quick else 62  # a round of pings, or two
    with relay(folder) as wasat:
        load = {"path": "/livez", "connections": 64, "requests": 2000}
        Load(wasat.port, **load).result()  # what serving needs once is not the nodes'
        before = resident_kib(wasat.pid)
        with Nodes(wasat.port, count) as nodes:
            time.sleep(2)  # for what joining leaves to do
            used = Usage(wasat.pid)
            time.sleep(seconds)
            after = Usage(wasat.pid)
            resident = resident_kib(wasat.pid)
            pings = nodes.result()["pings"]
    if pings < count:
        raise Refused(f"{count} nodes were pinged {pings} times only")
    detail = {"nodes": count, "resident_kib": resident, "before_kib": before, "pings": pings}
    yield Figure("10,000 idle nodes, resident", (resident - before) / count, "KiB each", 16, detail)
    share = (after.cpu - used.cpu) / (after.wall - used.wall)
    yield Figure("10,000 idle nodes, CPU", 100 * share, "% of a core", 2, detail)


def streams(context):
    folder = context.fresh("relay-streams")
    streams = 500
    events = 100 if context.quick else 400
    with relay(folder, workers=2) as wasat:
        with Nodes(wasat.port, 50, events=events, interval=50) as nodes:
            load = Load(
                wasat.port,
                NATIVE_STREAM,
                body=context.body(NATIVE_BODY),
                connections=streams,
                events=events,
                ramp=50,
            )
            load.wait_line("progress")  # all have begun
            used = Usage(wasat.pid)
            time.sleep(events * 0.05 * 0.7)
            after = Usage(wasat.pid)
            result = load.result()  # refuses what is lost or torn
            nodes = nodes.result()
    wall = after.wall - used.wall
    detail = {
        "events": result["events"],
        "lost": 0,
        "delay_p50_ms": result["delay_p50_us"] / 1000,
        "waited_for_a_core": (after.queued - used.queued) / wall,
        "nodes": nodes,
    }
    if result["complete_streams"] != streams:
        raise Refused(f"{streams - result['complete_streams']} streams were not complete")
    name = "500 relayed streams, 20 events a second"
    yield Figure(f"{name}, CPU", 100 * (after.cpu - used.cpu) / wall, "% of a core", 50, detail)
    yield Figure(f"{name}, delay p99", result["delay_p99_us"] / 1000, "ms", 5, detail)


def closed_loop(context, baseline, upstream, wasat, nodes, name, target, unit):
    load = {
        "path": NATIVE,
        "body": context.body(NATIVE_BODY),
        "connections": 64,
        "duration": 1.5 if context.quick else 5,
        "spin": True,
    }
    ratio, detail = pairs(
        context, name, upstream, baseline, wasat, "requests", True, load, load, behind=nodes
    )
    return Figure(name, ratio, unit, target, detail)


def request(context):
    folder = context.fresh("relay-request")
    with Upstream(folder, spin=True) as upstream, Nginx(folder, upstream) as nginx:
        with relay(folder) as wasat, Nodes(wasat.port, 50, spin=True) as nodes:
            name = "relayed request, 1 KB, 64 connections"
            yield closed_loop(context, nginx, upstream, wasat, nodes, name, 2.5, "× nginx")


def first(context):
    """How many times the requests for its CPU, upside down: figures are to be small."""
    folder = context.fresh("relay-first")
    with FirstRelay(folder) as server, Nodes(server.port, 50, spin=True) as its_nodes:
        with relay(folder) as wasat, Nodes(wasat.port, 50, spin=True) as nodes:
            name = "the same, to the first relay server"
            yield closed_loop(context, server, its_nodes, wasat, nodes, name, 0.2, "× its CPU")


def large_request(context, size):
    path = context.folder / f"large-{size}.json"
    if not path.exists():
        with path.open("w") as file:
            file.write('{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"')
            for _ in range(size >> 20):
                file.write("A" * (1 << 20))
            file.write('"}}]}]}')
    return path


def large(context):
    """One node has a long message to take, or to send, while others stream."""
    most = 128 if context.quick else 512
    others = 49
    rows = (
        ("request", LARGE + "generateContent", most),
        ("streamed answer", LARGE + "streamGenerateContent?alt=sse", most),
        # It is one message, which must not be larger than 512 MiB itself.
        ("answer, not streamed,", LARGE_ANSWER + "generateContent", most - 1),
    )
    for what, path, mib in rows:
        asks = what == "request"
        folder = context.fresh("relay-large-" + what.replace(" ", "-"))
        with relay(folder, workers=2, WASAT_MAX_BODY="1GiB") as wasat:
            # Streams until they are cut off: how long the message takes is not known.
            with Nodes(wasat.port, 50, events=100_000, interval=50, large_mib=mib):
                answers(wasat.port)
                with Load(
                    wasat.port,
                    NATIVE_STREAM,
                    body=context.body(NATIVE_BODY),
                    connections=others,
                    events=100_000,
                ) as streams:
                    streams.wait_line("progress")
                    before = resident_kib(wasat.pid)
                    reset_peak(wasat.pid)
                    begun = time.monotonic()
                    body = large_request(context, mib << 20) if asks else context.body(NATIVE_BODY)
                    Load(wasat.port, path, body=body, connections=1, requests=1).result()
                    took = time.monotonic() - begun
                    peak = peak_kib(wasat.pid)
                    delays = streams.interrupted()
        name = f"{mib} MiB {what} through a node"
        detail = {
            "before_kib": before,
            "peak_kib": peak,
            "seconds": took,
            "delay_p50_ms": delays["delay_p50_us"] / 1000,
            "events": delays["delays"],
        }
        if asks:
            yield Figure(f"{name}, resident", (peak - before) / 1024 / mib, "× it", 1.1, detail)
        else:
            yield Figure(f"{name}, resident", (peak - before) / 1024, "MiB more", 32, detail)
        yield Figure(f"{name}, others' p99", delays["delay_p99_us"] / 1000, "ms", 50, detail)


def both_ways(context):
    """A long request and a long answer, not streamed, with a node that really asks somebody. The
    gateway has the request until the answer begins, since another node may have to do it; of the
    answer it has what is on its way. So it has for API keys."""
    folder = context.fresh("relay-both-ways")
    mib = 64 if context.quick else 240
    with Upstream(folder, answer_bytes=mib << 20) as upstream:
        with relay(folder) as wasat:
            environment = {
                "WASAT_NODE_TOKEN": NODE_TOKEN,
                "GEMINI_API_KEY": "bench-key-1",
                "GEMINI_BASE_URL": f"http://127.0.0.1:{upstream.port}",
            }
            command = [str(BUILD / "wasat"), "node", "--relay", f"ws://127.0.0.1:{wasat.port}/ws"]
            with Process(command, LOAD_CORE, folder / "node", environment) as node:
                wait_for("the node", lambda: nodes_of(wasat.port) == 1)
                Load(wasat.port, "/livez", connections=64, requests=2000).result()
                processes = (wasat, node)
                before = [resident_kib(process.pid) for process in processes]
                for process in processes:
                    reset_peak(process.pid)
                body = large_request(context, mib << 20)
                Load(wasat.port, NATIVE, body=body, connections=1, requests=1).result()
                peaks = [peak_kib(process.pid) for process in processes]
    name = f"{mib} MiB both ways, not streamed"
    detail = {"before_kib": before, "peak_kib": peaks}
    for i, (whose, target) in enumerate((("gateway", 1.2), ("wasat node", 1.3))):
        value = (peaks[i] - before[i]) / 1024 / mib
        yield Figure(f"{name}, {whose}", value, "× one of them", target, detail)


def nodes_of(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        return json.load(answer)["nodes"]


def killed(context):
    folder = context.fresh("relay-killed")
    seconds = 4 if context.quick else 10
    with relay(folder, workers=2) as wasat:
        with Nodes(wasat.port, 200, delay=100) as nodes:
            body = context.body(NATIVE_BODY)
            load = {"body": body, "connections": 300, "duration": seconds}
            # Of the streams, those that wait for their first event; a stream is over with it.
            stream = {"events": 1, "requests": 1_000_000_000}
            loads = [
                Load(wasat.port, NATIVE, **load),
                Load(wasat.port, NATIVE_STREAM, **load, **stream),
            ]
            time.sleep(seconds / 2)
            had = nodes.kill(100)
            results = [load.counted() for load in loads]
    requests = [result["requests"] for result in results]
    if had == 0 or 0 in requests:
        raise Refused(f"{had} requests at the killed nodes, {requests} in all")
    fields = ("errors", "bad_status", "torn", "lost")
    yield Figure(
        "100 of 200 nodes killed at once, failed",
        sum(result[field] for result in results for field in fields),
        "requests",
        0,
        {"requests": requests, "at_killed_nodes": had},
    )
