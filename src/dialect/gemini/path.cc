#include "dialect/gemini/path.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/percent.h"
#include "base/query.h"
#include "gemini/model_names.h"

namespace wasat::dialect::native {
namespace {

using gemini::Method;

constexpr std::array kVerbs = {Method::kGenerateContent, Method::kStreamGenerateContent,
                               Method::kCountTokens, Method::kEmbedContent,
                               Method::kBatchEmbedContents};

// Google's system parameters that name who asks.
constexpr std::array<std::string_view, 7> kCredentialParameters = {
    "key", "$key", "access_token", "$access_token", "oauth_token", "$oauth_token", "bearer_token"};

// "v1", "v1beta", "v1alpha", "v2beta3".
bool is_version(std::string_view segment) {
  const auto skip_digits = [&segment] {
    const std::size_t end = std::min(segment.find_first_not_of("0123456789"), segment.size());
    segment.remove_prefix(end);
    return end > 0;
  };
  if (!segment.starts_with('v')) return false;
  segment.remove_prefix(1);
  if (!skip_digits()) return false;
  for (const std::string_view stage : {"alpha", "beta"}) {
    if (segment.starts_with(stage)) {
      segment.remove_prefix(stage.size());
      skip_digits();
      break;
    }
  }
  return segment.empty();
}

// Dot segments in disguise, and bytes that have no place in a path.
bool is_safe(std::string_view path) {
  const auto plain_character = [](char c) {
    return c > ' ' && c < 0x7F && c != '%' && c != '\\' && c != '#' && c != '?';
  };
  if (std::ranges::all_of(path, plain_character) && path.find("/.") == std::string_view::npos) {
    return true;  // nearly all are
  }
  std::string plain;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto c = static_cast<unsigned char>(path[i]);
    if (c <= ' ' || c >= 0x7F || c == '\\' || c == '#' || c == '?') return false;
    if (path.substr(i, 3) == "%00") return false;
    if (path.substr(i, 3) == "%2e" || path.substr(i, 3) == "%2E") {
      plain += '.';
      i += 2;
    } else if (path.substr(i, 3) == "%2f" || path.substr(i, 3) == "%2F" ||
               path.substr(i, 3) == "%5c" || path.substr(i, 3) == "%5C") {
      plain += '/';
      i += 2;
    } else {
      plain += path[i];
    }
  }
  plain += '/';
  return plain.find("/../") == std::string::npos && plain.find("/./") == std::string::npos;
}

std::string decoded_name(std::string_view parameter) {
  return percent_decoded(parameter.substr(0, parameter.find('=')));
}

// "name:verb" with a verb that is one of ours.
std::optional<Method> split_verb(std::string_view rest, std::string_view& name) {
  std::size_t colon = rest.rfind(':');
  std::size_t width = 1;
  if (colon == std::string_view::npos) {
    colon = std::max(rest.rfind("%3A") + 1, rest.rfind("%3a") + 1) - 1;
    width = 3;
  }
  if (colon == std::string_view::npos) return std::nullopt;
  name = rest.substr(0, colon);
  const std::string_view verb = rest.substr(colon + width);
  for (const Method method : kVerbs) {
    if (gemini::method_name(method) == verb) return method;
  }
  return std::nullopt;
}

Result<Framing> framing_of(Method method, std::string_view query) {
  std::string_view alt = query_value(query, "alt");
  if (alt.empty()) alt = query_value(query, "$alt");
  if (!alt.empty() && alt != "sse" && alt != "json" && alt != "media") {
    return fail(
        client_error(ErrorKind::kUnsupported, "Only alt=sse and alt=json are served here.", "alt"));
  }
  if (method != Method::kStreamGenerateContent) return Framing::kUnary;
  return alt == "sse" ? Framing::kSse : Framing::kArray;
}

}  // namespace

std::string without_credentials(std::string_view query) {
  std::string kept;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.empty() || std::ranges::find(kCredentialParameters, decoded_name(parameter)) !=
                                 kCredentialParameters.end()) {
      continue;
    }
    if (!kept.empty()) kept += '&';
    kept += parameter;
  }
  return kept;
}

Result<Target> parse_target(std::string_view http_method, std::string_view path,
                            std::string_view query, std::string_view default_version) {
  if (!path.starts_with('/') || !is_safe(path)) {
    return fail(client_error(ErrorKind::kInvalidRequest, "The request's path is not valid."));
  }
  Target target;
  target.query = without_credentials(query);
  target.path = path;

  std::string_view rest = path.substr(1);
  const std::string_view first = rest.substr(0, rest.find('/'));
  if (is_version(first)) {
    target.version = first;
    rest.remove_prefix(std::min(first.size() + 1, rest.size()));
  } else {
    target.version = default_version;
    const bool has_its_own = first == "upload" || first == "download";
    if (!has_its_own) target.path = "/" + target.version + target.path;
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty()) return fail(client_error(ErrorKind::kNotFound, "There is nothing here."));

  const bool reading = http_method == "GET" || http_method == "HEAD";
  if (rest == "models" && reading) {
    target.method = Method::kListModels;
    return target;
  }
  const bool tuned = rest.starts_with("tunedModels/");
  if (!tuned && !rest.starts_with("models/")) return target;  // raw
  std::string_view name;
  if (const std::optional<Method> method = split_verb(rest, name)) {
    if (http_method != "POST") {
      return fail(client_error(ErrorKind::kMethodNotAllowed,
                               "Use POST for " + std::string(gemini::method_name(*method)) + "."));
    }
    const Result<Framing> framing = framing_of(*method, query);
    if (!framing) return fail(framing.error());
    target.method = *method;
    target.framing = *framing;
    target.model = gemini::clean_model_name(name);
    return target;
  }
  if (reading && !tuned && rest.find(':') == std::string_view::npos) {
    const std::string model = gemini::clean_model_name(rest);
    if (gemini::is_model_name(model)) {
      target.method = Method::kGetModel;
      target.model = model;
    }
  }
  return target;
}

}  // namespace wasat::dialect::native
