"""The first relay server, to compare with: its own code, from the document that published it,
run with Node.js outside the repository."""

import re
import shutil
import subprocess

from processes import PROXY_CORE, ROOT, Process, Refused, answers, free_port, wait_for

DOCUMENT = ROOT.parent / "shared/seeds/0-relay-server.md"
PACKAGES = ("express", "ws", "cors")


class FirstRelay(Process):
    name = "first"

    def __init__(self, folder):
        folder = folder / "first-relay"
        folder.mkdir(parents=True)
        if not DOCUMENT.exists():
            raise Refused(f"{DOCUMENT} is not there")
        if not shutil.which("node") or not shutil.which("npm"):
            raise Refused("there is no Node.js")
        code = re.search(
            r"```javascript\n(.*?)```", DOCUMENT.read_text(errors="replace"), re.DOTALL
        )[1]
        # On the loopback alone; nothing else is changed.
        code, changed = re.subn(r"listen\(PORT,", 'listen(PORT, "127.0.0.1",', code)
        if changed != 1:
            raise Refused("the document has changed")
        (folder / "index.js").write_text(code)
        (folder / "package.json").write_text('{"type": "module", "private": true}')
        got = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--prefer-offline", *PACKAGES],
            cwd=folder, capture_output=True, text=True, timeout=180,
        )
        if got.returncode:
            raise Refused(f"npm did not get {', '.join(PACKAGES)}: {got.stderr[-300:]}")
        self.port = free_port()
        environment = {"PORT": str(self.port), "NODE_ENV": "production"}
        super().__init__(
            [shutil.which("node"), str(folder / "index.js")], PROXY_CORE, folder, environment
        )
        wait_for("the first relay server", lambda: answers(self.port))
