#include "simulator/from_schema.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "json/writer.h"
#include "simulator/fields.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

constexpr int kDeepest = 12;
constexpr int kDeepestOptional = 4;  // below that only what is required
constexpr std::size_t kMostElements = 8;

struct Format {
  std::string_view name;
  std::string_view example;
};
constexpr std::array kFormats = {
    Format{"date-time", "2026-01-31T12:00:00Z"},
    Format{"date", "2026-01-31"},
    Format{"time", "12:00:00"},
    Format{"email", "person@example.com"},
    Format{"uri", "https://example.com/"},
    Format{"url", "https://example.com/"},
    Format{"uuid", "00000000-0000-4000-8000-000000000000"},
};

// Properties that take the whole question.
constexpr std::array<std::string_view, 9> kWholeText = {
    "query", "text", "prompt", "question", "message", "input", "content", "expression", "code"};

class Filler {
 public:
  Filler(json::Value root, Hints& hints, std::string& out)
      : root_(root), hints_(hints), writer_(out) {}

  void write(json::Value schema, std::string_view name, int depth) {
    schema = resolved(schema);
    if (depth > kDeepest || !schema.is_object()) {
      writer_.null();
      return;
    }
    if (const json::Value constant = schema["const"]) {
      writer_.raw(constant.raw());
      return;
    }
    if (schema["enum"].size() > 0) return write_enum(schema["enum"]);
    for (const char* key : {"anyOf", "any_of", "oneOf", "allOf"}) {
      for (const json::Value option : schema[key]) {
        if (type_of(resolved(option)) != "null") return write(option, name, depth + 1);
      }
    }
    const std::string type = type_of(schema);
    if (type == "object") return write_object(schema, depth);
    if (type == "array") return write_array(schema, name, depth);
    if (type == "integer" || type == "number") return write_number(schema, type == "integer");
    if (type == "boolean") {
      writer_.boolean(true);
    } else if (type == "null") {
      writer_.null();
    } else {
      write_string(schema, name);
    }
  }

 private:
  // "#/$defs/Dog" within the root.
  json::Value resolved(json::Value schema) const {
    for (int hops = 0; hops < 8; ++hops) {
      const auto reference = schema["$ref"].string();
      if (!reference || !reference->starts_with('#')) return schema;
      std::string_view path = reference->substr(1);
      json::Value target = root_;
      while (path.starts_with('/')) {
        path.remove_prefix(1);
        const std::string_view step = path.substr(0, path.find('/'));
        target = target[step];
        path.remove_prefix(step.size());
      }
      schema = target;
    }
    return schema;
  }

  static std::string type_of(json::Value schema) {
    std::string type;
    each(schema["type"], [&type](json::Value value) {
      const std::string found = lower_case(value.string_or(""));
      if (type.empty() || type == "null") type = found;
    });
    if (!type.empty() && type != "type_unspecified") return type;
    if (schema["properties"]) return "object";
    if (schema["items"] || schema["prefixItems"]) return "array";
    return "string";
  }

  void write_enum(json::Value values) {
    json::Value chosen = *values.begin();
    const std::string text = lower_case(hints_.text());
    for (const json::Value value : values) {
      const std::string name = lower_case(value.string_or(""));
      if (!name.empty() && text.find(name) != std::string::npos) {
        chosen = value;
        break;
      }
    }
    writer_.raw(chosen.raw());
  }

