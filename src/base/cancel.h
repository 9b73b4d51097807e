// Cancel: tells the one coroutine of an exchange that its work is no longer wanted.
//
// Whoever waits on behalf of the exchange registers its wait as the hook; when
// request() is called, that wait ends at once. A Cancel and its waits belong to
// one worker. It stays requested for good.

#pragma once

namespace wasat {

class Cancel {
 public:
  class Hook {
   public:
    // The cancel was requested; the hook is no longer registered. May resume the waiting coroutine.
    virtual void cancelled() = 0;

   protected:
    ~Hook() = default;
  };

  bool requested() const { return requested_; }

  void request() {
    requested_ = true;
    Hook* waiting = waiting_;
    waiting_ = nullptr;
    // Last, since the resumed coroutine may destroy this object.
    if (waiting != nullptr) waiting->cancelled();
  }

  void watch(Hook& hook) { waiting_ = &hook; }
  void unwatch(Hook& hook) {
    if (waiting_ == &hook) waiting_ = nullptr;
  }

 private:
  bool requested_ = false;
  Hook* waiting_ = nullptr;
};

}  // namespace wasat
