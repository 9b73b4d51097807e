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

// `path` is one of the pages' paths.
Page status_page(const Shared& shared, const http::ServerRequest& request, std::string_view path);

}  // namespace wasat::gateway
