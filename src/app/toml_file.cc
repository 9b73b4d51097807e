#include "app/toml_file.h"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

namespace wasat::app {
namespace {

class Reader {
 public:
  Reader(std::string path, const std::function<bool(std::string_view)>& is_table,
         std::vector<Problem>& problems)
      : path_(std::move(path)), is_table_(is_table), problems_(problems) {}

  std::vector<TomlValue> read(std::string_view text) {
    const toml::parse_result parsed = toml::parse(text, path_);
    if (parsed) {
      read_table(parsed.table(), {});
    } else {
      const toml::parse_error& error = parsed.error();
      problems_.push_back({.where = place(error.source()),
                           .text = std::string(error.description()),
                           .remedy = "correct the line; texts stand in quotes: key = \"value\""});
    }
    return std::move(values_);
  }

 private:
  std::string place(const toml::source_region& source) const {
    return path_ + ":" + std::to_string(source.begin.line) + ":" +
           std::to_string(source.begin.column);
  }

  void read_table(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      const std::string key = prefix + std::string(name.str());
      const toml::table* inner = node.as_table();
      if (inner != nullptr && !is_table_(key)) {
        read_table(*inner, key + ".");
      } else if (inner != nullptr) {
        read_pairs(*inner, key);
      } else {
        read_value(node, key);
      }
    }
  }

  void read_pairs(const toml::table& table, const std::string& key) {
    TomlValue value{.key = key, .text = {}, .where = place(table.source())};
    for (const auto& [name, node] : table) {
      const auto text = node.value<std::string>();
      if (!text) {
        problems_.push_back({.where = place(node.source()),
                             .text = key + "." + std::string(name.str()) + " is no text",
                             .remedy = "write it in quotes: \"name\" = \"value\""});
        continue;
      }
      value.text.append(name.str()).append("=").append(*text).append("\n");
    }
    values_.push_back(std::move(value));
  }

  void read_value(const toml::node& node, const std::string& key) {
    TomlValue value{.key = key, .text = {}, .where = place(node.source())};
    bool understood = true;
    if (const toml::array* array = node.as_array()) {
      for (const toml::node& item : *array) {
        const auto text = scalar(item);
        understood = understood && text.has_value();
        if (text) value.text.append(*text).append("\n");
      }
    } else {
      const auto text = scalar(node);
      understood = text.has_value();
      if (text) value.text = *text;
    }
    if (understood) {
      values_.push_back(std::move(value));
    } else {
      problems_.push_back({.where = value.where,
                           .text = key + " is neither text, number, true, false nor a list of them",
                           .remedy = "look up its form in docs/configuration.md"});
    }
  }

  static std::optional<std::string> scalar(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
    if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
    if (const auto* number = node.as_floating_point()) {
      std::ostringstream text;
      text.imbue(std::locale::classic());
      text << number->get();
      return text.str();
    }
    return std::nullopt;
  }

  const std::string path_;
  const std::function<bool(std::string_view)>& is_table_;
  std::vector<Problem>& problems_;
  std::vector<TomlValue> values_;
};

}  // namespace

std::vector<TomlValue> read_toml(const std::string& path,
                                 const std::function<bool(std::string_view)>& is_table,
                                 std::vector<Problem>& problems) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof()) {
    problems.push_back({.where = path,
                        .text = std::string("cannot read the file (") + std::strerror(errno) + ")",
                        .remedy = "check the path given by --config and the file's rights"});
    return {};
  }
  return Reader(path, is_table, problems).read(text);
}

}  // namespace wasat::app