  void write_object(json::Value schema, int depth) {
    const auto required = [&schema](std::string_view name) {
      for (const json::Value entry : schema["required"]) {
        if (entry.string_or("") == name) return true;
      }
      return false;
    };
    const auto write_member = [&](json::Value property) {
      if (depth >= kDeepestOptional && !required(property.key())) return;
      writer_.key_escaped(property.key());
      write(property, property.key(), depth + 1);
    };
    writer_.begin_object();
    const json::Value properties = schema["properties"];
    const json::Value order = field(schema, "propertyOrdering");
    for (const json::Value name : order) {
      if (const json::Value property = properties[name.string_or("")]) write_member(property);
    }
    for (const json::Value property : properties) {
      const bool written = std::any_of(order.begin(), order.end(), [&](json::Value name) {
        return name.string_or("") == property.key();
      });
      if (!written) write_member(property);
    }
    if (properties.size() == 0 && schema["additionalProperties"].is_object()) {
      writer_.key("key");
      write(schema["additionalProperties"], "key", depth + 1);
    }
    writer_.end_object();
  }

  void write_array(json::Value schema, std::string_view name, int depth) {
    writer_.begin_array();
    std::size_t written = 0;
    for (const json::Value item : schema["prefixItems"]) {
      write(item, name, depth + 1);
      ++written;
    }
    if (const json::Value items = schema["items"]) {
      const auto bound = [&schema](std::string_view camel, std::int64_t otherwise) {
        const json::Value value = field(schema, camel);  // int64 may stand as a string
        const std::int64_t number = value.is_string()
                                        ? std::atoll(std::string(value.string_or("")).c_str())
                                        : value.integer().value_or(otherwise);
        return static_cast<std::size_t>(std::clamp<std::int64_t>(number, 0, kMostElements));
      };
      const std::size_t usual = depth < kDeepestOptional ? 2 : 1;
      const std::size_t count =
          std::min(std::max(usual, bound("minItems", 0)), bound("maxItems", kMostElements));
      for (; written < count; ++written) write(items, name, depth + 1);
    }
    writer_.end_array();
  }

  void write_number(json::Value schema, bool integer) {
    double value = hints_.next_number();
    const auto least = schema["minimum"].number();
    const auto most = schema["maximum"].number();
    const auto above = schema["exclusiveMinimum"].number();
    const auto below = schema["exclusiveMaximum"].number();
    if (below && value >= *below) value = *below - 1;
    if (most && value > *most) value = *most;
    if (above && value <= *above) value = *above + 1;
    if (least && value < *least) value = *least;
    if (integer) {
      writer_.number(static_cast<std::int64_t>(std::clamp(std::round(value), -9e15, 9e15)));
    } else {
      writer_.number(value);
    }
  }

  void write_string(json::Value schema, std::string_view name) {
    const std::string_view format = schema["format"].string_or("");
    for (const Format& known : kFormats) {
      if (known.name == format) {
        writer_.string(known.example);
        return;
      }
    }
    std::string text;
    if (std::ranges::find(kWholeText, name) != kWholeText.end()) {
      text = beginning(hints_.text(), 200);
    } else {
      text = hints_.next_name(name.empty() ? "text" : "some " + std::string(name));
    }
    const auto least = field(schema, "minLength").integer().value_or(0);
    const auto most = field(schema, "maxLength").integer().value_or(4096);
    while (static_cast<std::int64_t>(text.size()) < std::min<std::int64_t>(least, 4096))
      text += '.';
    writer_.string(
        beginning(text, static_cast<std::size_t>(std::clamp<std::int64_t>(most, 0, 4096))));
  }

  json::Value root_;
  Hints& hints_;
  json::Writer writer_;
};

}  // namespace

Hints::Hints(std::string_view text, std::uint64_t seed)
    : text_(text), names_(proper_names(text)), numbers_(numbers_in(text)), random_(seed) {}

std::string Hints::next_name(std::string_view otherwise) {
  if (names_.empty()) return std::string(otherwise);
  return names_[name_++ % names_.size()];
}

double Hints::next_number() {
  if (number_ < numbers_.size()) return numbers_[number_++];
  return static_cast<double>(random_.below(100));
}

std::string value_from_schema(json::Value schema, Hints& hints) {
  std::string out;
  Filler(schema, hints, out).write(schema, "", 0);
  return out;
}

}  // namespace wasat::simulator
