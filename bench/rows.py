"""What is measured: one row function per name. It gets a figures.Context and yields Figures."""

import cost
import memory
import relay

ROWS = {
    "native": cost.native,
    "native-tls": cost.native_tls,
    "chat": cost.chat,
    "messages": cost.messages,
    "responses": cost.responses,
    "sse": cost.sse_native,
    "sse-chat": cost.sse_chat,
    "sse-messages": cost.sse_messages,
    "sse-responses": cost.sse_responses,
    "first-event": cost.first_event,
    "live": cost.live,
    "streams": memory.streams_plain,
    "streams-tls": memory.streams_tls,
    "image": memory.image,
    "upload": memory.upload,
    "large-answer": memory.large_answer,
    "rest": memory.at_rest,
    "credentials": memory.many_credentials,
    "relay-idle": relay.idle,
    "relay-streams": relay.streams,
    "relay-request": relay.request,
    "relay-first": relay.first,
    "relay-large": relay.large,
    "relay-both-ways": relay.both_ways,
    "relay-killed": relay.killed,
}
# Rows that make sense with nginx in Wasat's place.
COMPARISONS = (
    "native",
    "native-tls",
    "chat",
    "sse",
    "sse-chat",
    "first-event",
    "live",
    "image",
    "upload",
)
