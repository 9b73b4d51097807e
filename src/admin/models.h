// The resources /models and /aliases: what is known of Gemini's models, what they cost, and
// what other names stand for them.
//
//   GET    /models           the table of families with what each can do
//   GET    /models/{name}    what becomes of a name that a client gives
//   GET    /aliases          the operator's, those of the settings, and the built-in ones
//   PUT    /aliases/{alias}  {"model": "gemini-2.5-flash"}; at once
//   DELETE /aliases/{alias}

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> model_routes();

}  // namespace wasat::admin
