#include "app/startup_pages.h"

#include <mimalloc.h>
#include <sys/mman.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>

// Sanitizers bring their own allocator: these are not linked then.
#pragma weak mi_option_get
#pragma weak mi_option_set

namespace wasat::app {

void release_startup_pages() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> maps(std::fopen("/proc/self/maps", "re"),
                                                             std::fclose);
  if (maps == nullptr) return;
  char line[512];
  while (std::fgets(line, sizeof line, maps.get()) != nullptr) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char permissions[5] = "";
    char path[256] = "";
    const int read = std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %*s %255s", &begin,
                                 &end, permissions, path);
    // Code alone: private, never written, so the file has every byte of it.
    if (read == 4 && path[0] == '/' && std::strcmp(permissions, "r-xp") == 0) {
      ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
  }
}

PromptRelease::PromptRelease() {
  if (mi_option_get != nullptr) usual_ = mi_option_get(mi_option_decommit_delay);
  if (mi_option_set != nullptr) mi_option_set(mi_option_decommit_delay, 0);
}

PromptRelease::~PromptRelease() {
  if (mi_option_set != nullptr) mi_option_set(mi_option_decommit_delay, usual_);
}

}  // namespace wasat::app
