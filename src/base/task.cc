#include "base/task.h"

#include <array>
#include <cstdlib>
#include <new>

namespace wasat {
namespace internal {
namespace {

// Sanitizers must see every frame as an allocation of its own.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WASAT_PLAIN_FRAMES 1
#endif
#endif

constexpr std::size_t kStep = 64;
constexpr std::size_t kLargest = 4096;
[[maybe_unused]] constexpr int kKeptPerSize = 256;

struct FreeFrame {
  FreeFrame* next;
};

struct FreeLists {
  struct List {
    FreeFrame* head = nullptr;
    int count = 0;
  };
  std::array<List, kLargest / kStep + 1> lists;

  ~FreeLists() {
    for (List& list : lists) {
      while (list.head != nullptr) std::free(std::exchange(list.head, list.head->next));
    }
  }
};

[[maybe_unused]] thread_local FreeLists free_lists;

void* plain_allocate(std::size_t size) {
  void* frame = std::malloc(size);
  if (frame == nullptr) throw std::bad_alloc();
  return frame;
}

}  // namespace

void* allocate_frame(std::size_t size) {
#ifdef WASAT_PLAIN_FRAMES
  return plain_allocate(size);
#else
  const std::size_t slot = (size + kStep - 1) / kStep;
  if (slot > kLargest / kStep) return plain_allocate(size);
  FreeLists::List& list = free_lists.lists[slot];
  if (list.head == nullptr) return plain_allocate(slot * kStep);
  --list.count;
  return std::exchange(list.head, list.head->next);
#endif
}

void free_frame(void* frame, [[maybe_unused]] std::size_t size) {
#ifdef WASAT_PLAIN_FRAMES
  std::free(frame);
#else
  const std::size_t slot = (size + kStep - 1) / kStep;
  FreeLists::List* list = slot > kLargest / kStep ? nullptr : &free_lists.lists[slot];
  if (list == nullptr || list->count >= kKeptPerSize) return std::free(frame);
  auto* free_frame = static_cast<FreeFrame*>(frame);
  free_frame->next = list->head;
  list->head = free_frame;
  ++list->count;
#endif
}

}  // namespace internal

// The outermost frame of a started task: runs at once, frees itself at its end.
struct TaskScope::Root {
  struct promise_type {
    static void* operator new(std::size_t size) { return internal::allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) {
      internal::free_frame(frame, size);
    }
    Root get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };
};

TaskScope::~TaskScope() {
  if (running_ != 0) std::abort();  // a task would outlive what it uses
}

TaskScope::Root TaskScope::run(TaskScope& scope, Task<> task) {
  ++scope.running_;
  {
    Task<> owned = std::move(task);
    co_await std::move(owned);
  }
  --scope.running_;
  if (scope.callback_ != nullptr) scope.callback_(scope.callback_context_);
}

void TaskScope::start(Task<> task) { run(*this, std::move(task)); }

}  // namespace wasat
