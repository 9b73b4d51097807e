// Call: one request to the admin API, read and admitted. Lives in the frame that serves it.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/answer.h"
#include "admin/sessions.h"
#include "base/cancel.h"
#include "base/task.h"
#include "json/reader.h"

namespace wasat::gateway {
struct Shared;
struct Worker;
}  // namespace wasat::gateway

namespace wasat::admin {

struct Call {
  std::string method;
  std::string query;
  std::vector<std::string> parameters;  // of the path's pattern, percent-decoded, in its order
  std::string address;                  // the client's true one
  std::string user_agent;
  bool over_tls = false;           // as a trusted proxy says
  std::optional<Session> session;  // whose it is; nothing for what is open
  std::string session_token;       // as presented
  json::Value body;                // absent when there is none
  // To be done on the worker when the resource has answered and did not refuse; set by it.
  std::function<void(const gateway::Shared&, gateway::Worker&)> then;
  // The same for what takes a while and gives the answer: in the place of the resource's own.
  std::function<Task<Answer>(const gateway::Shared&, gateway::Worker&, Cancel&)> later;
  // For the audit log: what it was done to, set by the resource. No secrets.
  std::string target;

  // A parameter of the query, percent-decoded; empty if there is none.
  std::string asked(std::string_view name) const;
};

// "?limit=&cursor=" of lists: from where, and how many.
struct Paging {
  std::size_t limit = 50;
  std::string cursor;  // as an earlier answer gave it; empty: from the beginning
};
std::expected<Paging, Refusal> paging(const Call& call, std::size_t most = 1000);

}  // namespace wasat::admin
