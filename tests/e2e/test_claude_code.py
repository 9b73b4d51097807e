"""Claude Code (@anthropic-ai/claude-code from npm), unmodified, with tasks that take tools."""

import json

import pytest
from clients import Home, claude_code
from test_genai_sdk import PIXEL

TOOLS = ("--allowedTools", "Read,Write,Bash")
JSON = ("--output-format", "json")
THIRD = "gemini-3-flash-preview"


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def call(name, **arguments):
    return {"functionCall": {"name": name, "args": arguments}}


def text(words):
    return {"text": words}


def generations(simulator):
    return [request for request in simulator.requests() if "enerateContent" in request["target"]]


def refused(simulator):
    return [request for request in simulator.requests() if request["status"] != 200]


# Without a model Claude Code names one of Anthropic's own, which the table of aliases knows.
@pytest.mark.parametrize("model", [THIRD, pytest.param(None, marks=pytest.mark.once), pytest.param("gemini-2.5-pro", marks=pytest.mark.once)])
def test_p01_a_tool_loop_on_a_third_generation_model(home, gateway, simulator, model):
    """Parallel calls, then a file, then a command; each signature comes back where it was."""
    work = home.work
    (work / "star.txt").write_text("Wasat is Delta Geminorum.")
    steps = [
        {
            "parts": [
                {"thought": True, "text": "**Looking**\n\nBoth at once."},
                call("Read", file_path=str(work / "star.txt")),
                call("Bash", command="ls", description="List files"),
            ]
        },
        {
            "expect": ["Delta Geminorum", "star.txt"],
            "parts": [text("Now I write it down."), call("Write", file_path=str(work / "note.txt"), content="a naïve “note”\n")],
        },
        {"expect": "note.txt", "parts": [call("Bash", command="cat note.txt", description="Show the note")]},
        {"expect": "naïve", "cachedTokens": 1000, "parts": [text("All is done, says TASK-CLAUDE.")]},
    ]
    simulator.script("TASK-CLAUDE", steps, exact=True)
    ran = claude_code(home, gateway, "Do TASK-CLAUDE.", *TOOLS, *JSON, model=model)
    assert ran.status == 0, ran
    result = ran.json
    assert result["result"] == "All is done, says TASK-CLAUDE.", ran
    assert result["num_turns"] >= 4 and not result["is_error"], ran
    assert result["usage"]["cache_read_input_tokens"] == 1000, "p56 cached tokens are told"
    assert (work / "note.txt").read_text() == "a naïve “note”\n"
    assert not refused(simulator)


@pytest.mark.once
def test_the_stream_that_it_prints(home, gateway, simulator):
    simulator.script("PLEASANTRY", [{"parts": [{"thought": True, "text": "Kind words."}, text("Good evening.")]}])
    ran = claude_code(home, gateway, "PLEASANTRY", "--output-format", "stream-json", "--verbose", "--include-partial-messages", model=THIRD)
    assert ran.status == 0, ran
    kinds = {line["type"] for line in ran.lines}
    assert {"system", "stream_event", "assistant", "result"} <= kinds
    said = [line["event"] for line in ran.lines if line["type"] == "stream_event"]
    assert [event["type"] for event in said][0] == "message_start" and said[-1]["type"] == "message_stop"
    assert ran.lines[-1]["result"] == "Good evening."


@pytest.mark.once
def test_a_picture_that_a_tool_returns(home, gateway, simulator):
    (home.work / "sky.png").write_bytes(PIXEL)
    steps = [
        {"parts": [call("Read", file_path=str(home.work / "sky.png"))]},
        {"expect": "inlineData", "parts": [text("A pixel.")]},
    ]
    simulator.script("TASK-PICTURE", steps, exact=True)
    ran = claude_code(home, gateway, "TASK-PICTURE", *TOOLS, *JSON, model=THIRD)
    assert ran.status == 0 and ran.json["result"] == "A pixel.", ran


@pytest.mark.once
def test_web_search_is_gemini_s_own(home, gateway, simulator):
    steps = [
        {"parts": [call("WebSearch", query="the star Wasat")]},
        {"expect": "example.com", "parts": [text("Found it.")]},
    ]
    simulator.script("TASK-SEARCH", steps, exact=True)
    ran = claude_code(
        home, gateway, "TASK-SEARCH", "--allowedTools", "WebSearch", *JSON, model=THIRD, CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS="1"
    )
    assert ran.status == 0 and ran.json["result"] == "Found it.", ran
    assert any('"googleSearch"' in request["body"] for request in generations(simulator))


