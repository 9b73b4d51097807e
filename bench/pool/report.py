#!/usr/bin/env python3
"""Makes docs/pool-study.svg, and the tables of docs/pool-study*.md, of what bench_pool prints.

build/release/bench_pool | bench/pool/report.py
"""

import json
import pathlib
import re
import statistics
import sys

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
COLOURS = {
    "oracle": "#555555",
    "thompson": "#1a73e8",
    "weighted": "#9334e6",
    "least_busy": "#e8710a",
    "fill_first": "#12875c",
    "round_robin": "#d93025",
}
WIDTH, HEIGHT, LEFT, TOP, GAP = 460, 260, 70, 50, 90


def median(runs, value):
    return statistics.median(value(run) for run in runs)


def curve(runs, value):
    return [statistics.median(value(run["hours"][hour]) for run in runs) for hour in range(24)]


def ceiling(value):
    """The next number of the form 1, 2 or 5 times a power of ten."""
    step = 1.0
    while step * 10 <= value:
        step *= 10
    return next(step * factor for factor in (1, 2, 5, 10) if step * factor >= value)


def panel(x, title, unit, curves):
    """Lines over the hours of the day, from zero."""
    top = ceiling(max(max(points) for points in curves.values()) or 1)
    right, bottom = x + WIDTH, TOP + HEIGHT
    out = [f'<text x="{x}" y="{TOP - 18}" font-weight="bold">{title}</text>']
    for part in range(5):
        y = bottom - HEIGHT * part / 4
        out.append(f'<line x1="{x}" y1="{y}" x2="{right}" y2="{y}" stroke="#ddd"/>')
        out.append(f'<text x="{x - 8}" y="{y + 4}" text-anchor="end">{top * part / 4:,.6g}</text>')
    for hour in range(0, 25, 6):
        at = x + WIDTH * hour / 24
        out.append(f'<text x="{at}" y="{bottom + 18}" text-anchor="middle">{hour}:00</text>')
    out.append(f'<text x="{right}" y="{TOP - 18}" text-anchor="end" fill="#777">{unit}</text>')
    for name, points in curves.items():
        line = " ".join(
            f"{x + WIDTH * (hour + 1) / 24:.1f},{bottom - HEIGHT * value / top:.1f}" for hour, value in enumerate(points)
        )
        dashes = ' stroke-dasharray="5 4"' if name == "oracle" else ""
        out.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"{dashes}/>')
    return out


def picture(studied):
    regret = {name: curve(runs, lambda hour: hour["regret"]) for name, runs in studied.items()}
    wasted = {
        name: curve(runs, lambda hour: 1000 * hour["wasted"] / max(hour["requests"], 1)) for name, runs in studied.items()
    }
    width, height = LEFT + 2 * WIDTH + GAP + 20, TOP + HEIGHT + 70
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        *panel(LEFT, "Regret", "attempts that the best credential would have served", regret),
        *panel(LEFT + WIDTH + GAP, "Wasted attempts", "of 1,000 requests, by the hour", wasted),
    ]
    x = LEFT
    for name in studied:
        y = TOP + HEIGHT + 48
        out.append(f'<rect x="{x}" y="{y - 10}" width="14" height="10" fill="{COLOURS[name]}"/>')
        out.append(f'<text x="{x + 20}" y="{y}">{name.replace("_", " ")}</text>')
        x += 150
    return "\n".join([*out, "</svg>", ""])


def table(studied, heads):
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for name, runs in studied.items():
        cells = [
            f"`{name}`",
            f"{median(runs, lambda run: 1e6 * run['failures'] / run['requests']):,.0f}",
            f"{median(runs, lambda run: 1000 * run['wasted'] / run['requests']):.1f}",
            f"{median(runs, lambda run: 1000 * (run['wasted'] - run['wasted_by']['overload']) / run['requests']):.1f}",
            f"{median(runs, lambda run: run['attempts'] / run['requests']):.4f}",
            f"{median(runs, lambda run: run['regret']):,.0f}",
            f"{median(runs, lambda run: run['first_token_p50']):.2f} s",
            f"{median(runs, lambda run: run['first_token_p95']):.2f} s",
            f"{median(runs, lambda run: run['busiest_share']):.1f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


HEADS = {
    "pool-study.md": ["policy", "failures seen, per million", "wasted attempts, per 1,000 requests", "without the model's overload",
                      "attempts per request", "regret", "first token, p50", "p95", "busiest credential, in fair shares"],
    "pool-study.zh-CN.md": ["策略", "客户端可见失败（每百万请求）", "浪费的尝试（每千请求）", "不计模型过载", "每请求尝试次数",
                            "遗憾值", "首个 token p50", "p95", "最忙凭证（公平份额的倍数）"],
}


def main():
    studied = {name: [] for name in COLOURS}
    for line in sys.stdin:
        run = json.loads(line)
        studied[run["policy"]].append(run)
    studied = {name: runs for name, runs in studied.items() if runs}
    (DOCS / "pool-study.svg").write_text(picture(studied))
    for page, heads in HEADS.items():
        path = DOCS / page
        made = f"<!-- table -->\n{table(studied, heads)}\n<!-- end -->"
        text = re.sub(r"<!-- table -->.*?<!-- end -->", lambda _: made, path.read_text(), flags=re.S)
        path.write_text(text)


if __name__ == "__main__":
    main()
