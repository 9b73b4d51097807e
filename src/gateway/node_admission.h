// NodeAdmission: which tokens open the door of relay nodes.
//
// Made by composition, shared by all workers; asked once for each node that comes.

#pragma once

#include "account/token_table.h"
#include "base/clock.h"
#include "base/snapshot.h"
#include "gateway/shared.h"
#include "relay/admission.h"

namespace wasat::gateway {

class NodeAdmission final : public relay::Admission {
 public:
  // All outlive this object.
  NodeAdmission(const Snapshot<account::TokenTable>& tokens, const Snapshot<Options>& options,
                const Clock& clock)
      : tokens_(tokens), options_(options), clock_(clock) {}

  // A token of nodes that is good now; or none, when the relay is open. One that is wrong is
  // refused even then: whoever gives it wants it to count.
  Result<relay::Admitted> admit(std::string_view token, std::string_view address) override;
  bool knows(std::string_view token_id) const override {
    return tokens_.get()->find_id(token_id) != nullptr;
  }
  // Whether a node that came with this token may stay. Empty: it came without.
  Result<> may_stay(std::string_view token_id) const;

 private:
  Result<> check(const account::Token& token) const;

  const Snapshot<account::TokenTable>& tokens_;
  const Snapshot<Options>& options_;
  const Clock& clock_;
};

}  // namespace wasat::gateway
