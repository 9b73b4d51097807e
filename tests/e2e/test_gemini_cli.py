"""Google's Gemini CLI (@google/gemini-cli from npm), unmodified, with a task that takes tools."""

import json

import pytest
from clients import Home, gemini_cli


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def body_of(request):
    return json.loads(request["body"])


@pytest.mark.parametrize("model", ["gemini-3-flash-preview", pytest.param("gemini-2.5-flash", marks=pytest.mark.once)])
def test_a_task_with_tools(home, gateway, simulator, model):
    """Parallel calls, a file written, a command run; with signatures where the model wants them."""
    work = home.work
    (work / "star.txt").write_text("Wasat is Delta Geminorum.")
    steps = [
        {
            "parts": [
                {"thought": True, "text": "**Looking**\n\nBoth at once."},
                {"functionCall": {"name": "read_file", "args": {"file_path": str(work / "star.txt")}}},
                {"functionCall": {"name": "list_directory", "args": {"dir_path": str(work)}}},
            ]
        },
        {
            "expect": ["Delta Geminorum", "star.txt"],
            "parts": [
                {"text": "Now I write it down."},
                {
                    "functionCall": {
                        "name": "write_file",
                        "args": {"file_path": str(work / "note.txt"), "content": "a naïve “note”\n"},
                    }
                },
            ],
        },
        {
            "expect": "note.txt",
            "parts": [{"functionCall": {"name": "run_shell_command", "args": {"command": "cat note.txt"}}}],
        },
        {"expect": "naïve", "cachedTokens": 1000, "parts": [{"text": "All is done, says TASK-GEMINI."}]},
    ]
    simulator.script("TASK-GEMINI", steps, exact=True)
    ran = gemini_cli(home, gateway, "Do TASK-GEMINI.", "--approval-mode", "yolo", "-o", "json", model=model)
    assert ran.status == 0, ran
    assert ran.json["response"].endswith("All is done, says TASK-GEMINI."), ran
    assert (work / "note.txt").read_text() == "a naïve “note”\n"
    stats = ran.json["stats"]
    assert stats["tools"]["totalSuccess"] == 4 and stats["tools"]["totalFail"] == 0, ran
    assert stats["models"][model]["tokens"]["cached"] == 1000, "what was cached is reported"
    assert all(request["status"] == 200 for request in simulator.requests()), simulator.requests()


@pytest.mark.once
def test_a_picture_goes_in(home, gateway, simulator):
    from test_genai_sdk import PIXEL

    (home.work / "sky.png").write_bytes(PIXEL)
    simulator.script("PICTURE", [{"parts": [{"text": "I see."}]}])
    ran = gemini_cli(home, gateway, "PICTURE @sky.png", "-o", "json")
    assert ran.status == 0 and "I see." in ran.json["response"], ran
    parts = [part for request in simulator.requests() for c in body_of(request)["contents"] for part in c["parts"]]
    assert any("inlineData" in part for part in parts)


@pytest.mark.once
def test_a_wrong_token_is_said(home, gateway, simulator):
    ran = gemini_cli(home, gateway, "Hi.", "-o", "json", token="nobody")
    assert ran.status != 0 and "token" in ran.err + ran.out, ran
    assert not simulator.requests()


@pytest.mark.once
def test_a_key_without_quota_is_not_noticed(home, gateway, simulator):
    simulator.fault("quota-day", {"key": "one"})
    simulator.script("GREETING", [{"parts": [{"text": "fine"}]}])
    ran = gemini_cli(home, gateway, "GREETING", "-o", "json")
    assert ran.status == 0 and ran.json["response"] == "fine", ran
