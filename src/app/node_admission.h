// NodeAdmission: which relay nodes are let in: those with a token of that kind, and all when
// the operator has opened the relay.
//
// Owned by the Service, shared by all workers; any thread.

#pragma once

#include <atomic>

#include "account/token_table.h"
#include "base/snapshot.h"
#include "relay/admission.h"

namespace wasat::app {

class NodeAdmission final : public relay::Admission {
 public:
  // Both outlive this object.
  NodeAdmission(const Snapshot<account::TokenTable>& tokens, const Clock& clock, bool open)
      : tokens_(tokens), clock_(clock), open_(open) {}

  void set_open(bool open) { open_ = open; }
  Result<relay::Admitted> admit(std::string_view token, std::string_view address) override;

 private:
  const Snapshot<account::TokenTable>& tokens_;
  const Clock& clock_;
  std::atomic<bool> open_;
};

}  // namespace wasat::app
