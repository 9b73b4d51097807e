#include "dialect/openai_media/input.h"

#include <charconv>
#include <cmath>

#include "dialect/data_url.h"
#include "dialect/fields.h"

namespace wasat::dialect::openai_media {
namespace {

// "image[]" and "image[3]" are "image".
bool is_named(std::string_view part, std::string_view name) {
  return part.starts_with(name) && (part.size() == name.size() || part[name.size()] == '[');
}

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

bool is_multipart(std::string_view content_type) {
  constexpr std::string_view kMultipart = "multipart/";
  return content_type.size() >= kMultipart.size() &&
         std::equal(kMultipart.begin(), kMultipart.end(), content_type.begin(),
                    [](char a, char b) { return a == (b | 0x20) || a == b; });
}

}  // namespace

Error missing(std::string_view name) {
  return client_error(ErrorKind::kInvalidRequest,
                      "Missing required parameter: '" + std::string(name) + "'.",
                      std::string(name));
}

std::string mime_type_of(const http::FormPart& file, std::string_view otherwise) {
  const std::string_view said = file.content_type.substr(0, file.content_type.find(';'));
  if (!said.empty() && said != "application/octet-stream") return std::string(said);
  const std::string_view known = mime_type_of_file(file.filename.value_or(""));
  return std::string(known.empty() ? otherwise : known);
}

Result<Input> Input::read(const Request& request) {
  Input input;
  input.source_ = std::make_shared<Source>();
  input.source_->bytes = request.body;
  if (!is_multipart(request.content_type)) {
    Result<json::Value> root = input.source_->document.parse(request.body->padded());
    if (!root) return fail(std::move(root.error()));
    if (!root->is_object()) return fail(wrong_type("body", "an object", *root));
    input.root_ = *root;
    return input;
  }
  input.form_ = true;
  const std::string boundary = http::form_boundary(request.content_type);
  if (boundary.empty()) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "The Content-Type is no multipart/form-data with a boundary. Let the "
                             "HTTP library set it."));
  }
  Result<std::vector<http::FormPart>> parts = http::parse_form(boundary, request.body->view());
  if (!parts) return fail(std::move(parts.error()));
  input.parts_ = std::move(*parts);
  return input;
}

void Input::wrong(std::string detail, std::string_view name) {
  if (problem_) return;
  problem_ = client_error(ErrorKind::kInvalidRequest, std::move(detail), std::string(name));
}

std::optional<std::string> Input::text(std::string_view name) {
  if (form_) {
    for (const http::FormPart& part : parts_) {
      if (part.name == name && !part.filename && !part.bytes.empty()) {
        return std::string(part.bytes);
      }
    }
    return std::nullopt;
  }
  const json::Value value = root_[name];
  if (!value || value.is_null()) return std::nullopt;
  if (!value.is_string()) {
    if (!problem_) problem_ = wrong_type(std::string(name), "a string", value);
    return std::nullopt;
  }
  return std::string(*value.string());
}

std::optional<double> Input::number(std::string_view name) {
  if (const json::Value value = json(name); value && !value.is_null() && !value.is_string()) {
    const std::optional<double> number = value.number();
    if (!number && !problem_) problem_ = wrong_type(std::string(name), "a number", value);
    return number;
  }
  const std::optional<std::string> written = text(name);
  if (!written) return std::nullopt;
  const std::optional<double> number = number_in(*written);
  if (!number) wrong("'" + std::string(name) + "' must be a number.", name);
  return number;
}

std::optional<std::int64_t> Input::integer(std::string_view name, std::int64_t low,
                                           std::int64_t high) {
  const std::optional<double> value = number(name);
  if (!value) return std::nullopt;
  if (*value != std::floor(*value) || *value < static_cast<double>(low) ||
      *value > static_cast<double>(high)) {
    wrong("'" + std::string(name) + "' must be an integer from " + std::to_string(low) + " to " +
              std::to_string(high) + ".",
          name);
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*value);
}

bool Input::boolean(std::string_view name) {
  if (const json::Value value = json(name); value.is_bool()) return *value.boolean();
  const std::optional<std::string> written = text(name);
  if (!written) return false;
  if (*written == "true" || *written == "True" || *written == "1") return true;
  if (*written != "false" && *written != "False" && *written != "0") {
    wrong("'" + std::string(name) + "' must be true or false.", name);
  }
  return false;
}

json::Value Input::json(std::string_view name) const { return form_ ? json::Value() : root_[name]; }

std::vector<const http::FormPart*> Input::files(std::string_view name) const {
  std::vector<const http::FormPart*> found;
  for (const http::FormPart& part : parts_) {
    // A file without a name of its own still says what it is by its type.
    const bool file = part.filename || !part.content_type.empty();
    if (file && is_named(part.name, name)) found.push_back(&part);
  }
  return found;
}

std::vector<std::string> Input::texts(std::string_view name) {
  std::vector<std::string> found;
  for (const http::FormPart& part : parts_) {
    if (is_named(part.name, name) && !part.filename) found.emplace_back(part.bytes);
  }
  const json::Value value = json(name);
  if (value.is_string()) found.emplace_back(*value.string());
  for (const json::Value element : value) {
    if (element.is_string()) found.emplace_back(*element.string());
  }
  return found;
}

}  // namespace wasat::dialect::openai_media
