"""script/profile: what clients send, for a build with counters in it."""

import json
import pathlib
import sys
import tempfile

from bodies import LIVE, NATIVE, NATIVE_BODY, NATIVE_STREAM, TRANSLATED
from processes import ROOT, Load, Upstream, Wasat

BINARY = ROOT / "build/profile/wasat"
REQUESTS, STREAMS, EVENTS = 6000, 100, 100


def train(folder):
    def file_of(body):
        path = folder / f"{abs(hash(json.dumps(body)))}.json"
        path.write_text(json.dumps(body))
        return path

    whole = {NATIVE: NATIVE_BODY, **TRANSLATED}
    streams = {NATIVE_STREAM: NATIVE_BODY}
    streams |= {path: {**body, "stream": True} for path, body in TRANSLATED.items()}
    with Upstream(folder / "whole") as upstream, Wasat(folder / "a", upstream, binary=BINARY) as wasat:
        for path, body in whole.items():
            Load(wasat.port, path=path, body=file_of(body), connections=64, requests=REQUESTS).result()
        Load(wasat.port, path=LIVE, live=True, connections=50, rate=20, duration=2).result()
    with Upstream(folder / "streams", events=EVENTS, interval=10) as upstream:
        with Wasat(folder / "b", upstream, binary=BINARY) as wasat:
            for path, body in streams.items():
                load = {"path": path, "body": file_of(body), "connections": STREAMS, "events": EVENTS}
                Load(wasat.port, **load).result()


def main():
    with tempfile.TemporaryDirectory(prefix="wasat-train-") as folder:
        train(pathlib.Path(folder))


sys.exit(main())
