// Who owns what a call names, and what an answer makes somebody's own.

#include <algorithm>
#include <charconv>

#include "gateway/exchange.h"
#include "gateway/raw/binding.h"
#include "gateway/raw/raw.h"

namespace wasat::gateway {
namespace {

using gemini::ResourceKind;
using gemini::ResourcePath;
using std::chrono::days;
using std::chrono::hours;

constexpr store::Time kNever{std::chrono::milliseconds(253'402'300'799'000)};  // year 9999

// For how long we remember it when the answer does not say. Google keeps files
// for 48 hours, the answers of operations and batches for days, interactions for
// up to 55 days; what is forgotten later than it is gone does no harm.
store::Time kept_until(ResourceKind kind, store::Time now) {
  switch (kind) {
    case ResourceKind::kFiles:
      return now + hours(49);
    case ResourceKind::kEphemeralTokens:
      return now + hours(24);
    case ResourceKind::kCaches:
    case ResourceKind::kOperations:
      return now + days(30);
    case ResourceKind::kBatches:
    case ResourceKind::kInteractions:
      return now + days(60);
    case ResourceKind::kStores:
    case ResourceKind::kTunedModels:
    case ResourceKind::kLive:
    case ResourceKind::kOther:
      break;
  }
  return kNever;
}

class Finder {
 public:
  Finder(const RawAnswer& about, store::Time now) : about_(about), now_(now) {}

  std::vector<store::Resource> run(json::Value answer) {
    if (about_.path.action == ResourcePath::Action::kCreate) {
      created(answer);
    } else if (about_.path.kind == ResourceKind::kCaches && about_.http_method == "PATCH") {
      add(answer, about_.path.kind);  // its time to live changed
    } else {
      made_by(answer);
    }
    return std::move(found_);
  }

 private:
  void created(json::Value answer) {
    switch (about_.path.kind) {
      case ResourceKind::kFiles:
        add(answer["file"], ResourceKind::kFiles);
        for (const json::Value file : answer["files"]) add(file, ResourceKind::kFiles);
        return;
      case ResourceKind::kInteractions:
        interaction(answer);
        interaction(answer["interaction"]);  // of an event
        return;
      case ResourceKind::kTunedModels:
        add_name(answer["metadata"]["tunedModel"].string_or(""), ResourceKind::kTunedModels);
        return;
      default:
        add(answer, about_.path.kind);
        made_by(answer);
        return;
    }
  }

  void interaction(json::Value value) {
    const std::string_view id = value["id"].string_or("");
    if (!id.empty() && !id.contains('/')) {
      add_name("interactions/" + std::string(id), ResourceKind::kInteractions);
    }
  }

  // The files that an operation or a batch leaves behind.
  void made_by(json::Value answer) {
    if (about_.path.kind == ResourceKind::kOperations) {
      const json::Value response = answer["response"];
      for (const json::Value samples :
           {response["generateVideoResponse"]["generatedSamples"], response["generatedSamples"],
            response["generatedVideos"]}) {
        for (const json::Value sample : samples) {
          add_name(gemini::resource_of_uri(sample["video"]["uri"].string_or("")),
                   ResourceKind::kFiles);
        }
      }
    } else if (about_.path.kind == ResourceKind::kBatches) {
      for (const json::Value output :
           {answer["response"], answer["metadata"]["output"], answer["dest"]}) {
        add_name(output["responsesFile"].string_or(""), ResourceKind::kFiles);
        add_name(output["fileName"].string_or(""), ResourceKind::kFiles);
      }
    }
  }

  void add(json::Value resource, ResourceKind kind) {
    const std::string_view name = resource["name"].string_or("");
    store::Resource* added = add_name(name, kind);
    if (added == nullptr) return;
    added->mime_type = resource["mimeType"].string_or("");
    for (const std::string_view key : {"expirationTime", "expireTime"}) {
      if (const auto time = read_time(resource[key].string_or(""))) added->expires = *time;
    }
  }

  store::Resource* add_name(std::string_view name, ResourceKind kind) {
    if (name.empty() || gemini::kind_of_resource(name) != kind) return nullptr;
    found_.push_back({.name = std::string(name),
                      .token_id = {},
                      .credential_id = about_.credential_id,
                      .mime_type = {},
                      .created = now_,
                      .expires = kept_until(kind, now_)});
    return &found_.back();
  }

