#include "admin/call.h"

#include <charconv>

#include "gateway/route.h"

namespace wasat::admin {

std::string Call::asked(std::string_view name) const {
  return gateway::query_parameter(query, name);
}

std::expected<Paging, Refusal> paging(const Call& call, std::size_t most) {
  Paging paging{.cursor = call.asked("cursor")};
  if (const std::string limit = call.asked("limit"); !limit.empty()) {
    const char* end = limit.data() + limit.size();
    const auto read = std::from_chars(limit.data(), end, paging.limit);
    if (read.ec != std::errc() || read.ptr != end || paging.limit == 0 || paging.limit > most) {
      return refuse(
          bad_field("limit", "limit is no whole number from 1 to " + std::to_string(most)));
    }
  }
  return paging;
}

}  // namespace wasat::admin
