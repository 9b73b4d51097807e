#include "simulator/script.h"

#include <algorithm>

#include "json/writer.h"
#include "simulator/fields.h"
#include "simulator/media.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

constexpr std::size_t kMostSteps = 256;

Error bad_script(std::string detail) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail));
}

// The inside of a part object, without what a Piece keeps beside it.
std::string inside_of(json::Value part) {
  std::string inside;
  for (const json::Value member : part) {
    if (member.key() == "thoughtSignature") continue;
    if (!inside.empty()) inside += ',';
    inside.append(member.raw_key()).append(":").append(member.raw());
  }
  return inside;
}

// One turn of the history, as far as a script cares.
struct HistoryTurn {
  std::vector<std::string> calls;
  std::string signature;  // of the first call
  bool current = false;   // belongs to the turn that is still going on
};

// The model's turns; contents of the same role that follow each other are one.
std::vector<HistoryTurn> turns_of(json::Value request) {
  std::vector<HistoryTurn> turns;
  bool within = false;
  each(field(request, "contents"), [&](json::Value content) {
    if (field(content, "role").string_or("user") != "model") {
      within = false;
      bool asks = true;
      each(field(content, "parts"), [&](json::Value part) {
        if (field(part, "functionResponse")) asks = false;
      });
      for (HistoryTurn& turn : turns) turn.current = turn.current && !asks;
      return;
    }
    if (!within) turns.emplace_back().current = true;
    within = true;
    each(field(content, "parts"), [&](json::Value part) {
      const json::Value call = field(part, "functionCall");
      if (!call) return;
      HistoryTurn& turn = turns.back();
      if (turn.calls.empty()) {
        turn.signature = field(part, "thoughtSignature").string_or("");
      }
      turn.calls.emplace_back(field(call, "name").string_or(""));
    });
  });
  return turns;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text.empty() ? "none" : text;
}

// The last turn that is the client's, as it came.
std::string_view last_turn(json::Value request) {
  std::string_view raw;
  each(field(request, "contents"), [&raw](json::Value content) { raw = content.raw(); });
  return raw;
}

}  // namespace

Result<Script::Step> Script::parse_step(json::Value value, std::string_view name) {
  Step step{.pieces = {},
            .calls = {},
            .signature = {},
            .expect = {},
            .finish_reason = std::string(value["finishReason"].string_or("STOP")),
            .finish_message = std::string(value["finishMessage"].string_or("")),
            .grounding = std::string(value["groundingMetadata"].raw()),
            .cached_tokens = static_cast<int>(
                std::clamp<std::int64_t>(value["cachedTokens"].integer().value_or(0), 0, 1 << 30))};
  each(value["expect"], [&](json::Value text) { step.expect.emplace_back(text.string_or("")); });
  bool wrong = false;
  each(value["parts"], [&](json::Value part) {
    Piece piece;
    piece.signature = part["thoughtSignature"].string_or("");
    const json::Value text = part["text"];
    if (const json::Value call = part["functionCall"]) {
      wrong = wrong || call["name"].string_or("").empty();
      // Signatures stand on the first of parallel calls only.
      if (step.calls.empty()) {
        if (piece.signature.empty()) piece.signature = base64("script " + std::string(name));
        step.signature = piece.signature;
      }
      step.calls.emplace_back(call["name"].string_or(""));
    }
    if (text.is_string()) {
      const bool thought = part["thought"].boolean().value_or(false);
      piece.kind = thought ? Piece::Kind::kThought : Piece::Kind::kText;
      piece.text = text.string_or("");
      piece.tokens = thought ? 0 : token_count(piece.text);
    } else {
      wrong = wrong || !part.is_object() || part.size() == 0;
      piece.kind = Piece::Kind::kPart;
      piece.part = inside_of(part);
      piece.tokens = std::min(token_count(piece.part), 1290);
    }
    step.pieces.push_back(std::move(piece));
  });
  if (wrong || !value["parts"].is_array()) {
    return fail(bad_script("Step " + std::string(name) +
                           R"( of a script needs "parts" as a model answers them: objects with )"
                           R"("text", "functionCall" with its name, "inlineData" ...)"));
  }
  return step;
}

