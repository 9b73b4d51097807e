#include "simulator/live.h"

#include <charconv>

#include "gemini/model_names.h"
#include "json/reader.h"
#include "json/writer.h"
#include "simulator/fields.h"
#include "simulator/google_json.h"
#include "simulator/media.h"
#include "simulator/models.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

constexpr std::size_t kMostMessage = 32u << 20;
constexpr std::size_t kMostContents = 256;
// Answers are made as this model makes them.
constexpr std::string_view kStandIn = "gemini-2.5-flash";

// Google closes with these where HTTP has a status.
ws::Close invalid(std::string reason) { return {ws::kInvalidData, std::move(reason)}; }

bool serves_live(std::string_view model) {
  return find_model(model) != nullptr || model.find("live") != std::string_view::npos ||
         model.find("native-audio") != std::string_view::npos ||
         model.find("lyria") != std::string_view::npos;
}

std::string object(std::string_view name, std::string_view content) {
  return std::string("{\"").append(name).append("\":").append(content).append("}");
}

std::string json_text(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

// The bytes that base64 stands for.
std::size_t decoded_size(std::string_view base64) {
  while (base64.ends_with('=')) base64.remove_suffix(1);
  return base64.size() * 3 / 4;
}

std::string sound(unsigned milliseconds, double hertz) {
  return R"({"mimeType":"audio/pcm;rate=24000","data":")" + base64(pcm_tone(milliseconds, hertz)) +
         "\"}";
}

}  // namespace

Task<State::Ending> LiveSession::run() {
  Buffer message(4096);
  for (;;) {
    const Result<ws::Connection::Batch> batch =
        co_await connection_.read(net::kNoDeadline, &departed_);
    if (!batch) {
      const auto& violation = connection_.violation();
      if (violation) co_await connection_.close(violation->code, violation->reason);
      co_return State::Ending::kClientLeft;
    }
    for (const ws::Piece& piece : batch->pieces) {
      const std::size_t size = message.size() + piece.bytes.size();
      if (size > kMostMessage) {
        co_await connection_.close(ws::kTooBig, "Message too big.");
        co_return State::Ending::kAnswered;
      }
      if (size > message.capacity()) message.reserve(2 * size);
      std::ranges::copy(piece.bytes, message.data() + message.size());
      message.resize(size);
      if (!piece.last) continue;
      const bool first = !ready_;
      Reply answers = reply(message.padded());
      message.resize(0);
      const bool ends = answers.close.has_value();
      if (first && strike_ && strike_->fault == Fault::kLiveQuota) {
        answers = {.messages = {},
                   .close = ws::Close{ws::kInternalFailure,
                                      "You exceeded your current quota, please check your plan and "
                                      "billing details. Please retry in 20s."}};
      }
      const State::Ending ending = co_await speak(std::move(answers));
      if (ending != State::Ending::kOpen || ends) co_return ending;
    }
    if (batch->close != nullptr) {
      const ws::Close close = *batch->close;
      co_await connection_.close(close.code, close.reason);
      co_return State::Ending::kAnswered;
    }
  }
}

Task<bool> LiveSession::send(std::string message) {
  const Result<> sent = co_await connection_.send(ws::Opcode::kBinary, pretty(message), &departed_);
  co_return sent.has_value();
}

// False: the client left meanwhile.
Task<bool> LiveSession::pause(std::chrono::milliseconds time) {
  if (time.count() == 0) co_return true;
  connection_.watch_peer(gone_);
  const bool slept = co_await net::sleep_for(loop_, time, &gone_);
  connection_.unwatch_peer();
  co_return slept;
}

