// A native request in typed form, and the call that it becomes.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.h"
#include "dialect/gemini/edits.h"
#include "dialect/gemini/path.h"
#include "gemini/resource_path.h"
#include "json/reader.h"

namespace wasat::dialect::native {

// Whether the body of such a raw request can name what an account owns.
bool names_resources(const gemini::ResourcePath& path);

class NativeRequest : public Parsed {
 public:
  // Errors: kInvalidRequest in Google's words when the body is no JSON object, or
  // names another model than the path does.
  [[nodiscard]] static Result<std::unique_ptr<NativeRequest>> make(Target target,
                                                                   const Request& request);

  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings& findings) override;
  std::unique_ptr<Encoder> encoder(const AnswerContext& context) override;

 private:
  NativeRequest(Target target, const Request& request);
  Result<> read_body();
  Result<> read_raw();
  Result<json::Value> parse_body(json::Document& document) const;
  Result<> add_derived(const ChosenModel& chosen, std::vector<Edit>& edits) const;
  void note_model(std::string_view raw, std::string_view name);
  void note_split_responses(json::Value contents);
  void note_cost(json::Value root);

  Target target_;
  std::string http_method_;
  std::shared_ptr<const Buffer> body_;
  // Where the body names the model: JSON strings with their quotes.
  std::vector<std::string_view> model_spans_;
  // What stands between function responses that belong into one content.
  std::vector<std::string_view> splits_;
  bool other_model_ = false;  // one of them is not the path's
  std::vector<std::string> resources_;
  std::int64_t most_output_ = 0;  // as the call's
  std::int64_t candidates_ = 1;
  bool may_search_ = false;
};

}  // namespace wasat::dialect::native
