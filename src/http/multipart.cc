#include "http/multipart.h"

#include <string.h>

#include <algorithm>

#include "base/percent.h"
#include "http/message.h"

namespace wasat::http {
namespace {

constexpr std::size_t kMaxBoundary = 70;  // RFC 2046, 5.1.1

std::unexpected<Error> broken(std::string why) {
  return fail(client_error(ErrorKind::kInvalidRequest,
                           "The multipart/form-data body is broken: " + std::move(why)));
}

// memmem() looks at many bytes at once; files are long.
std::size_t find(std::string_view text, std::string_view wanted) {
  const void* at = ::memmem(text.data(), text.size(), wanted.data(), wanted.size());
  return at == nullptr ? text.npos
                       : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes one parameter ("; name=value", quoted or not) off the front of `rest`.
struct Parameter {
  std::string_view name;
  std::string value;
};
std::optional<Parameter> take_parameter(std::string_view& rest) {
  const std::size_t begin = rest.find(';');
  if (begin == rest.npos) return std::nullopt;
  rest.remove_prefix(begin + 1);
  const std::size_t equals = rest.find_first_of("=;");
  if (equals == rest.npos || rest[equals] == ';') {
    return Parameter{.name = trimmed(rest.substr(0, equals)), .value = {}};
  }
  Parameter parameter{.name = trimmed(rest.substr(0, equals)), .value = {}};
  rest.remove_prefix(equals + 1);
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  if (!rest.starts_with('"')) {
    const std::string_view value = rest.substr(0, rest.find(';'));
    parameter.value = trimmed(value);
    rest.remove_prefix(value.size());
    return parameter;
  }
  std::size_t at = 1;
  for (; at < rest.size() && rest[at] != '"'; ++at) {
    // Only a quote and a backslash are escaped: browsers of old sent Windows paths.
    const bool escape =
        rest[at] == '\\' && at + 1 < rest.size() && (rest[at + 1] == '"' || rest[at + 1] == '\\');
    parameter.value += rest[escape ? ++at : at];
  }
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return parameter;
}

// RFC 5987: UTF-8''na%C3%AFve.wav
std::string extended_value(std::string_view text) {
  const std::size_t charset = text.find('\'');
  if (charset == text.npos) return std::string(text);
  const std::size_t language = text.find('\'', charset + 1);
  if (language != text.npos) text.remove_prefix(language + 1);
  return percent_decoded(text);
}

std::string last_segment(std::string_view name) {
  return std::string(name.substr(name.find_last_of("/\\") + 1));
}

// "form-data; name="file"; filename="a.wav""
bool read_disposition(std::string_view value, FormPart& part) {
  bool named = false;
  bool extended = false;
  std::string_view rest = value;
  while (std::optional<Parameter> parameter = take_parameter(rest)) {
    if (equals_ignoring_case(parameter->name, "name")) {
      part.name = std::move(parameter->value);
      named = true;
    } else if (equals_ignoring_case(parameter->name, "filename*")) {
      part.filename = last_segment(extended_value(parameter->value));
      extended = true;
    } else if (equals_ignoring_case(parameter->name, "filename") && !extended) {
      part.filename = last_segment(parameter->value);
    }
  }
  return named;
}

bool read_head(std::string_view head, FormPart& part) {
  bool named = false;
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    const std::size_t colon = line.find(':');
    if (colon == line.npos) return false;
    const std::string_view name = trimmed(line.substr(0, colon));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (equals_ignoring_case(name, "content-disposition")) named = read_disposition(value, part);
    if (equals_ignoring_case(name, "content-type")) part.content_type = value;
  }
  return named;
}

bool is_boundary_letter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}

}  // namespace

std::string form_boundary(std::string_view content_type) {
  if (!equals_ignoring_case(trimmed(content_type.substr(0, content_type.find(';'))),
                            "multipart/form-data")) {
    return {};
  }
  std::string_view rest = content_type;
  while (std::optional<Parameter> parameter = take_parameter(rest)) {
    if (!equals_ignoring_case(parameter->name, "boundary")) continue;
    const std::string& value = parameter->value;
    const bool good =
        value.size() <= kMaxBoundary && std::ranges::all_of(value, is_boundary_letter);
    return good ? value : std::string();
  }
  return {};
}

Result<std::vector<FormPart>> parse_form(std::string_view boundary, std::string_view body,
                                         FormLimits limits) {
  const std::string delimiter = "\r\n--" + std::string(boundary);
  std::vector<FormPart> parts;
  // The first boundary may stand at the very beginning, or behind a preamble.
  std::string_view rest = body;
  if (rest.starts_with(std::string_view(delimiter).substr(2))) {
    rest.remove_prefix(delimiter.size() - 2);
  } else {
    const std::size_t first = find(rest, delimiter);
    if (first == rest.npos) return broken("its boundary does not occur in it.");
    rest.remove_prefix(first + delimiter.size());
  }
  // `rest` begins behind a boundary.
  while (!rest.starts_with("--")) {
    while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
    if (!rest.starts_with("\r\n")) return broken("a boundary is not followed by a new line.");
    if (parts.size() == limits.parts) {
      return fail(client_error(ErrorKind::kTooLarge, "The form has more than " +
                                                         std::to_string(limits.parts) + " parts."));
    }
    // From the new line on, so that an empty head is found as well.
    const std::size_t head = find(rest.substr(0, limits.head_bytes), "\r\n\r\n");
    if (head == rest.npos) return broken("the head of a part is too long, or does not end.");
    FormPart part;
    if (!read_head(
            rest.substr(std::min<std::size_t>(2, head), head - std::min<std::size_t>(2, head)),
            part)) {
      return broken("a part has no Content-Disposition with a name.");
    }
    // An empty content may share its new line with the head's end.
    rest.remove_prefix(head + 2);
    const std::size_t end = find(rest, delimiter);
    if (end == rest.npos) return broken("it ends within a part.");
    part.bytes = rest.substr(std::min<std::size_t>(2, end), end - std::min<std::size_t>(2, end));
    rest.remove_prefix(end + delimiter.size());
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace wasat::http
