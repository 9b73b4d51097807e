"""What is measured: one function per row of the table.

A row function yields Figures; `Context` brings the folder, the certificate, the
sizes of this run and who is measured against whom.
"""

import base64
import dataclasses
import http.client
import json
import os
import statistics
import time
import urllib.parse

from processes import (
    TOKEN,
    Load,
    Nginx,
    Refused,
    Upstream,
    Usage,
    Wasat,
    answers,
    peak_kib,
    reset_peak,
    resident_kib,
)

NATIVE = "/v1beta/models/gemini-2.5-flash:generateContent"
NATIVE_STREAM = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
RESPONSES = "/v1/responses"

LIVE = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"

PROMPT = "Tell me a story about the star in the middle of the Twins, in three short paragraphs."
NATIVE_BODY = {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}
CHAT_BODY = {"model": "gemini-2.5-flash", "messages": [{"role": "user", "content": PROMPT}]}
# What clients of the translated dialects send.
TRANSLATED = {
    CHAT: CHAT_BODY,
    MESSAGES: {**CHAT_BODY, "max_tokens": 1024},
    RESPONSES: {"model": "gemini-2.5-flash", "input": PROMPT, "store": False},
}


@dataclasses.dataclass
class Figure:
    name: str
    value: float
    unit: str
    target: float
    detail: dict = dataclasses.field(default_factory=dict)

    @property
    def reached(self):
        return self.value <= self.target


@dataclasses.dataclass
class Context:
    folder: object
    certificate: object
    quick: bool
    pairs: int
    validate: bool  # nginx in Wasat's place

    def subject(self, folder, upstream, **nginx_options):
        if self.validate:
            return Nginx(folder, upstream, name="subject", **nginx_options)
        return Wasat(folder, upstream)

    def fresh(self, name):
        folder = self.folder / name
        folder.mkdir(parents=True)
        return folder

    def body(self, content):
        path = self.folder / f"body-{abs(hash(json.dumps(content)[:4096]))}-{len(str(content))}.json"
        if not path.exists():
            path.write_text(json.dumps(content))
        return path


def measured(proxy, upstream, port, closed_loop, **load):
    """One run: the load's result with the CPU that the proxy spent on it."""
    before, upstream_before = Usage(proxy.pid), Usage(upstream.pid)
    result = Load(port, **load).result()
    after, upstream_after = Usage(proxy.pid), Usage(upstream.pid)
    wall = after.wall - before.wall
    result["proxy_cpu"] = after.cpu - before.cpu
    # Ready to run counts as busy: another process may have been on its core.
    busy = (result["proxy_cpu"] + after.queued - before.queued) / wall
    result["proxy_busy"] = busy
    result["load_share"] = (result["cpu"] + upstream_after.cpu - upstream_before.cpu) / wall
    if closed_loop and busy < 0.85:
        raise Refused(
            f"the proxy was busy for {busy:.0%} of the time only: load generator and upstream "
            f"({result['load_share']:.0%} of their core) are the bottleneck"
        )
    if not closed_loop and result["load_share"] > 0.9:
        raise Refused("load generator and upstream had too little left of their core")
    return result


