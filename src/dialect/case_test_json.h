// Comparing JSON in tests: as values, not as bytes.

#pragma once

#include <string>
#include <string_view>

#include "json/reader.h"

namespace wasat::dialect::test {

enum class Match {
  kEqual,   // the same members, whatever their order
  kSubset,  // members that the expectation does not name are not looked at
};

// Empty when `actual` is as `expected`; else where and how it differs. In the
// expectation the string "<absent>" says that a member must not be there, and
// "<any>" that it must be, whatever it is.
inline std::string difference(json::Value expected, json::Value actual, Match match,
                              const std::string& where = "$") {
  const auto show = [](json::Value value) {
    return value ? std::string(value.raw().substr(0, 300)) : std::string("nothing");
  };
  const std::string differs =
      where + ": expected " + show(expected) + ", got " + show(actual) + "\n";
  if (expected.string_or("") == "<absent>") return actual ? differs : "";
  if (expected.string_or("") == "<any>") return actual ? "" : differs;
  if (expected.type() != actual.type()) return differs;
  if (expected.is_object()) {
    std::string found;
    for (const json::Value member : expected) {
      const std::string name(member.key());
      found += difference(member, actual[name], match, where + "." + name);
    }
    for (const json::Value member : actual) {
      const std::string name(member.key());
      if (match == Match::kEqual && !expected[name]) {
        found += where + "." + name + ": not expected, got " + show(member) + "\n";
      }
    }
    return found;
  }
  if (expected.is_array()) {
    if (expected.size() != actual.size()) return differs;
    std::string found;
    int index = 0;
    for (auto e = expected.begin(), a = actual.begin(); e != expected.end(); ++e, ++a) {
      found += difference(*e, *a, match, where + "[" + std::to_string(index++) + "]");
    }
    return found;
  }
  const bool same = expected.is_string()   ? *expected.string() == *actual.string()
                    : expected.is_number() ? expected.number() == actual.number()
                                           : expected.raw() == actual.raw();
  return same ? "" : differs;
}

inline std::string difference(std::string_view expected, std::string_view actual, Match match) {
  const auto expected_bytes = Buffer::copy_of(expected);
  const auto actual_bytes = Buffer::copy_of(actual);
  json::Document expected_document;
  json::Document actual_document;
  const auto expected_root = expected_document.parse(expected_bytes->padded());
  if (!expected_root) return "the expectation: " + expected_root.error().detail + "\n";
  const auto actual_root = actual_document.parse(actual_bytes->padded());
  if (!actual_root) {
    return "not JSON (" + actual_root.error().detail + "): " + std::string(actual) + "\n";
  }
  return difference(*expected_root, *actual_root, match);
}

}  // namespace wasat::dialect::test
