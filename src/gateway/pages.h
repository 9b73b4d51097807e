// Pages: what a room above this one serves beside the exchanges, such as the admin API.
//
// Made by composition and shared by all workers. Each call runs on the worker whose
// connection asked.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.h"
#include "http/message.h"

namespace wasat::gateway {

struct Shared;
struct Worker;

class Pages {
 public:
  virtual ~Pages() = default;
  // `path` has no "//". Answers in every case.
  virtual Task<> serve(const Shared& shared, Worker& worker, http::ServerRequest& request,
                       http::ServerResponse& response, std::string path) = 0;

  // The admin password opens pages of ours, too: whoever tries it there counts like one who
  // logs in. For how long a try from this address must wait; nothing: it may go on, and
  // counts as wrong until password_was_right().
  virtual std::optional<std::chrono::seconds> try_password(std::string_view address) = 0;
  virtual void password_was_right(std::string_view address) = 0;
};

}  // namespace wasat::gateway