def pairs(context, name, upstream, baseline, subject, per, closed_loop, base_load, subject_load):
    """Interleaved runs of both; the median of the ratios of CPU per unit of work."""
    ratios, costs, rates = [], ([], []), ([], [])
    direct_rate = None
    if closed_loop and not upstream.tls:  # the load generator speaks no TLS
        direct = Load(upstream.port, **base_load).result()
        direct_rate = direct["requests"] / direct["seconds"]
    for proxy, load in ((baseline, base_load), (subject, subject_load)):  # warm up
        warm = dict(load)
        if closed_loop:
            warm["duration"] = 0.5
        Load(proxy.port, **warm).result()
    for _ in range(context.pairs):
        cost = []
        for i, (proxy, load) in enumerate(((baseline, base_load), (subject, subject_load))):
            result = measured(proxy, upstream, proxy.port, closed_loop, **load)
            cost.append(result["proxy_cpu"] / result[per] * 1e6)
            costs[i].append(cost[i])
            rates[i].append(result[per] / result["seconds"])
        ratios.append(cost[1] / cost[0])
    rate = [statistics.median(r) for r in rates]
    if direct_rate and direct_rate < 1.2 * max(rate):
        raise Refused(f"{name}: the load generator alone reaches {direct_rate:.0f}/s only")
    return statistics.median(ratios), {
        "ratios": [round(r, 3) for r in ratios],
        "nginx_us": round(statistics.median(costs[0]), 2),
        "wasat_us": round(statistics.median(costs[1]), 2),
        "nginx_per_s": round(rate[0]),
        "wasat_per_s": round(rate[1]),
        "direct_per_s": direct_rate and round(direct_rate),
    }


def closed_loop(context, name, target, tls=False, path=None):
    folder = context.fresh(name.replace(" ", "-"))
    seconds = 1.5 if context.quick else 5
    base = {"path": NATIVE, "body": context.body(NATIVE_BODY), "connections": 64, "duration": seconds}
    subject = dict(base)
    if path and not context.validate:
        subject |= {"path": path, "body": context.body(TRANSLATED[path])}
        base["body"] = subject["body"]
    with Upstream(folder, tls=context.certificate if tls else None) as upstream:
        with Nginx(folder, upstream) as nginx, context.subject(folder, upstream) as wasat:
            ratio, detail = pairs(
                context, name, upstream, nginx, wasat, "requests", True, base, subject
            )
    yield Figure(name, ratio, "× nginx", target, detail)


def native(context):
    yield from closed_loop(context, "native POST, 1 KB, 64 connections", 1.25)


def native_tls(context):
    yield from closed_loop(context, "native POST over TLS upstream", 1.3, tls=True)


def chat(context):
    yield from closed_loop(context, "chat to Gemini, not streamed", 1.5, path=CHAT)


def messages(context):
    yield from closed_loop(context, "Anthropic to Gemini, not streamed", 1.6, path=MESSAGES)


def responses(context):
    yield from closed_loop(context, "Responses to Gemini, not streamed", 1.6, path=RESPONSES)


def stream(context, name, target, path=None):
    folder = context.fresh(name.replace(" ", "-"))
    events = 150 if context.quick else 500
    base = {
        "path": NATIVE_STREAM,
        "body": context.body(NATIVE_BODY),
        "connections": 200,
        "events": events,
    }
    subject = dict(base)
    if path and not context.validate:
        subject |= {"path": path, "body": context.body({**TRANSLATED[path], "stream": True})}
    with Upstream(folder, events=events, interval=10) as upstream:
        with Nginx(folder, upstream, stream=True) as nginx:
            with context.subject(folder, upstream, stream=True) as wasat:
                ratio, detail = pairs(
                    context, name, upstream, nginx, wasat, "events", False, base, subject
                )
    yield Figure(name, ratio, "× nginx", target, detail)


def sse_native(context):
    yield from stream(context, "SSE, 200 streams, per event, native", 1.2)


def sse_chat(context):
    yield from stream(context, "SSE, 200 streams, per event, chat", 1.35, CHAT)


def sse_messages(context):
    yield from stream(context, "SSE, 200 streams, per event, Anthropic", 1.4, MESSAGES)


def sse_responses(context):
    yield from stream(context, "SSE, 200 streams, per event, Responses", 1.4, RESPONSES)


def live(context):
    folder = context.fresh("live")
    seconds = 3 if context.quick else 10
    load = {"path": LIVE, "live": True, "connections": 1000, "rate": 20, "duration": seconds}
    with Upstream(folder) as upstream:
        with Nginx(folder, upstream) as nginx, context.subject(folder, upstream) as wasat:
            ratio, detail = pairs(
                context, "live", upstream, nginx, wasat, "events", False, load, load
            )
    yield Figure("1,000 Live sessions, 20 frames a second, per frame", ratio, "× nginx", 1.5, detail)


