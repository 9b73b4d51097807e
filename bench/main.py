"""script/bench: runs the rows and prints the table."""

import argparse
import json
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

import instructions
from figures import Context
from processes import ROOT, Refused
from rows import COMPARISONS, ROWS


def make_certificate(folder):
    certificate = folder / "localhost.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", certificate.with_suffix(".key"), "-out", certificate],
        check=True, stderr=subprocess.DEVNULL,
    )
    return certificate


def main():
    parser = argparse.ArgumentParser(prog="script/bench")
    parser.add_argument("--quick", action="store_true", help="short runs, three pairs")
    parser.add_argument("--rows", default="", help="comma-separated names (see --list)")
    parser.add_argument("--pairs", type=int, default=0, help="interleaved pairs (default 5)")
    parser.add_argument("--list", action="store_true", help="names of the rows")
    parser.add_argument(
        "--instructions",
        action=argparse.BooleanOptionalAction,
        help="instructions per request too (default: unless --quick or --rows)",
    )
    parser.add_argument("--validate", action="store_true", help="nginx against nginx")
    options = parser.parse_args()
    if options.list:
        print("\n".join(ROWS))
        return 0
    names = options.rows.split(",") if options.rows else list(ROWS)
    if unknown := set(names) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    if options.instructions is None:
        options.instructions = not (options.quick or options.rows)
    if options.validate:
        names = [name for name in names if name in COMPARISONS]

    results, missed = [], 0
    print(f"{'work':46} {'target':>10} {'figure':>10}  verdict")
    with tempfile.TemporaryDirectory(prefix="wasat-bench-") as folder:
        folder = pathlib.Path(folder)
        context = Context(
            folder=folder,
            certificate=make_certificate(folder),
            quick=options.quick,
            pairs=options.pairs or (3 if options.quick else 5),
            validate=options.validate,
        )
        for name in names:
            try:
                for figure in ROWS[name](context):
                    missed += not figure.reached
                    verdict = "reached" if figure.reached else "MISSED"
                    print(
                        f"{figure.name:46} {'≤ ' + format(figure.target, 'g'):>10} "
                        f"{figure.value:10.2f}  {verdict} ({figure.unit})",
                        flush=True,
                    )
                    results.append(vars(figure) | {"reached": figure.reached})
            except Refused as refusal:
                missed += 1
                print(f"{name:46} {'':>10} {'':>10}  REFUSED: {refusal}", flush=True)
                results.append({"name": name, "refused": str(refusal)})
            for row_folder in folder.iterdir():
                if row_folder.is_dir():
                    shutil.rmtree(row_folder, ignore_errors=True)
        if options.instructions:
            try:
                for figure in instructions.rows(context):
                    print(f"{figure.name:46} {'':>10} {figure.value:10.2f}  ({figure.unit})", flush=True)
                    results.append(vars(figure))
            except Refused as refusal:
                print(f"{'instructions':46} {'':>10} {'':>10}  REFUSED: {refusal}", flush=True)

    out = ROOT / "build/bench/results.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(
        json.dumps({"machine": platform.platform(), "quick": options.quick, "rows": results}, indent=1)
    )
    print(f"details: {out.relative_to(ROOT)}")
    return 1 if missed else 0


sys.exit(main())
