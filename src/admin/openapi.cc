#include "admin/openapi.h"

#include <string_view>

#include "admin/context.h"

namespace wasat::admin {
namespace {

constexpr std::string_view kHead =
#include "admin/openapi/head.json"
    ;
constexpr std::string_view kComponents =
#include "admin/openapi/components.json"
    ;

constexpr std::string_view kPaths[] = {
#include "admin/openapi/session_paths.json"
    ,
#include "admin/openapi/credentials_paths.json"
    ,
#include "admin/openapi/tokens_paths.json"
    ,
#include "admin/openapi/nodes_paths.json"
    ,
#include "admin/openapi/settings_paths.json"
    ,
#include "admin/openapi/system_paths.json"
    ,
#include "admin/openapi/models_paths.json"
    ,
#include "admin/openapi/statistics_paths.json"
    ,
#include "admin/openapi/logs_paths.json"
    ,
#include "admin/openapi/transfer_paths.json"
};

constexpr std::string_view kSchemas[] = {
#include "admin/openapi/session_schemas.json"
    ,
#include "admin/openapi/credentials_schemas.json"
    ,
#include "admin/openapi/tokens_schemas.json"
    ,
#include "admin/openapi/nodes_schemas.json"
    ,
#include "admin/openapi/settings_schemas.json"
    ,
#include "admin/openapi/system_schemas.json"
    ,
#include "admin/openapi/models_schemas.json"
    ,
#include "admin/openapi/statistics_schemas.json"
    ,
#include "admin/openapi/logs_schemas.json"
    ,
#include "admin/openapi/transfer_schemas.json"
};

void append(std::string& text, std::span<const std::string_view> parts) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += ',';
    text += parts[i];
  }
}

std::string assemble() {
  std::string text(kHead);
  append(text, kPaths);
  text += kComponents;
  append(text, kSchemas);
  text += "}}}";
  return text;
}

Answer show(Context&, Call&) { return Reply{.body = openapi_document()}; }

constexpr Route kRoutes[] = {{.method = "GET", .path = "/openapi.json", .handle = show}};

}  // namespace

const std::string& openapi_document() {
  static const std::string document = assemble();
  return document;
}

std::span<const Route> openapi_routes() { return kRoutes; }

}  // namespace wasat::admin