def first_event(context):
    folder = context.fresh("first-event")
    requests = 400 if context.quick else 2000
    load = {
        "path": NATIVE_STREAM,
        "body": context.body(NATIVE_BODY),
        "connections": 1,
        "events": 1,
        "requests": requests,
    }
    differences, p50 = [], ([], [])
    with Upstream(folder) as upstream:
        with Nginx(folder, upstream, stream=True) as nginx:
            with context.subject(folder, upstream, stream=True) as wasat:
                for _ in range(context.pairs):
                    pair = [
                        Load(proxy.port, **load).result()["first_event_p50_us"]
                        for proxy in (nginx, wasat)
                    ]
                    differences.append(pair[1] - pair[0])
                    for i in (0, 1):
                        p50[i].append(pair[i])
    yield Figure(
        "time to first event, 1 connection, p50",
        statistics.median(differences),
        "µs over nginx",
        25,
        {"nginx_us": statistics.median(p50[0]), "wasat_us": statistics.median(p50[1])},
    )


def many_streams(context, name, target, tls):
    folder = context.fresh(name.replace(" ", "-"))
    events = 8 if context.quick else 30
    streams = 9000
    with Upstream(
        folder, tls=context.certificate if tls else None, events=events, interval=1000
    ) as upstream:
        with context.subject(folder, upstream, stream=True) as wasat:
            answers(wasat.port)
            before = resident_kib(wasat.pid)
            load = Load(
                wasat.port,
                NATIVE_STREAM,
                body=context.body(NATIVE_BODY),
                connections=streams,
                events=events,
                ramp=300,
            )
            load.wait_line("progress")  # all have begun
            samples = []
            for _ in range(max(1, events // 4)):
                samples.append(resident_kib(wasat.pid))
                time.sleep(0.5)  # between samples, while the streams run
            result = load.result()  # refuses what is lost or torn
    if result["complete_streams"] != streams:
        raise Refused(f"{streams - result['complete_streams']} streams were not complete")
    yield Figure(
        name,
        (max(samples) - before) / streams,
        "KiB each",
        target,
        {"streams": streams, "events": result["events"], "lost": 0, "resident_kib": max(samples)},
    )


def streams_plain(context):
    yield from many_streams(context, "9,000 streams, resident, plain", 12, False)


def streams_tls(context):
    yield from many_streams(context, "9,000 streams, resident, TLS upstream", 48, True)


def image(context):
    """20 MiB of base64 through chat. nginx passes the same bytes, held in memory as well."""
    folder = context.fresh("image")
    data = base64.b64encode(os.urandom(15 << 20)).decode()
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + data}},
    ]
    body = context.body({**CHAT_BODY, "messages": [{"role": "user", "content": content}]})
    size = body.stat().st_size
    requests = 10 if context.quick else 30
    subject = {"path": CHAT, "body": body, "connections": 1, "requests": requests}
    base = {**subject, "path": NATIVE}
    with Upstream(folder) as upstream:
        with Nginx(folder, upstream, body_buffer="64m") as nginx:
            with context.subject(folder, upstream, body_buffer="64m") as wasat:
                if context.validate:
                    subject = base
                answers(wasat.port)
                before = resident_kib(wasat.pid)
                reset_peak(wasat.pid)
                Load(wasat.port, **{**subject, "requests": 1}).result()
                peak = peak_kib(wasat.pid)
                ratio, detail = pairs(
                    context, "image", upstream, nginx, wasat, "requests", False, base, subject
                )
    yield Figure("20 MiB image through chat, CPU", ratio, "× nginx", 1.5, detail)
    yield Figure(
        "20 MiB image through chat, resident",
        (peak - before) * 1024 / size,
        "× the body",
        1.3,
        {"before_kib": before, "peak_kib": peak, "body": size},
    )


