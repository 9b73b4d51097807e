// What only the start needed, given back.

#pragma once

namespace wasat::app {

// Unmaps the process's code from its memory; what runs is mapped again, page by
// page, from the page cache. Setting up OpenSSL, SQLite and the settings runs
// several megabytes of code that is never needed again. Does nothing where
// /proc/self/maps cannot be read.
void release_startup_pages();

// While it lives, memory that is freed goes back to the system at once. Otherwise the allocator
// gives it back some time later, when its thread allocates again, and the main thread sleeps
// once the start is over: it would keep what it read 100,000 credentials with. One at a time;
// not while requests are served, since each return is a system call.
class PromptRelease {
 public:
  PromptRelease();
  ~PromptRelease();
  PromptRelease(const PromptRelease&) = delete;
  PromptRelease& operator=(const PromptRelease&) = delete;

 private:
  long usual_ = 0;  // milliseconds
};

}  // namespace wasat::app
