// Administration: serves the admin API, /api/admin/v1/.
//
// Owned by composition, shared by all workers. A worker admits a request (address, host,
// session, CSRF, size) and reads its body; the resource then runs on the admin thread, a
// thread of its own beside the compute thread, so that what administrators do never holds
// up a client: it may block there, and nothing changes at the same time.

#pragma once

#include <atomic>
#include <memory>

#include "admin/audit_log.h"
#include "admin/context.h"
#include "admin/router.h"
#include "gateway/pages.h"

namespace wasat::admin {

class Administration final : public gateway::Pages {
 public:
  // All references outlive this.
  struct Parts {
    const Clock& clock;
    store::Store& store;
    const store::Keys& keys;
    observe::Log& log;
    const Snapshot<Options>& options;
    account::AdminPassword& password;
    pool::Pool& pool;
    Snapshot<account::TokenTable>& tokens;
    Snapshot<gemini::ModelAliases>& aliases;
    std::function<void()> tokens_changed;  // on the admin thread; may be empty
    SettingsPort& settings;
    const transfer::KnownSettings& known_settings;
    Watched watched;
  };
  Administration(const Parts& parts, const store::Contents& contents, FromSettings settings);

  Task<> serve(const gateway::Shared& shared, gateway::Worker& worker, http::ServerRequest& request,
               http::ServerResponse& response, std::string path) override;

  std::optional<std::chrono::seconds> try_password(std::string_view address) override {
    return throttle_.begin(address);
  }
  void password_was_right(std::string_view address) override { throttle_.succeeded(address); }

  // The process ends: jobs go no further.
  void stop() { jobs_.stop(); }

  // For what changes from outside (a reload): on the admin thread alone.
  Registry& registry() { return registry_; }
  net::Compute& thread() { return thread_; }

 private:
  // Reads and answers an admitted request.
  Task<Answer> read_and_handle(http::ServerRequest& request, gateway::Worker& worker,
                               const Route& route, Call& call);
  std::optional<Refusal> admit(const http::ServerRequest& request, const Options& options,
                               const Route& route, Call& call);
  // Too many wrong passwords came from where this one comes from.
  std::optional<Refusal> throttled(const Call& call);
  void note(const Route& route, const Call& call, const Answer& answer);

  Sessions sessions_;
  Throttle throttle_;
  Registry registry_;
  AuditLog audit_;
  std::atomic<int> under_way_{0};
  std::atomic<int> streams_{0};
  Jobs jobs_;
  Context context_;
  net::Compute thread_;  // last: its work uses all of the above
};

}  // namespace wasat::admin
