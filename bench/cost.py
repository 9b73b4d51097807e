"""Rows about CPU and time: Wasat beside nginx, per request, per event, per frame."""

import statistics

from bodies import (
    CHAT,
    LIVE,
    MESSAGES,
    NATIVE,
    NATIVE_BODY,
    NATIVE_STREAM,
    RESPONSES,
    TRANSLATED,
)
from figures import Figure, pairs
from processes import Load, Nginx, Upstream


def closed_loop(context, name, target, tls=False, path=None):
    folder = context.fresh(name.replace(" ", "-"))
    seconds = 1.5 if context.quick else 5
    base = {
        "path": NATIVE,
        "body": context.body(NATIVE_BODY),
        "connections": 64,
        "duration": seconds,
        "spin": True,
    }
    subject = dict(base)
    if path and not context.validate:
        subject |= {"path": path, "body": context.body(TRANSLATED[path])}
        base["body"] = subject["body"]
    with Upstream(folder, tls=context.certificate if tls else None, spin=True) as upstream:
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
