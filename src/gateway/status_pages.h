// The pages that show how Wasat fares: /, /health, /stats, /livez, /readyz and /metrics.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "gateway/key_census.h"
#include "gateway/shared.h"

namespace wasat::gateway {

struct Page {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  bool is_statistics = false;  // /stats: send_statistics() has it
};

// Whether the page at `path` says how many credentials work.
bool needs_census(std::string_view path);

// `path` is one of the pages' paths. Status 401: who asks may not see the page,
// unless the caller finds that it is the admin (which takes too long to do here). `census` is for
// the pages that need one.
Page status_page(const Shared& shared, const http::ServerRequest& request, std::string_view path,
                 const KeyCensus& census, bool is_admin = false);

// The page /stats. Of a large pool it goes out piece by piece, and others are served between.
Task<> send_statistics(const Shared& shared, Worker& worker, KeyCensus census,
                       http::ServerResponse& response);

}  // namespace wasat::gateway
