// What calls cost: a price for each family of models, and the arithmetic.
//
// Built in are Google's prices of the paid tier; the operator's rows (setting models.prices)
// come before them. Immutable once made; any thread. A model without a price costs nothing;
// that is told (unpriced.h), and tokens with a budget may not use it.

#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "account/limits.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "gemini/call.h"

namespace wasat::account {

// Millionths of a dollar per million tokens.
struct Rates {
  std::int64_t input = 0;
  std::int64_t output = 0;  // thoughts too
  std::int64_t cached = 0;  // of the input, what came from a cache
  bool operator==(const Rates&) const = default;
};

struct Price {
  std::string model;  // a glob over names as they go upstream
  Rates usual;
  std::optional<Rates> long_prompt;  // of prompts above kLongPrompt: all of the call
  std::optional<std::int64_t> audio_input;
  std::optional<std::int64_t> audio_cached;
  std::optional<std::int64_t> media_output;  // generated pictures and sound
  // Apiece, in millionths of a dollar, and besides the tokens.
  std::optional<std::int64_t> request;
  std::optional<std::int64_t> image;     // of a call that makes pictures alone (Imagen)
  std::optional<std::int64_t> second;    // of film (Veo)
  std::optional<std::int64_t> search;    // what a model searched for on the web: each query
  std::optional<std::int64_t> grounded;  // ... each answer for which it did
  bool operator==(const Price&) const = default;
};

inline constexpr std::int64_t kLongPrompt = 200'000;  // tokens

class Prices {
 public:
  explicit Prices(std::vector<Price> own = {});

  // The first row that matches; null: the model has no price.
  const Price* find(std::string_view model) const;
  // 0 when it has none.
  Money cost(std::string_view model, const gemini::Usage& usage) const;

  // What a row says, as read_price() reads it.
  static std::string text(const Price& price);
  std::span<const Price> rows() const { return rows_; }

 private:
  std::vector<Price> rows_;
};

// One worker's view of the prices, which remembers the last model's: looking through all
// rows for every request would cost as much as the rest of its books.
class PriceBook {
 public:
  // `prices` outlives the book.
  explicit PriceBook(const Snapshot<Prices>& prices) : reader_(prices) {}

  // As Prices::find(); good until the next call.
  const Price* find(std::string_view model);
  // As Prices::cost().
  Money cost(std::string_view model, const gemini::Usage& usage);

 private:
  Snapshot<Prices>::Reader reader_;
  std::shared_ptr<const Prices> prices_;  // in which `price_` is
  std::string model_;
  const Price* price_ = nullptr;
};

// "INPUT/OUTPUT/CACHED" in dollars per million tokens, the last one optional (then as
// input); behind it, each after a semicolon: "long=INPUT/OUTPUT/CACHED" for prompts above
// 200,000 tokens, "audio=INPUT/CACHED", "media=OUTPUT"; and in dollars apiece "request=",
// "image=", "second=", "search=", "grounded=". Errors: kInvalidRequest.
Result<Price> read_price(std::string_view model, std::string_view text);
// All of them, or what is wrong with the first that is wrong.
Result<std::vector<Price>> read_prices(const std::map<std::string, std::string>& rows);

Money cost_of(const Price& price, const gemini::Usage& usage);
// Whether it says what these pieces (gemini/pieces.h) cost: apiece, or that all is free.
bool covers(const Price& price, const gemini::Usage& pieces);

std::span<const Price> builtin_prices();

}  // namespace wasat::account
