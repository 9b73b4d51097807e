"""What docs/clients.md tells people to type is typed here."""

import os
import re
import subprocess
import sys

import pytest
from clients import PACKAGES, Home
from harness import ADMIN, BINARY, ROOT, TOKEN, node

PAGE = ROOT / "docs/clients.md"
BLOCK = re.compile(r"^```(\w+)(?: (~/\S+))?\n(.*?)^```$", re.M | re.S)


def blocks(page):
    """(section, language, file, text) of each block."""
    found, section = [], ""
    for part in re.split(r"^(?=##)", page.read_text(), flags=re.M):
        section = part.split("\n", 1)[0].strip("# ")
        found += [(section, *block) for block in BLOCK.findall(part)]
    return found


RUN = [block for block in blocks(PAGE) if block[1] in ("sh", "python", "js")]


def here(text, gateway):
    return re.sub(r"\bTOKEN\b", TOKEN, text.replace("http://127.0.0.1:8080", gateway.url))


@pytest.mark.once
@pytest.mark.parametrize("block", RUN, ids=lambda block: f"{block[1]} {block[0]}")
def test_every_block_works_as_it_stands(tmp_path, gateway, simulator, block):
    section, language, _, text = block
    home = Home(tmp_path)
    for other, _, file, content in blocks(PAGE):
        if file and other == section:
            home.write(file.removeprefix("~/"), here(content, gateway))
    text = here(text, gateway)
    if language == "sh":
        programs = tmp_path / "bin"
        programs.mkdir()
        native = sorted(PACKAGES.glob("@anthropic-ai/claude-code-linux-*/claude"))[0]
        for name, command in {
            "claude": f"'{native}'",
            "codex": f"'{node()}' '{PACKAGES}/@openai/codex/bin/codex.js'",
            "gemini": f"'{node()}' '{PACKAGES}/@google/gemini-cli/bundle/gemini.js'",
        }.items():
            (programs / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
            (programs / name).chmod(0o755)
        ran = home.run(
            ["bash", "-euc", text],
            {"PATH": f"{programs}:{os.environ['PATH']}", "GEMINI_CLI_TRUST_WORKSPACE": "true"},
        )
    elif language == "python":
        python = ROOT / "build/venv-langchain/bin/python" if "langchain" in text else sys.executable
        ran = home.run([python, "-c", text], {})
    else:
        # Node looks for packages from the file on.
        script = ROOT / f"build/npm/js/{tmp_path.parent.parent.name}-{tmp_path.name}.mjs"
        script.write_text(text)
        try:
            ran = home.run([node(), script], {})
        finally:
            script.unlink()
    assert ran.status == 0 and ran.out.strip(), ran
    # A block may go through several clients.
    wanted = max(text.count("curl -s"), len(re.findall(r"^ +(?:new Chat|Chat|create)", text, re.M)), 1)
    asked = [request for request in simulator.requests() if "enerateContent" in request["target"]]
    assert len(asked) >= wanted and all(request["status"] == 200 for request in asked)


def test_the_settings_are_settings(tmp_path):
    for _, language, file, text in blocks(PAGE):
        if language == "toml" and not file:
            (tmp_path / "wasat.toml").write_text(text)
            subprocess.run([BINARY, "check", "--config", tmp_path / "wasat.toml"], check=True, cwd=tmp_path)


def test_both_languages_have_the_same_blocks():
    other = ROOT / "docs/clients.zh-CN.md"
    assert [block[1:] for block in blocks(PAGE)] == [block[1:] for block in blocks(other)]


ADMIN_PAGE = ROOT / "docs/admin-api.md"


def test_the_admin_page_works_from_top_to_bottom(tmp_path, gateway):
    script = "".join(text for _, language, _, text in blocks(ADMIN_PAGE) if language == "sh")
    script = script.replace("http://127.0.0.1:8080", gateway.url).replace("PASSWORD", ADMIN)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/wasat").symlink_to(BINARY)
    ran = subprocess.run(
        ["bash", "-euc", script], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "WASAT_PASSPHRASE": "correct horse battery"},
    )
    assert ran.returncode == 0, ran
    for told in ('"token":', '"spare"', '"our-model"', '"windows"', "credential added: 3"):
        assert told in ran.stdout, (told, ran.stdout)
    assert (tmp_path / "again.json").stat().st_mode & 0o777 == 0o600


RELAY_PAGE = ROOT / "docs/relay.md"


def test_the_relay_page_works_from_top_to_bottom(servers, simulator):
    gateway = servers.gateway(simulator)
    script = "".join(text for _, language, _, text in blocks(RELAY_PAGE) if language == "sh")
    script = script.replace("http://127.0.0.1:8080", gateway.url).replace("PASSWORD", ADMIN)
    ran = subprocess.run(
        ["bash", "-euc", script], capture_output=True, text=True, timeout=120,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert ran.returncode == 0, ran
    for told in ('"text":"wsr-', '"kind":"relay"', '"items":[]', '"series":[]'):
        assert told in ran.stdout, (told, ran.stdout)


def test_both_languages_of_the_relay_page_have_the_same_blocks():
    other = ROOT / "docs/relay.zh-CN.md"
    assert [block[1:] for block in blocks(RELAY_PAGE)] == [block[1:] for block in blocks(other)]


def test_both_languages_of_the_admin_page_have_the_same_blocks():
    other = ROOT / "docs/admin-api.zh-CN.md"
    assert [block[1:] for block in blocks(ADMIN_PAGE)] == [block[1:] for block in blocks(other)]
