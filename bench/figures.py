"""What a row yields, and what it gets: the sizes of this run and who is measured
against whom; interleaved runs of two proxies."""

import contextlib
import dataclasses
import json
import os
import signal
import statistics

from processes import Load, Nginx, Refused, Usage, Wasat


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
    # Who spins is always busy: what counts is how often it found nothing to do.
    full = result["idle_share"] < 0.1 if upstream.spin else result["load_share"] > 0.9
    if not closed_loop and full:
        raise Refused("load generator and upstream had too little left of their core")
    return result


@contextlib.contextmanager
def halted(process):
    """Stops one that would spin beside a measurement that it has no part in."""
    if process is not None:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        if process is not None:
            os.kill(process.pid, signal.SIGCONT)


def pairs(
    context, name, upstream, baseline, subject, per, closed_loop, base_load, subject_load, behind=None
):
    """Interleaved runs of both; the median of the ratios of CPU per unit of work. `behind`: what
    is behind the subject, when it is not the upstream."""
    ratios, costs, rates = [], ([], []), ([], [])
    direct_rate = None
    others = (behind, upstream if behind else None)  # while the one and the other is measured
    if closed_loop and upstream.port and not upstream.tls:  # the load generator speaks no TLS
        with halted(behind):
            direct = Load(upstream.port, **base_load).result()
        direct_rate = direct["requests"] / direct["seconds"]
    sides = ((baseline, upstream, base_load), (subject, behind or upstream, subject_load))
    for (proxy, _, load), other in zip(sides, others):  # warm up
        warm = dict(load)
        if closed_loop:
            warm["duration"] = 0.5
        with halted(other):
            Load(proxy.port, **warm).result()
    for _ in range(context.pairs):
        cost = []
        for i, (proxy, origin, load) in enumerate(sides):
            with halted(others[i]):
                result = measured(proxy, origin, proxy.port, closed_loop, **load)
            cost.append(result["proxy_cpu"] / result[per] * 1e6)
            costs[i].append(cost[i])
            rates[i].append(result[per] / result["seconds"])
        ratios.append(cost[1] / cost[0])
    rate = [statistics.median(r) for r in rates]
    if direct_rate and direct_rate < 1.2 * max(rate):
        raise Refused(f"{name}: the load generator alone reaches {direct_rate:.0f}/s only")
    return statistics.median(ratios), {
        "ratios": [round(r, 3) for r in ratios],
        f"{baseline.name}_us": round(statistics.median(costs[0]), 2),
        "wasat_us": round(statistics.median(costs[1]), 2),
        f"{baseline.name}_per_s": round(rate[0]),
        "wasat_per_s": round(rate[1]),
        "direct_per_s": direct_rate and round(direct_rate),
    }
