"""Rows about memory: what streams, large bodies and idle connections hold. Those that
have a counterpart in nginx yield the CPU as well."""

import base64
import concurrent.futures
import http.client
import json
import os
import statistics
import time
import urllib.parse

from bodies import CHAT, CHAT_BODY, NATIVE, NATIVE_BODY, NATIVE_STREAM
from figures import Figure, pairs
from processes import (
    ADMIN_PASSWORD,
    TOKEN,
    Load,
    Nginx,
    Refused,
    Upstream,
    Wasat,
    answers,
    peak_kib,
    reset_peak,
    resident_kib,
    wait_for,
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


def large_answer(context):
    """One that is not streamed, such as pictures, through an API key."""
    folder = context.fresh("large-answer")
    mib = 128 if context.quick else 512
    load = {"path": NATIVE, "body": context.body(NATIVE_BODY), "connections": 1}
    with Upstream(folder, answer_bytes=mib << 20) as upstream:
        with Wasat(folder, upstream) as wasat:
            answers(wasat.port)
            before = resident_kib(wasat.pid)
            reset_peak(wasat.pid)
            Load(wasat.port, requests=1, **load).result()
            peak = peak_kib(wasat.pid)
    yield Figure(
        f"{mib} MiB answer, not streamed, resident",
        (peak - before) / 1024,
        "MiB more",
        32,
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


def ask_admin(port, method, path, content=None, session=None):
    """What the admin API answers."""
    headers = {"Content-Type": "application/json"}
    if session:
        headers["Authorization"] = f"Bearer {session}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = None if content is None else json.dumps(content)
    connection.request(method, "/api/admin/v1" + path, body, headers)
    response = connection.getresponse()
    text = response.read().decode()
    if response.status >= 300:
        raise Refused(f"{method} {path}: {response.status} {text[:300]}")
    return json.loads(text)


def time_of_page(port, path):
    """The longest that /livez, on the same worker, waits while a page is made; and the page's
    own time. In milliseconds."""
    longest = 0.0
    with concurrent.futures.ThreadPoolExecutor(1) as other:

        def fetch():
            begun = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                raise Refused(f"GET {path}: {response.status}")
            return (time.monotonic() - begun) * 1000

        page = other.submit(fetch)
        while not page.done():
            begun = time.monotonic()
            if not answers(port):
                raise Refused("it does not answer while it makes " + path)
            longest = max(longest, (time.monotonic() - begun) * 1000)
    return longest, page.result()


def many_credentials(context):
    """A start with 100,000 keys in the store, against one with two: the whole process, from
    the call to the first answer; and what pages about all of them cost the others."""
    folder = context.fresh("credentials")
    count = 100_000
    data = folder / "data"
    keys = "\n".join(f"AIzaSyBench{number:028d}" for number in range(count))

    def start(name, folder_of_data):
        begun = time.monotonic()
        process = Wasat(folder, upstream, name=name, data=folder_of_data)
        with process:
            if not answers(process.port):
                raise Refused("it listens, but does not answer")
            seconds = time.monotonic() - begun
            return seconds, resident_kib(process.pid) / 1024, peak_kib(process.pid) / 1024

    with Upstream(folder) as upstream:
        start("empty-0", folder / "empty")  # makes the data folder
        empty = [start(f"empty-{i}", folder / "empty") for i in range(1, 2 if context.quick else 4)]
        with Wasat(folder, upstream, name="fill", data=data) as wasat:
            login = {"password": ADMIN_PASSWORD, "bearer": True}
            session = ask_admin(wasat.port, "POST", "/login", login)["token"]
            ask_admin(wasat.port, "POST", "/credentials/bulk", {"text": keys}, session)

            def all_there():
                listed = ask_admin(wasat.port, "GET", "/credentials?limit=1", session=session)
                return listed["total"] >= count

            wait_for(f"{count:,} credentials", all_there, 120)
        full = [start(f"full-{i}", data) for i in range(3 if context.quick else 5)]
        with Wasat(folder, upstream, name="pages", data=data) as wasat:
            pages = {path: time_of_page(wasat.port, path) for path in ("/health", "/stats", "/metrics")}
    seconds, resident, peak = (statistics.median(column) for column in zip(*full))
    detail = {"all": full, "empty": empty, "peak_mib": peak}
    yield Figure(f"{count:,} credentials, start to first answer", seconds, "s", 2, detail)
    yield Figure(f"{count:,} credentials, resident", resident, "MiB", 100, detail)
    longest = max(pages.values())[0]
    yield Figure(
        "the same, others wait for a page about all", longest, "ms", 10, {"longest_and_own_ms": pages}
    )
