// MediaCache: generated images and sounds as files, given out under names that
// nobody can guess, for some time and within a bound.
//
// One for all workers. keep(), read() and purge() touch the disk: only on the compute
// thread. Anybody who has a link may see what is behind it, as with OpenAI's own.

#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace wasat::gateway {

class MediaCache {
 public:
  struct Options {
    std::string folder;
    std::chrono::seconds age{3600};
    std::uint64_t bytes = 1u << 30;
  };

  // Finds what an earlier run left in the folder, if there is one. Start-up only.
  static Result<std::unique_ptr<MediaCache>> open(Options options, const Clock& clock);
  // Makes the folder, if it is not there: before anything is kept. Blocks.
  Result<> make_folder() const;
  // What is too old by these, or too much, goes with the next purge(). Any thread.
  void set_limits(std::chrono::seconds age, std::uint64_t bytes);

  // AnswerContext::media_base for one answer: "https://host/media/<24 letters>"; `base_url`
  // has no "/" at its end, and where it is empty there are no links. Any thread.
  static std::string new_base(const std::string& base_url);

  // Writes a file; `name` is what follows "/media/". The oldest make room for it.
  Result<> keep(std::string_view name, std::string_view base64);
  // nullopt: there is none, or not any more.
  std::optional<std::string> read(std::string_view name);
  // What is too old goes. keep() and read() see to that too, but may not come for days.
  void purge();
  // How often that should be: what stays too long stays for a minute, or a quarter of its age.
  std::chrono::milliseconds purge_interval();

  // Letters, digits and '-', and an extension that is known.
  static bool is_name(std::string_view name);

 private:
  struct File {
    std::string name;
    std::uint64_t size;
    Clock::Wall since;
  };

  MediaCache(Options options, const Clock& clock)
      : folder_(std::move(options.folder)),
        clock_(clock),
        age_(options.age),
        bytes_(options.bytes) {}
  Result<> find_files();
  void make_room(std::uint64_t bytes);
  std::string path_of(std::string_view name) const;

  const std::string folder_;
  const Clock& clock_;
  std::mutex mutex_;
  std::chrono::seconds age_;
  std::uint64_t bytes_;
  std::deque<File> files_;  // the oldest first
  std::uint64_t size_ = 0;
};

}  // namespace wasat::gateway
