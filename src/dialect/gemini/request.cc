#include "dialect/gemini/request.h"

#include <algorithm>
#include <utility>

#include "dialect/gemini/derived.h"
#include "dialect/gemini/encoder.h"
#include "gemini/model_names.h"
#include "gemini/resource_names.h"
#include "json/writer.h"

namespace wasat::dialect::native {
namespace {

using gemini::Method;

bool takes_json(Method method) {
  return method != Method::kRaw && method != Method::kListModels && method != Method::kGetModel;
}

// Calls visit for every member with this name; JSON allows a name twice, and
// what the upstream makes of that is not ours to guess.
template <class Visit>
void each_named(json::Value object, std::string_view name, std::string_view snake_case_name,
                Visit&& visit) {
  for (const json::Value member : object) {
    const std::string_view key = member.key();
    if (key == name || key == snake_case_name) visit(member);
  }
}

}  // namespace

bool names_resources(const gemini::ResourcePath& path) {
  return path.kind != gemini::ResourceKind::kOther && !path.upload;
}

NativeRequest::NativeRequest(Target target, const Request& request)
    : target_(std::move(target)), http_method_(request.http_method), body_(request.body) {
  model = target_.model;
  stream = target_.framing != Framing::kUnary;
  passes_answer = target_.method == Method::kRaw;
}

Result<std::unique_ptr<NativeRequest>> NativeRequest::make(Target target, const Request& request) {
  std::unique_ptr<NativeRequest> parsed(new NativeRequest(std::move(target), request));
  if (takes_json(parsed->target_.method)) {
    if (Result<> read = parsed->read_body(); !read) return fail(std::move(read).error());
  } else if (parsed->target_.method == Method::kRaw) {
    if (Result<> read = parsed->read_raw(); !read) return fail(std::move(read).error());
  }
  return parsed;
}

void NativeRequest::note_model(std::string_view raw, std::string_view name) {
  model_spans_.push_back(raw);
  if (gemini::clean_model_name(name) != model) other_model_ = true;
}

// LangChain sends the responses to parallel calls in a content each. Google wants as many in
// the content behind the calls as there were calls (github.com/langchain-ai/langchainjs 10342).
void NativeRequest::note_split_responses(json::Value contents) {
  json::Value before;  // the last part of the responses that came right before
  for (const json::Value content : contents) {
    const json::Value parts = content["parts"];
    json::Value first;
    json::Value last;
    bool responds = parts.is_array() && content["role"].string_or("user") != "model";
    for (const json::Value part : parts) {
      if (!responds) break;
      responds = part["functionResponse"] || part["function_response"];
      if (!first) first = part;
      last = part;
    }
    if (!responds || !first) {
      before = {};
      continue;
    }
    if (before) {
      const char* begin = before.raw().data() + before.raw().size();
      splits_.emplace_back(begin, static_cast<std::size_t>(first.raw().data() - begin));
    }
    before = last;
  }
}

// By what the answer may cost.
void NativeRequest::note_cost(json::Value root) {
  const auto member = [](json::Value object, std::string_view name, std::string_view snake_case) {
    const json::Value value = object[name];
    return value ? value : object[snake_case];
  };
  for (const json::Value tool : root["tools"]) {
    if (member(tool, "googleSearch", "google_search") ||
        member(tool, "googleSearchRetrieval", "google_search_retrieval")) {
      may_search_ = true;
    }
  }
  const json::Value config = member(root, "generationConfig", "generation_config");
  if (!config) return;
  most_output_ = member(config, "maxOutputTokens", "max_output_tokens").integer().value_or(0);
  candidates_ = member(config, "candidateCount", "candidate_count").integer().value_or(1);
}

Result<json::Value> NativeRequest::parse_body(json::Document& document) const {
  const Result<json::Value> root = document.parse(body_->padded());
  if (!root) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "Invalid JSON payload received. " + root.error().detail));
  }
  if (!root->is_object()) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "Invalid JSON payload received. The body must be a JSON object."));
  }
  return root;
}

// What the path names comes first: it must be the token's own, whatever the body says.
Result<> NativeRequest::read_raw() {
  const gemini::ResourcePath path = gemini::read_resource_path(http_method_, target_.path);
  if (!path.owned.empty()) resources_.push_back(path.owned);
  if (body_->size() == 0 || !names_resources(path)) return {};
  static thread_local json::Document document;
  const Result<json::Value> root = parse_body(document);
  if (!root) return fail(root.error());
  gemini::collect_resources(*root, path.kind, resources_);
  return {};
}

