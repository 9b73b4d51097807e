#include "gateway/raw/upload_url.h"

#include <algorithm>
#include <charconv>

#include "gateway/route.h"

namespace wasat::gateway {
namespace {

constexpr std::chrono::hours kValid{7 * 24};  // as long as Google's own
constexpr std::string_view kUploads = "/upload/";
constexpr std::string_view kParameter = "upload_id";
constexpr std::size_t kLongest = 8192;
// The purpose is part of the place, so that nothing else that is sealed opens here.
constexpr std::string_view kPlace = "upload url|";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string place_of(std::string_view path) { return std::string(kPlace).append(path); }

// Up to the next line's end, which is taken off too.
std::string take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string line(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::string seal_upload_url(const UploadUrl& url, const SealKey& key) {
  const std::string_view path = std::string_view(url.target).substr(0, url.target.find('?'));
  std::string text = std::to_string(url.made.time_since_epoch().count());
  text.append("\n").append(url.credential_id).append("\n").append(url.token_id).append("\n");
  text += url.target;
  std::string sealed(path);
  sealed.append("?").append(kParameter).append("=").append(hex(key.seal(text, place_of(path))));
  return sealed += "&upload_protocol=resumable";
}

bool is_upload_url(std::string_view path, std::string_view query) {
  return path.starts_with(kUploads) && !query_parameter(query, kParameter).empty();
}

std::optional<UploadUrl> open_upload_url(std::string_view path, std::string_view query,
                                         const SealKey& key, store::Time now) {
  if (!path.starts_with(kUploads)) return std::nullopt;
  const std::string parameter = query_parameter(query, kParameter);
  if (parameter.empty() || parameter.size() > kLongest) return std::nullopt;
  const std::optional<std::string> sealed = from_hex(parameter);
  if (!sealed) return std::nullopt;
  const Result<Secret> opened = key.open(*sealed, place_of(path));
  if (!opened) return std::nullopt;
  std::string_view text = opened->reveal();
  UploadUrl url;
  const std::string made = take_line(text);
  std::int64_t milliseconds = 0;
  std::from_chars(made.data(), made.data() + made.size(), milliseconds);
  url.made = store::Time(std::chrono::milliseconds(milliseconds));
  url.credential_id = take_line(text);
  url.token_id = take_line(text);
  url.target = text;
  if (url.made + kValid <= now) return std::nullopt;
  return url;
}

}  // namespace wasat::gateway