@pytest.mark.once
def test_a_session_that_is_resumed(home, gateway, simulator):
    simulator.script("TASK-FIRST", [{"parts": [text("One.")]}, {"expect": "TASK-SECOND", "parts": [text("Two.")]}])
    first = claude_code(home, gateway, "TASK-FIRST", *JSON, model=THIRD)
    assert first.status == 0, first
    second = claude_code(home, gateway, "TASK-SECOND", "--resume", first.json["session_id"], *JSON, model=THIRD)
    assert second.status == 0 and second.json["result"] == "Two.", second


@pytest.mark.once
def test_a_wrong_token_is_said(home, gateway, simulator):
    ran = claude_code(home, gateway, "Hi.", *JSON, model=THIRD, token="nobody")
    assert ran.status != 0 and "token" in ran.out, ran
    assert not generations(simulator)


@pytest.mark.once
def test_an_unknown_model_is_said(home, gateway, simulator):
    ran = claude_code(home, gateway, "Hi.", *JSON, model="gemini-0.1-abacus")
    assert ran.status != 0 and "model" in ran.out, ran


@pytest.mark.once
def test_a_key_without_quota_is_not_noticed(home, gateway, simulator):
    simulator.fault("quota-day", {"key": "one"})
    simulator.script("GREETING", [{"parts": [text("fine")]}])
    ran = claude_code(home, gateway, "GREETING", *JSON, model=THIRD)
    assert ran.status == 0 and ran.json["result"] == "fine", ran


@pytest.mark.once
@pytest.mark.parametrize("fault", ["error-event", "torn", "no-reason"])
def test_p28_p29_a_stream_that_breaks_off_is_asked_for_again(home, gateway, simulator, fault):
    simulator.script("TASK-TORN", [{"parts": [text("This is the whole of the answer, and nothing of it is missing.")]}])
    simulator.fault(fault, {"method": "stream"}, times=1)
    ran = claude_code(home, gateway, "TASK-TORN", *JSON, model=THIRD)
    assert ran.status == 0 and ran.json["result"].endswith("nothing of it is missing."), ran
    assert len(generations(simulator)) >= 2


@pytest.mark.once
def test_p60_a_prompt_that_is_too_long_is_compacted(home, gateway, simulator):
    """Google's words for it become Anthropic's, or Claude Code gives up."""

    def always(words):
        return [{"parts": [text(words)]}] * 8

    simulator.script("This session is being continued", always("Carried on."))
    simulator.script("Respond with TEXT ONLY", always("<analysis>Short.</analysis><summary>SUMMED-UP</summary>"))
    simulator.script("TASK-LONG", always("One more."))
    ran = claude_code(home, gateway, "TASK-LONG", *JSON, model=THIRD)
    assert ran.status == 0, ran
    session = ("--resume", ran.json["session_id"], *JSON)
    assert claude_code(home, gateway, "And then?", *session, model=THIRD).status == 0
    simulator.fault("too-long", times=1)
    ran = claude_code(home, gateway, "And now?", *session, model=THIRD)
    assert ran.status == 0 and ran.json["result"] == "Carried on.", ran
    assert "SUMMED-UP" in generations(simulator)[-1]["body"]


@pytest.mark.once
def test_p61_what_anthropic_added_lately_does_no_harm(home, gateway, simulator):
    """Betas, system turns and deferred tools: as Claude Code sends them when nothing is switched off."""
    simulator.script("GREETING", [{"parts": [text("fine")]}])
    ran = claude_code(home, gateway, "GREETING", *JSON, "--effort", "max", MAX_THINKING_TOKENS="2000")
    assert ran.status == 0 and ran.json["result"] == "fine", ran
    body = json.loads(generations(simulator)[-1]["body"])
    assert "billing-header" not in str(body["systemInstruction"])
    names = [f["name"] for tool in body["tools"] for f in tool.get("functionDeclarations", [])]
    assert "Bash" in names and "DeferredToolPlaceholder" not in names
