#include "simulator/resources/description.h"

#include <algorithm>
#include <vector>

#include "gemini/resource_path.h"
#include "simulator/resources/batches.h"
#include "simulator/resources/caches.h"
#include "simulator/resources/files.h"
#include "simulator/resources/interactions.h"
#include "simulator/resources/operations.h"
#include "simulator/resources/stores.h"

namespace wasat::simulator {

using gemini::ResourceKind;

std::string json_of(const Holding& holding) {
  switch (gemini::kind_of_resource(holding.parent.empty() ? holding.name : holding.parent)) {
    case ResourceKind::kFiles:
      return file_json(holding);
    case ResourceKind::kCaches:
      return cache_json(holding);
    case ResourceKind::kStores:
      return store_json(holding);
    case ResourceKind::kOperations:
      return operation_json(holding, holding.polls > 1);
    case ResourceKind::kBatches:
      return batch_json(holding);
    case ResourceKind::kInteractions:
      return interaction_json(holding);
    default:
      break;
  }
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  write_common(writer, holding);
  writer.end_object();
  return out;
}

void write_common(json::Writer& writer, const Holding& holding) {
  writer.member("name", holding.name);
  if (!holding.json.empty()) writer.member_raw("model", holding.json);
  if (!holding.display_name.empty()) writer.member("displayName", holding.display_name);
  writer.member("createTime", time_text(holding.made))
      .member("updateTime", time_text(holding.made));
  if (holding.ends != 0) writer.member("expireTime", time_text(holding.ends));
}

Outcome list(const Asked& asked, std::string_view prefix, std::string_view parent) {
  const std::vector<Holding> all = asked.holdings.list(asked.key, prefix, parent);
  const std::size_t size = std::clamp<std::size_t>(asked.number("pageSize", 10), 1, 100);
  const std::size_t from = std::min(asked.number("pageToken", 0), all.size());
  std::string_view member = prefix.substr(0, prefix.size() - 1);
  member = member.substr(member.rfind('/') + 1);
  if (member == "batches") member = "operations";
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  if (from < all.size()) {
    writer.key(member).begin_array();
    for (std::size_t i = from; i < std::min(from + size, all.size()); ++i) {
      writer.raw(json_of(all[i]));
    }
    writer.end_array();
    if (from + size < all.size()) writer.member("nextPageToken", std::to_string(from + size));
  }
  writer.end_object();
  return unary(out);
}

}  // namespace wasat::simulator
