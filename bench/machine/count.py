#!/usr/bin/env python3
"""Instructions per request, the kernel's included, on a machine that only counts.

    python3 bench/machine/count.py [--requests N]

Where perf cannot count, an emulated machine can: each instruction takes its clock a nanosecond,
so that its kernel's own CPU times are counts. One core, no host's noise: the same binary gives
the same figure to one in two thousand. It would count a string instruction as one for each byte,
so the processor says that it has no quick ones, and memory is copied with others. Needs a
release build, and of Debian qemu-system-x86, busybox-static, cpio and a kernel (--kernel, or
/boot's newest). Takes some minutes.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from bodies import NATIVE, NATIVE_BODY
from processes import ADMIN_PASSWORD, BUILD, TOKEN

COMMANDS = "sh mount ip sleep cat mkdir poweroff kill grep sed env tr".split()
REQUEST_LIMITS = {"requests_per_minute": 10**9}
ALL_LIMITS = REQUEST_LIMITS | {"input_tokens_per_minute": 10**12, "dollars_per_day": 10**6}


def libraries(binary):
    listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    return re.findall(r"(/\S+) \(0x", listed)


def fill(root, requests):
    """A root file system of what is measured and what measures."""
    for folder in ("bin", "proc", "dev", "tmp", "etc", "bench", "var/log/nginx"):
        (root / folder).mkdir(parents=True)
    programs = [BUILD / "bench_load", BUILD / "bench_upstream", "/usr/sbin/nginx"]
    for program in programs:
        shutil.copy(program, root / "bin")
    strip = ["llvm-strip-19", "--strip-debug", BUILD / "wasat", "-o", root / "bin/wasat"]
    subprocess.run(strip, check=True)
    for library in {each for program in [*programs, BUILD / "wasat"] for each in libraries(program)}:
        place = root / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)
    shutil.copy("/bin/busybox", root / "bin")
    for command in COMMANDS:
        (root / "bin" / command).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    (root / "bench/body.json").write_text(json.dumps(NATIVE_BODY))
    shutil.copy(HERE / "nginx.conf", root / "bench")
    (root / "bench/settings").write_text(
        f"PATH_ASKED='{NATIVE}'\nTOKEN={TOKEN}\nPASSWORD={ADMIN_PASSWORD}\nREQUESTS={requests}\nWARM_UP={requests // 3}\n"
        f"REQUEST_LIMITS='{json.dumps(REQUEST_LIMITS)}'\nALL_LIMITS='{json.dumps(ALL_LIMITS)}'\n"
    )
    shutil.copy(HERE / "init", root / "init")
    (root / "init").chmod(0o755)


def run(kernel, requests):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "root"
        fill(root, requests)
        image = pathlib.Path(folder) / "initrd"
        with image.open("wb") as out:
            names = subprocess.run(["find", "."], cwd=root, capture_output=True, check=True).stdout
            pack = ["cpio", "--quiet", "-o", "-H", "newc"]
            subprocess.run(pack, cwd=root, input=names, stdout=out, check=True)
        machine = subprocess.Popen(
            ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max,-erms,-fsrm",
             "-icount", "shift=0,sleep=off", "-m", "2048", "-nographic", "-no-reboot",
             "-kernel", kernel, "-initrd", image,
             "-append", "console=ttyS0 quiet panic=1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace",
        )
        base = None
        for line in machine.stdout:
            if found := re.search(r"FIGURE (\w+) (\d+)", line):
                count = int(found[2])
                base = count if found[1] == "plain" else base
                ratio = f"{count / base:8.3f} × plain" if base else ""
                print(f"{found[1]:20} {count:8d} instructions per request{ratio}", flush=True)
            elif "FAILED" in line or "panic" in line:
                machine.kill()
                sys.exit(line.strip())
        return machine.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    newest = sorted(pathlib.Path("/boot").glob("vmlinuz-*"))
    parser.add_argument("--kernel", default=newest[-1] if newest else None)
    parser.add_argument("--requests", type=int, default=12000)
    options = parser.parse_args()
    if options.kernel is None:
        parser.error("there is no kernel in /boot; name one with --kernel")
    return run(options.kernel, options.requests)


sys.exit(main())
