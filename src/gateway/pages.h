// Pages: what a room above this one serves beside the exchanges, such as the admin API.
//
// Made by composition and shared by all workers. Each call runs on the worker whose
// connection asked.

#pragma once

#include <string>

#include "base/task.h"
#include "http/message.h"

namespace wasat::gateway {

struct Worker;

class Pages {
 public:
  virtual ~Pages() = default;
  // `path` has no "//". Answers in every case.
  virtual Task<> serve(http::ServerRequest& request, http::ServerResponse& response, Worker& worker,
                       std::string path) = 0;
};

}  // namespace wasat::gateway