def upload_url(port):
    """Begins a resumable upload; the path that takes its bytes."""
    headers = {
        "x-goog-api-key": TOKEN,
        "X-Goog-Upload-Protocol": "resumable",
        "X-Goog-Upload-Command": "start",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/upload/v1beta/files", "{}", headers)
    response = connection.getresponse()
    response.read()
    url = urllib.parse.urlsplit(response.headers["X-Goog-Upload-URL"])
    return f"{url.path}?{url.query}"


def upload(context):
    """One file in one piece, as Google's SDKs for the browser send it."""
    folder = context.fresh("upload")
    size = 256 << 20 if context.quick else 2 << 30
    load = {
        "method": "POST",
        "body_bytes": size,
        "headers": ["X-Goog-Upload-Command: upload, finalize", "X-Goog-Upload-Offset: 0"],
        "connections": 1,
        "requests": 1,
    }
    with Upstream(folder) as upstream:
        with Nginx(folder, upstream, hold=False) as nginx:
            with context.subject(folder, upstream, hold=False) as wasat:
                base = {**load, "path": upload_url(nginx.port)}
                subject = {**load, "path": upload_url(wasat.port)}
                before = resident_kib(wasat.pid)
                reset_peak(wasat.pid)
                Load(wasat.port, **subject).result()
                peak = peak_kib(wasat.pid)
                ratio, detail = pairs(
                    context, "upload", upstream, nginx, wasat, "requests", False, base, subject
                )
    name = f"{size >> 20:,} MiB upload"
    yield Figure(f"{name}, CPU", ratio, "× nginx", 1.3, detail)
    yield Figure(
        f"{name}, resident",
        (peak - before) / 1024,
        "MiB more",
        16,
        {"before_kib": before, "peak_kib": peak},
    )


def at_rest(context):
    folder = context.fresh("at-rest")
    connections = 5000
    data = folder / "data"
    with Upstream(folder) as upstream:
        times, resident = [], []
        # The first start makes the data folder; later ones count.
        for i in range(6):
            started = time.monotonic()
            process = Wasat(folder, upstream, name=f"start-{i}", data=data)
            with process:
                if not answers(process.port):
                    raise Refused("it listens, but does not answer")
                times.append((time.monotonic() - started) * 1000)
                resident.append(resident_kib(process.pid) / 1024)
        yield Figure("resident at start", statistics.median(resident[1:]), "MiB", 12)
        yield Figure("start to first answer", statistics.median(times[1:]), "ms", 100, {"all_ms": times})
        with Wasat(folder, upstream, name="idle", data=data) as wasat:
            load = {"path": NATIVE, "body": context.body(NATIVE_BODY), "ramp": 64}
            # What serving needs once (buffers, upstream connections) is not the connections'.
            Load(wasat.port, connections=64, requests=2000, **load).result()
            before = resident_kib(wasat.pid)
            idle = Load(wasat.port, connections=connections, idle=True, **load)
            idle.wait_line("idle")
            after = resident_kib(wasat.pid)
            idle.result()
        yield Figure("idle connection", (after - before) / connections, "KiB each", 2.5)


ROWS = {
    "native": native,
    "native-tls": native_tls,
    "chat": chat,
    "messages": messages,
    "responses": responses,
    "sse": sse_native,
    "sse-chat": sse_chat,
    "sse-messages": sse_messages,
    "sse-responses": sse_responses,
    "first-event": first_event,
    "live": live,
    "streams": streams_plain,
    "streams-tls": streams_tls,
    "image": image,
    "upload": upload,
    "rest": at_rest,
}
# Rows that make sense with nginx in Wasat's place.
COMPARISONS = (
    "native",
    "native-tls",
    "chat",
    "sse",
    "sse-chat",
    "first-event",
    "live",
    "image",
    "upload",
)