Result<std::shared_ptr<const Script>> Script::parse(json::Value value) {
  auto script = std::make_shared<Script>();
  script->model_ = value["match"]["model"].string_or("");
  script->text_ = value["match"]["text"].string_or("");
  script->exact_ = value["exact"].boolean().value_or(false);
  const json::Value steps = value["steps"];
  if (!steps.is_array() || steps.size() == 0 || steps.size() > kMostSteps) {
    return fail(bad_script(R"(A script needs "steps": an array of 1 to 256 of them.)"));
  }
  for (const json::Value step : steps) {
    auto parsed = parse_step(step, std::to_string(script->steps_.size()));
    if (!parsed) return fail(parsed.error());
    script->steps_.push_back(*std::move(parsed));
  }
  return script;
}

bool Script::matches(std::string_view model, std::string_view body) const {
  return model.find(model_) != std::string_view::npos && body.find(text_) != std::string_view::npos;
}

GoogleError Script::check_history(json::Value request, const Prompt& prompt,
                                  std::size_t turns) const {
  const std::vector<HistoryTurn> history = turns_of(request);
  for (std::size_t i = 0; i < turns; ++i) {
    const Step& step = steps_[i];
    if (history[i].calls != step.calls) {
      return invalid_argument("The script's turn " + std::to_string(i) + " called " +
                              joined(step.calls) + ", and comes back calling " +
                              joined(history[i].calls) + ".");
    }
    const bool signs = prompt.family->third_generation && history[i].current && exact_;
    if (signs && history[i].signature != step.signature) {
      return invalid_argument("The script's turn " + std::to_string(i) + " was signed " +
                              step.signature + ", and comes back signed “" +
                              history[i].signature.substr(0, 100) + "”.");
    }
  }
  for (const std::string& text : steps_[turns].expect) {
    if (last_turn(request).find(text) == std::string_view::npos) {
      return invalid_argument("The script's step " + std::to_string(turns) + " expects “" + text +
                              "” in the last turn.");
    }
  }
  return {};
}

Script::Scripted Script::answer(json::Value request, const Prompt& prompt) const {
  const std::size_t turn = turns_of(request).size();
  if (turn >= steps_.size()) return {};
  const Step& step = steps_[turn];
  const bool declared = std::ranges::all_of(step.calls, [&prompt](const std::string& name) {
    return std::ranges::find(prompt.functions, name, &Declaration::name) != prompt.functions.end();
  });
  if (!declared) return {};
  if (GoogleError error = check_history(request, prompt, turn); error.code != 0) {
    return {.answer = {}, .error = std::move(error)};
  }
  Answer answer{.pieces = {},
                .finish_reason = step.finish_reason,
                .finish_message = step.finish_message,
                .block_reason = {},
                .grounding = step.grounding,
                .output_modality = {}};
  answer.cached_tokens = std::min(step.cached_tokens, prompt.tokens());
  const bool signs = prompt.family->third_generation || prompt.thinks;
  std::size_t call = 0;
  for (Piece piece : step.pieces) {
    if (piece.kind == Piece::Kind::kThought) {
      answer.thought_tokens += prompt.thinks ? token_count(piece.text) : 0;
      if (!prompt.include_thoughts) continue;
    }
    if (!signs) piece.signature.clear();
    const bool calls = piece.kind == Piece::Kind::kPart && call < step.calls.size() &&
                       piece.part.starts_with(R"("functionCall":{)");
    if (calls && prompt.model->call_ids && piece.part.find(R"("id":)") == std::string::npos) {
      const std::string id = "t" + std::to_string(turn) + "c" + std::to_string(call);
      piece.part.insert(std::string_view(R"("functionCall":{)").size(), "\"id\":\"" + id + "\",");
    }
    call += calls ? 1 : 0;
    answer.pieces.push_back(std::move(piece));
  }
  answer.signature_behind_text = !answer.pieces.empty() &&
                                 answer.pieces.back().kind == Piece::Kind::kText &&
                                 !answer.pieces.back().signature.empty();
  return {.answer = std::move(answer), .error = {}};
}

}  // namespace wasat::simulator