Result<> NativeRequest::read_body() {
  if (body_->size() == 0) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "The request has no body: contents is not specified."));
  }
  static thread_local json::Document document;  // its memory serves the next request
  const Result<json::Value> root = parse_body(document);
  if (!root) return fail(root.error());
  gemini::collect_resources(*root, gemini::ResourceKind::kOther, resources_);
  const auto note_models_of = [this](json::Value object) {
    each_named(object, "model", "model", [this](json::Value value) {
      if (const auto name = value.string()) note_model(value.raw(), *name);
    });
  };
  note_models_of(*root);
  note_split_responses((*root)["contents"]);
  note_cost(*root);
  if (target_.method == Method::kCountTokens) {
    each_named(*root, "generateContentRequest", "generate_content_request",
               [&](json::Value request) {
                 note_models_of(request);
                 note_split_responses(request["contents"]);
               });
  } else if (target_.method == Method::kBatchEmbedContents) {
    each_named(*root, "requests", "requests", [&](json::Value requests) {
      for (const json::Value request : requests) note_models_of(request);
    });
  }
  if (other_model_) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "The model in the request's body must be the model in its path.",
                             "model"));
  }
  return {};
}

Result<gemini::Call> NativeRequest::lower(const ChosenModel& chosen, const Findings&) {
  const std::string_view upstream_model = chosen.name;
  gemini::Call call;
  call.method = target_.method;
  call.version = target_.version;
  call.http_method = http_method_;
  call.resources = resources_;
  if (target_.method == Method::kRaw) {
    call.path = target_.path;
    call.query = target_.query;
    call.body = Body::of(body_);
    return call;
  }
  if (target_.method == Method::kListModels) {
    call.query = target_.query;
    return call;
  }
  if (!gemini::is_model_name(upstream_model)) {
    return fail(client_error(ErrorKind::kModelNotFound,
                             "models/" + std::string(upstream_model) +
                                 " is not found for API version " + target_.version +
                                 ", or is not supported for " +
                                 std::string(gemini::method_name(target_.method)) +
                                 ". Call ListModels to see the list of available models and their "
                                 "supported methods.",
                             "model"));
  }
  call.model = upstream_model;
  if (call.model.starts_with("tunedModels/")) call.resources.push_back(call.model);
  if (!takes_json(target_.method)) return call;
  call.in_pieces = !stream;
  std::vector<Edit> edits;
  const std::string_view whole = body_->view();
  for (const std::string_view split : splits_) {
    edits.push_back({.begin = static_cast<std::size_t>(split.data() - whole.data()),
                     .length = split.size(),
                     .text = ","});
  }
  if (upstream_model != model) {
    std::string name;
    json::append_string(name, gemini::model_resource(upstream_model));
    for (const std::string_view span : model_spans_) {
      edits.push_back({.begin = static_cast<std::size_t>(span.data() - whole.data()),
                       .length = span.size(),
                       .text = name});
    }
  }
  if (Result<> added = add_derived(chosen, edits); !added) return fail(added.error());
  call.body = edited(body_, std::move(edits));
  call.most_output = most_output_;
  call.candidates = candidates_;
  call.may_search = may_search_ || chosen.derived.search;
  return call;
}

// Reads the body once more, which only derived models cost.
Result<> NativeRequest::add_derived(const ChosenModel& chosen, std::vector<Edit>& edits) const {
  const bool generates = target_.method == Method::kGenerateContent ||
                         target_.method == Method::kStreamGenerateContent;
  if (!generates || chosen.derived == gemini::DerivedModel{}) return {};
  json::Document document;
  const Result<json::Value> root = document.parse(body_->padded());
  if (!root) return fail(root.error());
  for (Edit& edit :
       derived_edits(*root, body_->view(), chosen.derived, gemini::model_family(chosen.name))) {
    edits.push_back(std::move(edit));
  }
  return {};
}

std::unique_ptr<Encoder> NativeRequest::encoder(const AnswerContext& context) {
  return make_encoder(target_.method, target_.framing, context);
}

}  // namespace wasat::dialect::native
