// Counts constructions and destructions of what is passed through co_await.
// Exits with the number of expressions that got it wrong.

#include <coroutine>
#include <cstdio>
#include <exception>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace {

int alive = 0;

struct Counted {
  Counted() { ++alive; }
  Counted(const Counted&) { ++alive; }
  Counted(Counted&&) noexcept { ++alive; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --alive; }
};
struct Aggregate {
  Counted counted;
};
struct Class {
  explicit Class(int) {}
  Counted counted;
};

std::coroutine_handle<> parked;
struct Park {
  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> handle) { parked = handle; }
  void await_resume() {}
};

template <class T>
struct Task {
  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> continuation = std::noop_coroutine();
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) noexcept {
        return h.promise().continuation;
      }
      void await_resume() noexcept {}
    };
    Final final_suspend() noexcept { return {}; }
    void unhandled_exception() { std::terminate(); }
    template <class U>
    void return_value(U&& u) {
      value.emplace(std::forward<U>(u));
    }
  };
  Task(std::coroutine_handle<promise_type> h) : handle(h) {}
  Task(Task&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
  ~Task() {
    if (handle) handle.destroy();
  }
  bool await_ready() { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> h) {
    handle.promise().continuation = h;
    return handle;
  }
  T await_resume() { return std::move(*handle.promise().value); }
  std::coroutine_handle<promise_type> handle;
};

Task<int> by_value(Counted) {
  co_await Park{};
  co_return 0;
}
Task<int> by_aggregate(Aggregate) {
  co_await Park{};
  co_return 0;
}
Task<int> by_class(Class) {
  co_await Park{};
  co_return 0;
}
Task<int> by_reference(const Aggregate&) {
  co_await Park{};
  co_return 0;
}
Task<int> by_unique(std::unique_ptr<Counted>) {
  co_await Park{};
  co_return 0;
}
Task<int> by_function(std::function<void()> f) {
  co_await Park{};
  f();
  co_return 0;
}
template <class F>
Task<int> by_callable(F f) {
  co_await Park{};
  f();
  co_return 0;
}
Task<std::expected<Aggregate, int>> returned() {
  co_await Park{};
  co_return Aggregate{};
}

Task<int> t0() { co_return co_await by_value(Counted{}); }
Task<int> t1() {
  Counted c;
  co_return co_await by_value(c);
}
Task<int> t2() { co_return co_await by_aggregate(Aggregate{}); }
Task<int> t3() { co_return co_await by_class(Class{1}); }
Task<int> t4() { co_return co_await by_reference(Aggregate{}); }
Task<int> t5() { co_return co_await by_unique(std::make_unique<Counted>()); }
Task<int> t6() {
  Counted c;
  co_return co_await by_callable([c] {});
}
Task<int> t7() {
  Counted c;
  std::function<void()> f = [c] {};
  co_return co_await by_function(f);
}
Task<int> t8() {
  auto r = co_await returned();
  co_return r ? 0 : 1;
}
Task<int> t9() {
  if (auto r = co_await returned(); r) co_await Park{};
  co_return 0;
}

}  // namespace

int main() {
  int wrong = 0;
  int number = 0;
  for (auto make : {t0, t1, t2, t3, t4, t5, t6, t7, t8, t9}) {
    alive = 0;
    {
      Task<int> task = make();
      task.handle.resume();
      while (parked) std::exchange(parked, nullptr).resume();
    }
    if (alive != 0) {
      std::printf("expression %d: %d objects too many or too few\n", number, alive);
      ++wrong;
    }
    ++number;
  }
  return wrong;
}
