#include "provider/relay/relay.h"

#include <cstdio>

#include "base/mix.h"
#include "gemini/model_names.h"
#include "http/message.h"
#include "provider/api_key/answer.h"
#include "provider/relay/node_answer.h"
#include "provider/relay/one_model.h"
#include "relay/body_check.h"

namespace wasat::provider {

using gemini::Method;
using relay::Errand;

namespace {

constexpr std::string_view kApplet = "applet";
constexpr std::string_view kList = "/v1beta/models";
// Of a body that nobody has read, between two turns of the worker's others.
constexpr std::size_t kCheckedAtOnce = std::size_t{256} * 1024;

std::unexpected<gemini::Failure> failed(Error error) {
  return std::unexpected(gemini::Failure{.error = std::move(error)});
}

// What says that it is something else than JSON.
bool is_foreign(const gemini::Call& call) {
  for (const auto& [name, value] : call.headers) {
    if (!http::equals_ignoring_case(name, "content-type")) continue;
    const std::string_view type = std::string_view(value).substr(0, value.find_first_of("; "));
    return !http::equals_ignoring_case(type, "application/json") && !type.ends_with("+json");
  }
  return false;
}

// A node's message holds the body as it is: it must be JSON, or it could be more than a body.
Task<Result<>> check_json(const Body& body, const AttemptContext& context) {
  using State = relay::BodyCheck::State;
  if (body.empty()) co_return Result<>{};
  relay::BodyCheck check(body);
  State state = check.step(kCheckedAtOnce);
  for (; state == State::kMore; state = check.step(kCheckedAtOnce)) {
    co_await net::yield(context.client.loop());
    if (context.cancel.requested()) {
      co_return fail(internal_error("cancelled", ErrorKind::kCancelled));
    }
  }
  if (state == State::kGood) co_return Result<>{};
  co_return fail(client_error(ErrorKind::kInvalidRequest,
                              "Invalid JSON payload received: a relay node takes nothing else."));
}

// Gives the node of `seat` an errand. `silence`: how long it may say nothing.
Attempt<Asked> ask(relay::Question question, const std::shared_ptr<relay::NodeSeat>& seat,
                   const AttemptContext& context, std::chrono::milliseconds silence) {
  net::Loop& loop = context.client.loop();
  const auto errand = std::make_shared<Errand>(std::move(question), seat, loop, context.clock);
  if (!seat->give(errand, loop)) return failed(relay::node_lost());
  return Asked(errand, context, silence);
}

}  // namespace

RelayProvider::RelayProvider(const relay::Hub& hub)
    : Provider(Trust::kByChoice), hub_(hub), seed_(Random::from_system().next()) {}

bool RelayProvider::serves(const gemini::Call& call) const {
  switch (call.method) {
    case Method::kGenerateContent:
    case Method::kStreamGenerateContent:
    case Method::kCountTokens:
    case Method::kEmbedContent:
    case Method::kBatchEmbedContents:
    case Method::kListModels:
    case Method::kGetModel:
      return true;
    case Method::kRaw:
      return call.http_method == "POST" && call.path.starts_with("/v1beta/") && !is_foreign(call);
  }
  return false;
}

std::optional<Error> RelayProvider::none_left(const Error* last) const {
  if (!hub_.expected()) return std::nullopt;
  if (last != nullptr) return *last;
  return internal_error("No execution nodes.", ErrorKind::kNoCredential);
}

// A UUID. Unique is all that it must be: what a node says is looked up among its own.
std::string RelayProvider::new_id() {
  const std::uint64_t number = asked_.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t high = splitmix(seed_ + 2 * number);
  const std::uint64_t low = splitmix(seed_ + 2 * number + 1);
  std::array<char, 37> text;
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-%04x-%012llx",
                static_cast<unsigned>(high >> 32), static_cast<unsigned>(high >> 16 & 0xffff),
                static_cast<unsigned>(high & 0xfff),
                static_cast<unsigned>((low >> 48 & 0x3fff) | 0x8000),
                static_cast<unsigned long long>(low & 0xffffffffffffU));
  return text.data();
}

relay::Question RelayProvider::question_of(const gemini::Call& call) {
  relay::Question question{.id = new_id(), .method = "POST", .stream = call.stream()};
  const bool gets = call.method == Method::kListModels || call.method == Method::kGetModel;
  if (call.method == Method::kRaw) {
    question.path = call.path;
  } else {
    question.path = "/" + call.version + "/";
    question.path +=
        call.method == Method::kListModels ? "models" : gemini::model_resource(call.model);
    if (!gets) question.path.append(":").append(gemini::method_name(call.method));
  }
  question.query = call.stream() ? "alt=sse" : call.query;
  if (gets) {
    question.method = "GET";
  } else {
    question.body = call.body;
  }
  return question;
}

Task<Attempt<std::unique_ptr<ChunkStream>>> RelayProvider::open(const gemini::Call& call,
                                                                const pool::Credential& credential,
                                                                const AttemptContext& context) {
  const std::shared_ptr<relay::NodeSeat>& seat = relay::seat_of(credential);
  relay::Question question = question_of(call);
  const bool picks = call.method == Method::kGetModel && seat->identity().protocol == kApplet;
  if (picks) question.path = kList;
  const std::shared_ptr<const relay::Options> options = hub_.options();
  Attempt<Asked> asked = ask(std::move(question), seat, context, options->request_timeout);
  if (!asked) co_return std::unexpected(std::move(asked.error()));
  const Attempt<const Errand::Head*> head = co_await asked->begin(context.first_byte);
  if (!head) co_return std::unexpected(head.error());
  const auto most = static_cast<std::size_t>(options->most_message);
  if ((*head)->framing != Errand::Framing::kBody) {
    std::unique_ptr<ChunkStream> chunks =
        make_node_chunks(std::move(*asked), **head, call.stream(), call.in_pieces, most);
    if (!picks) co_return chunks;
    co_return make_one_model(std::move(chunks), gemini::model_resource(call.model));
  }
  std::unique_ptr<http::ClientStream> body = make_node_body(std::move(*asked), **head);
  if (body->status() != 200) co_return std::unexpected(co_await read_refusal(*body, context));
  const AnswerLimits limits{
      .max_answer = most,
      .body_idle = std::chrono::ceil<std::chrono::seconds>(options->request_timeout),
      .in_pieces = call.in_pieces};
  co_return make_chunk_stream(std::move(body), context.clock, limits);
}

Task<Attempt<std::unique_ptr<http::ClientStream>>> RelayProvider::open_raw(
    const gemini::Call& call, const pool::Credential& credential, const AttemptContext& context) {
  Result<> json = co_await check_json(call.body, context);
  if (!json) co_return failed(std::move(json.error()));
  Attempt<Asked> asked =
      ask(question_of(call), relay::seat_of(credential), context, hub_.options()->request_timeout);
  if (!asked) co_return std::unexpected(std::move(asked.error()));
  const Attempt<const Errand::Head*> head = co_await asked->begin(context.first_byte);
  if (!head) co_return std::unexpected(head.error());
  co_return make_node_body(std::move(*asked), **head);
}

Task<Attempt<http::ClientStream::Upgraded>> RelayProvider::open_duplex(const gemini::Call&,
                                                                       const pool::Credential&,
                                                                       const AttemptContext&) {
  co_return failed(internal_error("relay nodes serve no Live sessions", ErrorKind::kUnsupported));
}

}  // namespace wasat::provider
