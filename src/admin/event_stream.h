// The resource /events: server-sent events of what happens now.
//
//   event: credential   a state or a cooldown of a credential has changed
//   event: calls        once a second while there are any: how many have begun, ended, failed
//   event: store        the store or the ledger has a problem, or has none any more
//   event: job          how far a job is
//
// A listener that reads too slowly gets "event: lost" and is dropped; a comment after every
// 15 s of silence keeps proxies quiet; the stream ends when the server drains, the session
// ends, or the client leaves. Last-Event-ID goes on where a connection was lost.

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> event_routes();

}  // namespace wasat::admin