  const RawAnswer& about_;
  const store::Time now_;
  std::vector<store::Resource> found_;
};

Error not_yours(const std::string& name) {
  return client_error(ErrorKind::kNotFound,
                      name +
                          " is not found, or this token has no permission to access it. A token "
                          "sees what it made itself through Wasat, until that expires.");
}

}  // namespace

bool may_name_resources(const RawAnswer& about) {
  if (about.path.kind == ResourceKind::kOther || about.path.removes) return false;
  if (about.path.action == ResourcePath::Action::kCreate) return true;
  return about.path.kind == ResourceKind::kOperations ||
         about.path.kind == ResourceKind::kBatches ||
         (about.path.kind == ResourceKind::kCaches && about.http_method == "PATCH");
}

std::vector<store::Resource> resources_in(const RawAnswer& about, json::Value answer,
                                          store::Time now) {
  return Finder(about, now).run(answer);
}

std::optional<store::Time> read_time(std::string_view text) {
  const auto number = [&text](std::size_t at, std::size_t width) {
    int value = -1;
    if (at + width <= text.size()) std::from_chars(&text[at], &text[at] + width, value);
    return value;
  };
  if (text.size() < 20 || text[4] != '-' || text[10] != 'T' || text.back() != 'Z') {
    return std::nullopt;
  }
  const std::chrono::year_month_day day(std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2))));
  if (!day.ok() || number(11, 2) < 0 || number(14, 2) < 0 || number(17, 2) < 0) {
    return std::nullopt;
  }
  return store::Time(std::chrono::sys_days(day)) + hours(number(11, 2)) +
         std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2));
}

Result<> Exchange::may_use(const ResourcePath& path) const {
  if (path.free) return {};
  if (!token_->allowed(path.kind)) {
    const std::string kind(gemini::resource_kind_name(path.kind));
    return fail(client_error(
        ErrorKind::kPermissionDenied,
        "this token may not use " +
            (path.kind == ResourceKind::kOther ? "paths that Wasat does not know" : kind) +
            ". Ask the operator for a token that allows '" + kind + "' (TOKENS_ALLOW)."));
  }
  if (path.action == ResourcePath::Action::kCreate && path.kind != ResourceKind::kOther &&
      !shared_.resources.has_room(token_->id)) {
    return fail(client_error(ErrorKind::kQuotaExhausted,
                             "this token has made as much as Wasat keeps track of. Delete files, "
                             "caches, batches or interactions that are not needed any more."));
  }
  return {};
}

Result<Binding> binding_of(const gemini::Call& call, std::string_view token_id,
                           const Resources& resources) {
  std::optional<store::Resource> first;
  for (const std::string& name : call.resources) {
    std::optional<store::Resource> resource = resources.find(token_id, name);
    // Another token's is as unknown as one that never was.
    if (!resource) return fail(not_yours(name));
    if (!first) {
      first = std::move(resource);
    } else if (first->credential_id != resource->credential_id) {
      return fail(client_error(
          ErrorKind::kInvalidRequest,
          first->name + " and " + resource->name +
              " belong to different upstream accounts, so no single request can use both. "
              "Upload or create the older one again: what a token makes goes to the same account "
              "as long as that can take it."));
    }
  }
  Binding binding;
  if (first) {
    binding.only = first->credential_id;
  } else if (call.method == gemini::Method::kRaw) {
    binding.home = resources.home(token_id);
  }
  return binding;
}

Task<> Exchange::note_resources(const RawAnswer& about, std::string_view answer) {
  std::vector<store::Change> changes;
  {
    const std::shared_ptr<const Buffer> copy = Buffer::copy_of(answer);
    json::Document document;
    const Result<json::Value> root = document.parse(copy->padded());
    if (!root) co_return;
    for (store::Resource& resource :
         resources_in(about, *root, store::to_time(shared_.clock.wall()))) {
      resource.token_id = token_->id;
      if (shared_.resources.put(resource)) {
        changes.emplace_back(store::PutResource{std::move(resource)});
      }
    }
  }
  co_await written(shared_.store, worker_.loop, std::move(changes));
}

}  // namespace wasat::gateway
