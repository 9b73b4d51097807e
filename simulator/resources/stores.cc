#include "simulator/resources/stores.h"

#include <optional>
#include <utility>

#include "simulator/resources/description.h"
#include "simulator/resources/operations.h"

namespace wasat::simulator {

Outcome create_store(const Asked& asked) {
  return asked.keep(asked.made(asked.holdings.new_name("fileSearchStores/")));
}

Outcome import_file(const Asked& asked, const Holding& store) {
  Holding operation = asked.made(asked.holdings.new_name(store.name + "/operations/"));
  operation.parent = store.name;
  operation.result = "{}";
  return asked.keep(std::move(operation));
}

Outcome use_in_store(const Asked& asked, const Holding& store) {
  const std::string_view below = asked.rest.substr(store.name.size() + 1);
  if (below == "documents" && asked.http_method == "GET") {
    return list(asked, store.name + "/documents/", store.name);
  }
  const std::optional<Holding> own = asked.holdings.find(asked.key, asked.rest);
  if (!own) return refuse(denied({}));
  if (asked.http_method == "DELETE") {
    asked.holdings.remove(asked.key, own->name);
    return unary("{}");
  }
  return unary(json_of(*own));
}

std::string store_json(const Holding& holding) {
  if (holding.name.find("/operations/") != std::string::npos) return operation_json(holding, true);
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  write_common(writer, holding);
  if (holding.name.find("/documents/") != std::string::npos) {
    writer.member("state", "STATE_ACTIVE").member("mimeType", holding.mime_type);
  }
  writer.end_object();
  return out;
}

}  // namespace wasat::simulator
