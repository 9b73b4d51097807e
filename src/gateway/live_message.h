// The messages of a Live session that Wasat reads; all others are passed on unread
// (ai.google.dev/api/live). Pure functions; any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/body.h"
#include "gemini/call.h"
#include "gemini/model_names.h"

namespace wasat::gateway {

// The client's first message: {"setup":{"model":"models/x",...}}.
struct LiveSetup {
  std::string model;                   // as asked for, clean; empty when the message names none
  std::string upstream_model;          // behind the aliases
  std::string message;                 // as it goes upstream
  std::string resumes;                 // the handle of the session that it goes on with, or empty
  std::vector<std::string> resources;  // as collect_resources() finds them
};
// Errors: kInvalidRequest, kModelNotFound.
Result<LiveSetup> read_live_setup(PaddedView message, const gemini::ModelAliases& aliases);

// Whether a server's message may hold a handle; cheap, since every message is asked.
bool may_tell_handle(std::string_view message);
// The handle of sessionResumptionUpdate, by which the session can be gone on with on the
// credential that it runs on and no other; empty: there is none.
std::string read_live_handle(PaddedView message);
// What the session is called among the resources.
std::string live_session_name(std::string_view handle);

// Whether a server's message may hold usage; cheap, since every message is asked.
bool may_tell_usage(std::string_view message);
// Its usageMetadata; a Live message calls the answer's tokens responseTokenCount.
gemini::Usage read_live_usage(PaddedView message);

}  // namespace wasat::gateway
