// Lists of what a token made. The upstream's own lists show what all tokens have
// made with a credential; ours are read one by one from those who own them.

#include <algorithm>
#include <charconv>
#include <deque>

#include "gateway/exchange.h"
#include "gateway/raw/raw.h"
#include "json/writer.h"
#include "provider/api_key/answer.h"

namespace wasat::gateway {
namespace {

constexpr std::size_t kUsualPage = 20;
constexpr std::size_t kLargestPage = 100;
constexpr std::size_t kAtOnce = 8;            // requests to the upstream
constexpr std::size_t kMostBytes = 1u << 20;  // of one resource

std::size_t page_size(std::string_view query) {
  const std::string text = query_parameter(query, "pageSize");
  std::size_t size = 0;
  std::from_chars(text.data(), text.data() + text.size(), size);
  return size == 0 ? kUsualPage : std::min(size, kLargestPage);
}

// The member of Google's answers that holds the list.
std::string_view member_of(std::string_view collection) {
  if (collection == "batches/" || collection.ends_with("operations/")) return "operations";
  return collection.substr(0, collection.size() - 1);
}

// co_await all_ended(scope, loop): until none of its tasks runs.
class AllEnded {
 public:
  AllEnded(TaskScope& scope, net::Loop& loop) : scope_(scope), loop_(loop) {}
  bool await_ready() const { return scope_.empty(); }
  void await_suspend(std::coroutine_handle<> handle) {
    handle_ = handle;
    scope_.on_end(
        [](void* self) {
          auto& all = *static_cast<AllEnded*>(self);
          if (all.scope_.empty()) all.loop_.post([handle = all.handle_] { handle.resume(); });
        },
        this);
  }
  void await_resume() const {}

 private:
  TaskScope& scope_;
  net::Loop& loop_;
  std::coroutine_handle<> handle_;
};

}  // namespace

Task<> Exchange::read_own(const gemini::Call& call, const store::Resource& resource,
                          OwnRead& into) {
  gemini::Call one;
  one.method = gemini::Method::kRaw;
  one.version = call.version;
  one.http_method = "GET";
  one.path = "/" + call.version + "/" + resource.name;
  provider::Provider* provider = attempts_.provider_for(one);
  const std::array<std::string_view, 1> providers{provider->name()};
  const pool::Demand demand{
      .providers = providers, .model = {}, .tried = {}, .only = resource.credential_id};
  Result<pool::Lease> leased = worker_.seat.try_lease(demand);
  // Its credential is away: what it owns is out of reach until it is back.
  if (!leased) co_return;
  const provider::AttemptContext context = attempts_.context();
  provider::Attempt<std::unique_ptr<http::ClientStream>> answer =
      co_await provider->open_raw(one, leased->credential(), context);
  std::optional<gemini::Failure> failure;
  if (!answer) {
    failure = std::move(answer.error());
  } else if ((*answer)->status() != 200) {
    failure = co_await provider::read_refusal(**answer, context);
    into.gone = (*answer)->status() == 403 || (*answer)->status() == 404;
  }
  if (failure) {
    Attempts::settle_failure(*leased, *failure);
    if (!into.gone) into.failed = std::move(failure->error);
    co_return;
  }
  for (;;) {
    const Result<http::ClientStream::Piece> piece = co_await (*answer)->read(context.first_byte);
    if (!piece || piece->idle || into.json.size() + piece->bytes.size() > kMostBytes) {
      into.failed = upstream_error(ErrorKind::kUpstreamFailed, Retry::kNever,
                                   "the upstream did not say what " + resource.name + " is");
      into.json.clear();
      co_return;
    }
    into.json += piece->bytes;
    if (piece->ended) break;
  }
  leased->settle(pool::Outcome::success());
}

Task<Result<>> Exchange::list_own(const gemini::Call& call, std::string collection) {
  const Resources::Page page = shared_.resources.page(
      token_->id, collection, query_parameter(call.query, "pageToken"), page_size(call.query));
  std::deque<OwnRead> reads(page.resources.size());
  for (std::size_t from = 0; from < reads.size(); from += kAtOnce) {
    TaskScope scope;
    const std::size_t to = std::min(from + kAtOnce, reads.size());
    for (std::size_t i = from; i < to; ++i) {
      scope.start(read_own(call, page.resources[i], reads[i]));
    }
    co_await AllEnded(scope, worker_.loop);
    if (request_.departed().requested()) {
      co_return fail(internal_error("cancelled", ErrorKind::kCancelled));
    }
  }
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  if (!reads.empty()) writer.key(member_of(collection)).begin_array();
  for (std::size_t i = 0; i < reads.size(); ++i) {
    if (reads[i].failed) co_return fail(std::move(*reads[i].failed));
    if (reads[i].gone) {
      shared_.resources.remove(token_->id, page.resources[i].name);
      shared_.store.note(store::RemoveResource{token_->id, page.resources[i].name});
    } else if (!reads[i].json.empty()) {
      writer.raw(reads[i].json);
    }
  }
  if (!reads.empty()) writer.end_array();
  if (!page.next.empty()) writer.member("nextPageToken", page.next);
  writer.end_object();

  if (!parsed_->passes_answer) {
    const std::shared_ptr<const Buffer> copy = Buffer::copy_of(out);
    co_return co_await answer_encoded({.json = copy->padded(), .wire = copy->view()});
  }
  note_first_byte();
  record_.status = 200;
  keep_answer(out);
  co_return co_await response_.send(200, headers("application/json; charset=UTF-8", false), out);
}

}  // namespace wasat::gateway
