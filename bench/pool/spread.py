#!/usr/bin/env python3
"""How much the days of a study differ: Thompson sampling to round robin, day by day.

build/release/bench_pool --seeds 60 --policies thompson,round_robin | bench/pool/spread.py
"""

import json
import statistics
import sys


def wasted(run):
    return run["wasted"] / run["requests"]


def avoidable(run):
    return (run["wasted"] - run["wasted_by"]["overload"]) / run["requests"]


def failures(run):
    return run["failures"] / run["requests"]


def main():
    days = {}
    for line in sys.stdin:
        run = json.loads(line)
        days.setdefault(run["seed"], {})[run["policy"]] = run
    for name, value in (
        ("wasted attempts", wasted),
        ("without the model's overload", avoidable),
        ("failures seen", failures),
    ):
        ratios = sorted(value(day["thompson"]) / value(day["round_robin"]) for day in days.values())
        tenths = statistics.quantiles(ratios, n=10)
        total = sum(value(day["thompson"]) for day in days.values()) / sum(
            value(day["round_robin"]) for day in days.values()
        )
        print(
            f"{name}: {total:.3f} of all {len(ratios)} days; by the day {ratios[0]:.3f} to {ratios[-1]:.3f}, "
            f"median {statistics.median(ratios):.3f}, eight of ten {tenths[0]:.3f} to {tenths[-1]:.3f}; "
            f"below a half on {sum(ratio < 0.5 for ratio in ratios)}, below one on {sum(ratio < 1 for ratio in ratios)}"
        )


if __name__ == "__main__":
    main()
