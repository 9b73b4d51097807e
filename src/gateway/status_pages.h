// The pages that show how Wasat fares: /, /health, /stats, /livez, /readyz and /metrics.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/shared.h"

namespace wasat::gateway {

struct Page {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string body;
};

// `path` is one of the pages' paths. Status 401: who asks may not see the page,
// unless the caller finds that it is the admin (which takes too long to do here).
Page status_page(const Shared& shared, const http::ServerRequest& request, std::string_view path,
                 bool is_admin = false);

}  // namespace wasat::gateway
