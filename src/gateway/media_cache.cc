#include "gateway/media_cache.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/base64.h"
#include "base/random.h"
#include "dialect/media_link.h"

namespace wasat::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRandomLetters = 24;  // 142 bits
constexpr std::size_t kLongestName = 64;
constexpr std::string_view kUnfinished = ".part";

bool is_letter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

}  // namespace

bool MediaCache::is_name(std::string_view name) {
  const std::size_t dot = name.find('.');
  return name.size() <= kLongestName && dot != name.npos && dot >= kRandomLetters &&
         std::ranges::all_of(name.substr(0, dot), is_letter) &&
         std::ranges::all_of(name.substr(dot + 1), is_letter) && !dialect::media_type(name).empty();
}

Result<std::unique_ptr<MediaCache>> MediaCache::open(Options options, const Clock& clock) {
  std::unique_ptr<MediaCache> cache(new MediaCache(std::move(options), clock));
  std::error_code error;
  if (!fs::exists(cache->folder_, error)) return cache;
  if (Result<> found = cache->find_files(); !found) return fail(std::move(found.error()));
  return cache;
}

Result<> MediaCache::make_folder() const {
  std::error_code error;
  if (fs::exists(folder_, error)) return {};
  fs::create_directories(fs::path(folder_).parent_path(), error);
  if (::mkdir(folder_.c_str(), 0700) == 0) return {};
  return fail(internal_error("cannot make the media folder " + folder_ +
                             ". Check the rights of its parent, or set MEDIA_FOLDER to a "
                             "place that can be written to"));
}

void MediaCache::set_limits(std::chrono::seconds age, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  age_ = age;
  bytes_ = bytes;
}

Result<> MediaCache::find_files() {
  std::error_code error;
  const auto now_of_files = fs::file_time_type::clock::now();
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    std::error_code ignored;
    if (name.ends_with(kUnfinished)) fs::remove(at->path(), ignored);
    if (!is_name(name)) continue;
    const auto age = now_of_files - at->last_write_time(ignored);
    const std::uint64_t size = at->file_size(ignored);
    if (ignored) continue;
    files_.push_back(
        {name, size, clock_.wall() - std::chrono::duration_cast<Clock::Wall::duration>(age)});
    size_ += size;
  }
  if (error) {
    return fail(internal_error("cannot look into the media folder " + folder_ + " (" +
                               error.message() + "). Check its rights, or set MEDIA_FOLDER"));
  }
  std::ranges::sort(files_, {}, &File::since);
  make_room(0);
  return {};
}

std::string MediaCache::new_base(const std::string& base_url) {
  if (base_url.empty()) return {};
  return base_url + "/media/" + std::string(secure_text(kRandomLetters).reveal());
}

std::string MediaCache::path_of(std::string_view name) const {
  return folder_ + "/" + std::string(name);
}

void MediaCache::purge() {
  const std::lock_guard lock(mutex_);
  make_room(0);
}

std::chrono::milliseconds MediaCache::purge_interval() {
  const std::lock_guard lock(mutex_);
  return std::clamp<std::chrono::milliseconds>(age_ / 4, std::chrono::seconds(1),
                                               std::chrono::minutes(1));
}

// What is too old goes, and the oldest until `bytes` more fit.
void MediaCache::make_room(std::uint64_t bytes) {
  const Clock::Wall oldest = clock_.wall() - age_;
  while (!files_.empty() && (files_.front().since < oldest || size_ + bytes > bytes_)) {
    std::error_code ignored;
    fs::remove(path_of(files_.front().name), ignored);
    size_ -= files_.front().size;
    files_.pop_front();
  }
}

Result<> MediaCache::keep(std::string_view name, std::string_view base64) {
  const std::optional<std::string> bytes = from_base64(base64);
  if (!bytes || !is_name(name)) {
    return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                               "the upstream's media is no base64"));
  }
  const std::lock_guard lock(mutex_);
  make_room(bytes->size());
  const std::string path = path_of(name);
  const std::string unfinished = path + std::string(kUnfinished);
  bool good = false;
  {
    std::ofstream out(unfinished, std::ios::binary);
    out << *bytes;
    out.close();
    good = out.good();
  }
  std::error_code error;
  if (good) fs::rename(unfinished, path, error);
  if (!good || error) {
    fs::remove(unfinished, error);
    return fail(internal_error(
        "a generated file could not be written to the media folder. Check its free space"));
  }
  size_ += bytes->size();
  files_.push_back({std::string(name), bytes->size(), clock_.wall()});
  return {};
}

std::optional<std::string> MediaCache::read(std::string_view name) {
  if (!is_name(name)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  make_room(0);
  if (std::ranges::find(files_, name, &File::name) == files_.end()) return std::nullopt;
  std::ifstream in(path_of(name), std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace wasat::gateway
