#include "gateway/cors.h"

namespace wasat::gateway {

std::string_view allowed_origin(const http::ServerRequest& request,
                                std::span<const std::string> allowed) {
  for (const std::string& origin : allowed) {
    if (origin == "*") return "*";
  }
  const std::string_view asking = request.header("origin");
  for (const std::string& origin : allowed) {
    if (!asking.empty() && asking == origin) return asking;
  }
  return {};
}

}  // namespace wasat::gateway
