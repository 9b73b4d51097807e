"""Instructions per request, where time is too noisy to see a few per cent.

Callgrind counts them in user space on any machine; the counts of two runs of
different length are subtracted, so that starting and warming up cancel out.
"""

import re

from processes import Load, Nginx, Refused, Upstream, Wasat
from rows import CHAT, CHAT_BODY, NATIVE, NATIVE_BODY, Figure

FEW, MANY = 500, 2500


def count(make, folder, upstream, load, requests):
    prefix = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.out")
    with make(folder, upstream, prefix=prefix, name=f"{make.__name__}-{requests}") as proxy:
        Load(proxy.port, **load, connections=8, requests=requests).result()
        err = proxy.err
        proxy.stop()
    found = re.search(r"Collected : (\d+)", err.read_text(errors="replace"))
    if not found:
        raise Refused("callgrind gave no count: " + err.read_text(errors="replace")[-300:])
    return int(found[1])


def per_request(make, folder, upstream, load):
    return (
        count(make, folder, upstream, load, MANY) - count(make, folder, upstream, load, FEW)
    ) / (MANY - FEW)


def rows(context):
    subject = Nginx if context.validate else Wasat
    cases = {
        "native": {"path": NATIVE, "body": context.body(NATIVE_BODY)},
        "chat": {"path": CHAT, "body": context.body(CHAT_BODY)},
    }
    for name, load in cases.items():
        folder = context.fresh("instructions-" + name)
        with Upstream(folder) as upstream:
            nginx = per_request(Nginx, folder / "a", upstream, {**cases["native"]})
            wasat = per_request(subject, folder / "b", upstream, cases["native"] if context.validate else load)
        yield Figure(
            f"instructions per request, {name}",
            wasat / nginx,
            f"× nginx: {wasat:.0f} to {nginx:.0f}, user space",
            0,
        )
