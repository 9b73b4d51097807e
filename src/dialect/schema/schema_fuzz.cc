// Any schema: JSON comes out of both ways, and
// lowered JSON has nothing but OpenAPI's subset.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/schema/openapi_law.h"
#include "dialect/schema/schema.h"

namespace {

using namespace wasat;

using Write = void (*)(json::Writer&, json::Value);

std::string written(Write write, json::Value schema) {
  std::string out;
  json::Writer writer(out);
  write(writer, schema);
  return out;
}

void expect_openapi(const std::string& text) {
  const auto buffer = Buffer::copy_of(text);
  json::Document document;
  const auto root = document.parse(buffer->padded(), json::kMaxDepth + 64);  // default is data
  if (!root || !dialect::openapi_problem(*root).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = Buffer::copy_of({reinterpret_cast<const char*>(data), size});
  json::Document document;
  const auto schema = document.parse(text->padded());
  if (!schema) return 0;
  const auto clean = Buffer::copy_of(written(dialect::write_schema, *schema));
  json::Document again;
  if (!again.parse(clean->padded(), json::kMaxDepth + 16)) std::abort();
  expect_openapi(written(dialect::write_openapi_schema, *schema));
  expect_openapi(written(dialect::write_openapi_parameters, *schema));
  return 0;
}
