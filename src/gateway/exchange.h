// Exchange: one client request from its first byte to its last.
//
// exchange.cc shows its life in order: admit, parse, resolve, plan, attempt,
// stream, settle. It lives in the frame of its handler, on one worker, and ends
// when run() returns.

#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "dialect/dialect.h"
#include "gateway/raw/upload_url.h"
#include "gateway/record.h"
#include "gateway/route.h"
#include "gateway/shared.h"
#include "gemini/resource_path.h"

namespace wasat::gateway {

struct RawAnswer;
struct OwnRead;

class Exchange {
 public:
  Exchange(const Shared& shared, Worker& worker, const dialect::Dialect& dialect, Route route,
           http::ServerRequest& request, http::ServerResponse& response);

  Task<> run();

 private:
  // An upstream that has begun to answer.
  struct Answering {
    pool::Lease lease;
    std::unique_ptr<provider::ChunkStream> stream;
    provider::Batch first;
  };

  Task<Result<>> serve();
  Result<> admit();
  bool passes_body_on() const;
  WASAT_OWN_FRAME Task<Result<gemini::Call>> understand();
  Result<gemini::Call> plan_call();
  WASAT_OWN_FRAME Task<Result<>> generate(gemini::Call& call);
  WASAT_OWN_FRAME Task<Result<Answering>> attempt(const gemini::Call& call);
  WASAT_OWN_FRAME Task<Result<>> answer_whole(Answering& answering, dialect::Encoder& encoder);
  WASAT_OWN_FRAME Task<Result<>> answer_stream(Answering& answering, dialect::Encoder& encoder,
                                               gemini::Call& call);
  WASAT_OWN_FRAME Task<Result<>> answer_models(const gemini::Call& call);
  // raw.cc and raw/: paths that are no calls to a model.
  WASAT_OWN_FRAME Task<Result<>> pass_through(gemini::Call& call);
  WASAT_OWN_FRAME Task<Result<>> relay(http::ClientStream& answer, const RawAnswer& about);
  WASAT_OWN_FRAME Task<Result<>> encode_raw(http::ClientStream& answer, const RawAnswer& about);
  WASAT_OWN_FRAME Task<Result<>> answer_encoded(gemini::Frame frame);
  WASAT_OWN_FRAME Task<Result<>> list_own(const gemini::Call& call, std::string collection);
  WASAT_OWN_FRAME Task<> read_own(const gemini::Call& call, const store::Resource& resource,
                                  OwnRead& into);
  WASAT_OWN_FRAME Task<> note_resources(const RawAnswer& about, std::string_view answer);
  Result<> may_use(const gemini::ResourcePath& path) const;
  struct Binding {
    std::string only;
    std::string preferred;
  };
  Result<Binding> binding_of(const gemini::Call& call) const;
  Result<std::shared_ptr<const account::Token>> token_of_upload();
  bool passes_upload_on() const;
  std::vector<http::Header> raw_headers(const http::ClientStream& answer, const RawAnswer& about,
                                        std::deque<std::string>& texts) const;
  WASAT_OWN_FRAME Task<Result<>> break_off(dialect::Encoder& encoder, std::string& out,
                                           Error error);
  WASAT_OWN_FRAME Task<> refuse(const Error& error);
  void settle(const Result<>& result);
  void count(const Result<>& result, Clock::Steady now);

  WASAT_OWN_FRAME Task<Result<pool::Lease>> lease(const gemini::Call& call);
  void note_attempt(const provider::Provider& provider, const pool::Credential& credential);
  static void settle_failure(pool::Lease& lease, const gemini::Failure& failure);
  bool says_nothing() const;
  static Error no_provider();
  bool may_try_again(const Error& error) const;
  provider::Provider* provider_for(const gemini::Call& call) const;
  provider::AttemptContext attempt_context() const;
  void note_first_byte();
  std::vector<http::Header> headers(std::string_view content_type, bool stream) const;

  const Shared& shared_;
  Worker& worker_;
  const dialect::Dialect& dialect_;
  const Route route_;
  http::ServerRequest& request_;
  http::ServerResponse& response_;

  std::shared_ptr<const account::Token> token_;
  std::optional<UploadUrl> upload_;  // the request goes on with an upload
  std::shared_ptr<const Buffer> body_;
  std::unique_ptr<dialect::Parsed> parsed_;
  dialect::AnswerContext answer_context_;
  Clock::Steady first_byte_deadline_;
  std::vector<const pool::Credential*> tried_;
  std::optional<Error> last_error_;
  Record record_;
  bool told_ = false;  // the client got its error within the stream
};

}  // namespace wasat::gateway
