"""Command line clients as their users have them: from npm, unmodified, with a home of their own.

Each gets a base URL and a token. No other network: what is not on loopback meets a
proxy that is not there.
"""

import json
import os
import subprocess

from harness import ROOT, SLOW, TOKEN, node

PACKAGES = ROOT / "build/npm/cli/node_modules"
PATIENCE = 60


class Ran:
    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err

    @property
    def json(self):
        """What was printed, from the first brace on."""
        return json.loads(self.out[self.out.index("{") :])

    @property
    def lines(self):
        """The JSON objects that were printed line by line."""
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    def __repr__(self):
        return f"<{self.status} {self.out[-3000:]}\n--- {self.err[-3000:]}>"


class Home:
    """A user's home and a folder to work in."""

    def __init__(self, folder):
        self.home = folder / "home"
        self.work = folder / "work"
        self.home.mkdir(parents=True)
        self.work.mkdir()

    def run(self, command, environment, stdin=None):
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        nowhere = "http://127.0.0.1:9"
        kept |= {
            "HOME": str(self.home),
            "TERM": "dumb",
            "CI": "1",
            "HTTP_PROXY": nowhere,
            "HTTPS_PROXY": nowhere,
            "NO_PROXY": "127.0.0.1,localhost",
        }
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.work,
            env=kept | environment,
            input=stdin or "",
            capture_output=True,
            text=True,
            timeout=PATIENCE * SLOW,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def write(self, path, text):
        path = self.home / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def gemini_cli(home, gateway, prompt, *arguments, model="gemini-2.5-flash", token=TOKEN):
    home.write(
        ".gemini/settings.json",
        json.dumps({"security": {"auth": {"selectedType": "gemini-api-key"}}}),
    )
    return home.run(
        [node(), PACKAGES / "@google/gemini-cli/bundle/gemini.js", "-m", model, "-p", prompt, *arguments],
        {
            "GOOGLE_GEMINI_BASE_URL": gateway.url,
            "GEMINI_API_KEY": token,
            "GEMINI_CLI_TRUST_WORKSPACE": "true",
        },
    )


def claude_code(home, gateway, prompt, *arguments, model=None, token=TOKEN, **environment):
    """claude -p; the prompt comes by stdin, so that options may stand last."""
    native = sorted(PACKAGES.glob("@anthropic-ai/claude-code-linux-*/claude"))
    assert native, "there is no Claude Code for this machine"
    chosen = ["--model", model] if model else []
    return home.run(
        [native[0], "-p", *chosen, *arguments],
        {
            "ANTHROPIC_BASE_URL": gateway.url,
            "ANTHROPIC_AUTH_TOKEN": token,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }
        | environment,
        stdin=prompt,
    )


def codex(home, gateway, prompt, *arguments, model="gemini-3-flash-preview", token=TOKEN, more=""):
    home.write(
        ".codex/config.toml",
        f'''
model = "{model}"
model_provider = "wasat"
{more}
[model_providers.wasat]
name = "Wasat"
base_url = "{gateway.url}/v1"
env_key = "WASAT_TOKEN"
wire_api = "responses"
''',
    )
    return home.run(
        [node(), PACKAGES / "@openai/codex/bin/codex.js", "exec", "--skip-git-repo-check", *arguments, prompt],
        {"WASAT_TOKEN": token, "CODEX_HOME": str(home.home / ".codex")},
    )
