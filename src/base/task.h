// Task: a coroutine that runs when it is awaited and resumes whoever awaits it.
//
// A Task starts lazily, belongs to one worker, and is awaited exactly once:
//   Result<int> n = co_await read_number(stream);
// Exceptions do not cross it (errors are values): one that escapes ends the
// process. Destroying a suspended Task destroys its frame, and with it all
// tasks that it awaits.
//
// Frames come from per-thread free lists, since several are made per request.

#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

// The compiler may place the frame of an awaited task inside the frame of its
// awaiter. Then whoever waits at the outside holds the memory for everything that
// may happen inside. A coroutine marked with this keeps a frame of its own, which
// exists only while it runs.
#define WASAT_OWN_FRAME [[gnu::noinline]]

namespace wasat {

namespace internal {

void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size);

class PromiseBase {
 public:
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) { free_frame(frame, size); }

  std::suspend_always initial_suspend() noexcept { return {}; }

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      return self.promise().continuation_;
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }
  [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }

  std::coroutine_handle<> continuation_ = std::noop_coroutine();
};

template <class T>
class Promise : public PromiseBase {
 public:
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  void return_void() noexcept {}
  void take() noexcept {}
};

}  // namespace internal

template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : internal::Promise<T> {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> handle;
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
        handle.promise().continuation_ = awaiting;
        return handle;
      }
      T await_resume() { return handle.promise().take(); }
    };
    return Awaiter{handle_};
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// The tasks that something has started and must see the end of: a worker's
// connections, a pool's background jobs. Destroyed only when empty().
class TaskScope {
 public:
  TaskScope() = default;
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  ~TaskScope();

  // Runs `task` until it first waits. Its frame frees itself at the end.
  void start(Task<> task);
  std::size_t running() const { return running_; }
  bool empty() const { return running_ == 0; }
  // Called (once per task) whenever a task has ended.
  void on_end(void (*callback)(void*), void* context) {
    callback_ = callback;
    callback_context_ = context;
  }

 private:
  struct Root;
  static Root run(TaskScope& scope, Task<> task);
  std::size_t running_ = 0;
  void (*callback_)(void*) = nullptr;
  void* callback_context_ = nullptr;
};

}  // namespace wasat