// The faults that lie in the middle of an answer.
Task<State::Ending> LiveSession::speak(Reply reply) {
  const std::optional<Fault> fault = strike_ ? std::optional(strike_->fault) : std::nullopt;
  if (fault == Fault::kStall && !co_await pause(strike_->duration)) {
    co_return State::Ending::kClientLeft;
  }
  for (std::size_t i = 0; i < reply.messages.size(); ++i) {
    if (turns_ > 0 && i == 1) {
      if (fault == Fault::kReset) {
        connection_.stream().socket().reset_on_close();
        co_return State::Ending::kCut;
      }
      if (fault == Fault::kLiveClose) {
        co_await connection_.close(ws::kInternalFailure, "Internal error encountered.");
        co_return State::Ending::kCut;
      }
      if (fault == Fault::kLiveGoAway && !co_await send(R"({"goAway":{"timeLeft":"10s"}})")) {
        co_return State::Ending::kClientLeft;
      }
      if (fault == Fault::kStallMid && !co_await pause(strike_->duration)) {
        co_return State::Ending::kClientLeft;
      }
    }
    const auto slow = fault == Fault::kSlow ? strike_->duration : std::chrono::milliseconds(0);
    if (!co_await pause(options_.chunk_delay + slow)) co_return State::Ending::kClientLeft;
    if (!co_await send(std::move(reply.messages[i]))) co_return State::Ending::kClientLeft;
  }
  if (reply.close) {
    co_await connection_.close(reply.close->code, reply.close->reason);
    co_return State::Ending::kAnswered;
  }
  co_return State::Ending::kOpen;
}

LiveSession::Reply LiveSession::reply(PaddedView message) {
  Reply out;
  json::Document document;
  const Result<json::Value> root = document.parse(message);
  if (!root || !root->is_object()) {
    out.close = invalid("Invalid JSON payload received.");
    return out;
  }
  const json::Value setup = field(*root, "setup");
  if (setup && ready_) {
    out.close = invalid("setup must be the first message and only the first");
    return out;
  }
  if (!ready_) {
    if (setup) return set_up(setup);
    out.close = invalid("setup must be the first message and only the first");
    return out;
  }
  if (const json::Value content = field(*root, "clientContent")) {
    take_content(content, out);
  } else if (const json::Value input = field(*root, "realtimeInput")) {
    take_input(input, out);
  } else if (const json::Value response = field(*root, "toolResponse")) {
    take_tool_response(response, out);
  } else if (const json::Value control = (*root)["playbackControl"]) {
    if (control.string_or("") == "PLAY") play(out);
  } else if (!(*root)["musicGenerationConfig"] && !field(*root, "contextUpdate")) {
    out.close = invalid("Invalid JSON payload received. Unknown name.");
  }
  return out;
}

LiveSession::Reply LiveSession::set_up(json::Value setup) {
  Reply out;
  const std::string_view named = setup["model"].string_or("");
  model_ = gemini::clean_model_name(named);
  if (!named.starts_with("models/") || !serves_live(model_)) {
    out.close = ws::Close{ws::kPolicyViolation,
                          std::string(named.substr(0, 48)) +
                              " is not found for API version v1beta, or is not supported for "
                              "bidiGenerateContent."};
    return out;
  }
  const json::Value generation = field(setup, "generationConfig");
  generation_ = generation.raw();
  each(field(generation, "responseModalities"),
       [this](json::Value each) { sound_ = sound_ || each.string_or("") == "AUDIO"; });
  tools_ = field(setup, "tools").raw();
  const json::Value resumption = field(setup, "sessionResumption");
  resumable_ = static_cast<bool>(resumption);
  const std::string_view handle = field(resumption, "handle").string_or("");
  if (!handle.empty() && !handle.starts_with(handles_)) {
    out.close = ws::Close{ws::kPolicyViolation, "BidiGenerateContent session not found"};
    return out;
  }
  if (!handle.empty()) {  // goes on counting
    const std::string_view turns = handle.substr(handles_.size());
    std::from_chars(turns.data(), turns.data() + turns.size(), turns_);
  }
  transcribe_ = static_cast<bool>(field(setup, "outputAudioTranscription"));
  ready_ = true;
  out.messages.push_back(R"({"setupComplete":{}})");
  return out;
}

void LiveSession::take_content(json::Value content, Reply& out) {
  each(field(content, "turns"), [this](json::Value turn) {
    if (contents_.size() < kMostContents) contents_.emplace_back(turn.raw());
  });
  if (field(content, "turnComplete").boolean().value_or(false)) answer(out);
}

void LiveSession::take_input(json::Value input, Reply& out) {
  if (const json::Value text = input["text"]; text.is_string()) {
    contents_.push_back(R"({"role":"user","parts":[{"text":)" + std::string(text.raw()) + "}]}");
    return answer(out);
  }
  for (const std::string_view name : {"audio", "video"}) {
    heard_ += decoded_size(field(input, name)["data"].string_or(""));
  }
  each(field(input, "mediaChunks"),
       [this](json::Value chunk) { heard_ += decoded_size(chunk["data"].string_or("")); });
  if (!field(input, "audioStreamEnd") && !field(input, "activityEnd")) return;
  contents_.push_back(R"({"role":"user","parts":[{"text":"exactly: I heard )" +
                      std::to_string(std::exchange(heard_, 0)) + R"( bytes."}]})");
  answer(out);
}

