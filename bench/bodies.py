"""What clients send: paths, and bodies of about 1 KB."""

NATIVE = "/v1beta/models/gemini-2.5-flash:generateContent"
NATIVE_STREAM = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
RESPONSES = "/v1/responses"
LIVE = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"

PROMPT = "Tell me a story about the star in the middle of the Twins, in three short paragraphs."
NATIVE_BODY = {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}
CHAT_BODY = {"model": "gemini-2.5-flash", "messages": [{"role": "user", "content": PROMPT}]}
# What clients of the translated dialects send.
TRANSLATED = {
    CHAT: CHAT_BODY,
    MESSAGES: {**CHAT_BODY, "max_tokens": 1024},
    RESPONSES: {"model": "gemini-2.5-flash", "input": PROMPT, "store": False},
}
