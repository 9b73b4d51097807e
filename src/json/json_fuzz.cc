// Any bytes: a tree or an error, and what was understood can be written and read again.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "json/reader.h"
#include "json/writer.h"

namespace {

using namespace wasat;

void write(json::Writer& writer, json::Value value) {
  if (value.is_object()) {
    writer.begin_object();
    for (const json::Value child : value) {
      writer.key_escaped(child.key());
      write(writer, child);
    }
    writer.end_object();
  } else if (value.is_array()) {
    writer.begin_array();
    for (const json::Value child : value) write(writer, child);
    writer.end_array();
  } else if (value.is_string()) {
    writer.string(*value.string());
  } else {
    (void)value.integer();
    (void)value.number();
    writer.raw(value.raw());
  }
}

bool rewrite(std::string_view text, std::string& out) {
  const auto buffer = Buffer::copy_of(text);
  json::Document document;
  const auto root = document.parse(buffer->padded());
  if (!root) return false;
  json::Writer writer(out);
  write(writer, *root);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string once;
  if (!rewrite({reinterpret_cast<const char*>(data), size}, once)) return 0;
  std::string twice;
  if (!rewrite(once, twice) || once != twice) std::abort();
  return 0;
}