void LiveSession::take_tool_response(json::Value response, Reply& out) {
  std::string parts;
  each(field(response, "functionResponses"), [&parts](json::Value one) {
    parts.append(parts.empty() ? "" : ",").append(object("functionResponse", one.raw()));
  });
  contents_.push_back(R"({"role":"user","parts":[)" + parts + "]}");
  answer(out);
}

void LiveSession::play(Reply& out) const {
  for (const double hertz : {440.0, 550.0, 660.0}) {
    out.messages.push_back(R"({"serverContent":{"audioChunks":[)" + sound(100, hertz) + "]}}");
  }
}

std::string LiveSession::conversation() const {
  std::string request = R"({"contents":[)";
  for (std::size_t i = 0; i < contents_.size(); ++i) {
    request.append(i == 0 ? "" : ",").append(contents_[i]);
  }
  request += "]";
  if (!tools_.empty()) request += ",\"tools\":" + tools_;
  return request + "}";
}

void LiveSession::answer(Reply& out) {
  ++turns_;
  const std::shared_ptr<Buffer> request = Buffer::copy_of(conversation());
  json::Document document;
  const Result<json::Value> root = document.parse(request->padded());
  if (!root) {
    out.close = invalid("Invalid JSON payload received.");
    return;
  }
  const Model* model = find_model(model_);
  const Prompt prompt =
      read_prompt(*root, model != nullptr ? *model : *find_model(kStandIn), kStandIn);
  const Answer answer = make_answer(prompt, hash(request->view(), options_.seed), 0);
  add_pieces(answer, out);
  int tokens = 0;
  for (const Piece& piece : answer.pieces) tokens += piece.tokens;
  out.messages.push_back(R"({"serverContent":{"generationComplete":true}})");
  out.messages.push_back(
      R"({"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":)" +
      std::to_string(prompt.tokens()) + R"(,"responseTokenCount":)" + std::to_string(tokens) +
      R"(,"totalTokenCount":)" + std::to_string(prompt.tokens() + tokens) + "}}");
  if (resumable_) {
    out.messages.push_back(R"({"sessionResumptionUpdate":{"newHandle":")" + handles_ +
                           std::to_string(turns_) + R"(","resumable":true}})");
  }
}

void LiveSession::add_pieces(const Answer& answer, Reply& out) {
  std::string calls;
  for (const Piece& piece : answer.pieces) {
    if (piece.kind == Piece::Kind::kPart) {
      const std::shared_ptr<Buffer> part = Buffer::copy_of("{" + piece.part + "}");
      json::Document document;
      const Result<json::Value> root = document.parse(part->padded());
      const json::Value call = root ? (*root)["functionCall"] : json::Value();
      if (!call) continue;
      calls.append(calls.empty() ? "" : ",")
          .append(R"({"id":"function-call-)" + std::to_string(++calls_) + R"(","name":)")
          .append(call["name"].raw())
          .append(",\"args\":")
          .append(call["args"] ? call["args"].raw() : "{}")
          .append("}");
    } else if (piece.kind == Piece::Kind::kText && sound_) {
      out.messages.push_back(R"({"serverContent":{"modelTurn":{"parts":[{"inlineData":)" +
                             sound(100, 440) + "}]}}}");
      if (transcribe_) {
        out.messages.push_back(R"({"serverContent":{"outputTranscription":{"text":)" +
                               json_text(piece.text) + "}}}");
      }
    } else if (piece.kind == Piece::Kind::kText) {
      Random random(hash(piece.text));
      for (const std::string_view text : stream_pieces(piece.text, random)) {
        out.messages.push_back(R"({"serverContent":{"modelTurn":{"parts":[{"text":)" +
                               json_text(text) + "}]}}}");
      }
    }
  }
  if (!calls.empty()) {
    out.messages.push_back(R"({"toolCall":{"functionCalls":[)" + calls + "]}}");
  }
}

}  // namespace wasat::simulator
