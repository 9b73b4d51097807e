#include "account/prices.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "gemini/model_table.h"

namespace wasat::account {
namespace {

// Dollars per million tokens, as people write them.
consteval std::int64_t usd(double dollars) {
  return static_cast<std::int64_t>(dollars * 1'000'000 + 0.5);
}
consteval Rates rates(double input, double output, double cached) {
  return {.input = usd(input), .output = usd(output), .cached = usd(cached)};
}

bool is_nothing(const gemini::Usage& usage) {
  return usage.prompt == 0 && usage.candidates == 0 && usage.total == 0 && usage.images == 0 &&
         usage.seconds == 0 && usage.searches == 0;
}

// What is priced apiece.
struct Apiece {
  std::string_view name;
  std::optional<std::int64_t> Price::* price;
};
constexpr std::array kApiece = {
    Apiece{"request", &Price::request},   Apiece{"image", &Price::image},
    Apiece{"second", &Price::second},     Apiece{"search", &Price::search},
    Apiece{"grounded", &Price::grounded},
};

constexpr double kMostDollars = 1'000'000;  // per million tokens

// In dollars; nullopt: that is no price.
std::optional<std::int64_t> read_dollars(std::string_view text) {
  double dollars = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), dollars);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(dollars) ||
      dollars < 0 || dollars > kMostDollars) {
    return std::nullopt;
  }
  return std::llround(dollars * 1'000'000);
}

// "1/2/3": from `least` to `most` of them; empty: something is wrong.
std::vector<std::int64_t> read_numbers(std::string_view text, std::size_t least, std::size_t most) {
  std::vector<std::int64_t> numbers;
  for (bool more = true; more;) {
    const std::size_t slash = text.find('/');
    more = slash != std::string_view::npos;
    const std::optional<std::int64_t> number = read_dollars(text.substr(0, slash));
    if (!number || numbers.size() == most) return {};
    numbers.push_back(*number);
    if (more) text.remove_prefix(slash + 1);
  }
  if (numbers.size() < least) return {};
  return numbers;
}

std::optional<Rates> read_rates(std::string_view text) {
  const std::vector<std::int64_t> numbers = read_numbers(text, 2, 3);
  if (numbers.empty()) return std::nullopt;
  return Rates{.input = numbers[0],
               .output = numbers[1],
               .cached = numbers.size() > 2 ? numbers[2] : numbers[0]};
}

bool read_option(std::string_view option, Price& price) {
  const std::size_t equals = option.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view name = option.substr(0, equals);
  const std::string_view value = option.substr(equals + 1);
  if (name == "long") {
    price.long_prompt = read_rates(value);
    return price.long_prompt.has_value();
  }
  const std::vector<std::int64_t> numbers = read_numbers(value, 1, name == "audio" ? 2 : 1);
  if (numbers.empty()) return false;
  if (name == "audio") {
    price.audio_input = numbers[0];
    price.audio_cached = numbers.back();
  } else if (name == "media") {
    price.media_output = numbers[0];
  } else {
    const auto* apiece = std::ranges::find(kApiece, name, &Apiece::name);
    if (apiece == kApiece.end()) return false;
    price.*apiece->price = numbers[0];
  }
  return true;
}

void append_dollars(std::string& out, std::int64_t rate) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                 static_cast<double>(rate) / 1'000'000)
                       .ptr;
  out.append(digits.data(), end);
}

void append_rates(std::string& out, const Rates& rates) {
  append_dollars(out, rates.input);
  out += '/';
  append_dollars(out, rates.output);
  out += '/';
  append_dollars(out, rates.cached);
}

// Prices of the paid tier at ai.google.dev/gemini-api/docs/pricing in spring 2026. The first
// row that matches counts, so the special stand before the general. What is not here
// (pictures by Imagen, films by Veo, what searches cost) is not known well enough: the operator's
// rows can say it.
std::vector<Price> made_of_table() {
  return {
      {.model = "gemini-embedding-001", .usual = rates(0.15, 0, 0.15)},
      {.model = "gemini-2.5-flash-image*",
       .usual = rates(0.30, 2.50, 0.03),
       .media_output = usd(30)},
      {.model = "gemini-2.5-flash-preview-tts*", .usual = rates(0.50, 10, 0.50)},
      {.model = "gemini-2.5-pro-preview-tts*", .usual = rates(1, 20, 1)},
      {.model = "gemini-2.5-flash-native-audio*",
       .usual = rates(0.50, 2, 0.50),
       .audio_input = usd(3),
       .audio_cached = usd(3),
       .media_output = usd(12)},
      {.model = "gemini-2.5-flash-lite*",
       .usual = rates(0.10, 0.40, 0.01),
       .audio_input = usd(0.30),
       .audio_cached = usd(0.03)},
      {.model = "gemini-2.5-flash*",
       .usual = rates(0.30, 2.50, 0.03),
       .audio_input = usd(1),
       .audio_cached = usd(0.10)},
      {.model = "gemini-2.5-pro*",
       .usual = rates(1.25, 10, 0.125),
       .long_prompt = rates(2.50, 15, 0.25)},
      {.model = "gemini-2.5-computer-use*",
       .usual = rates(1.25, 10, 1.25),
       .long_prompt = rates(2.50, 15, 2.50)},
      {.model = "gemini-robotics-er-1.5*",
       .usual = rates(0.30, 2.50, 0.30),
       .audio_input = usd(1),
       .audio_cached = usd(1)},
      {.model = "gemini-2.0-flash-lite*", .usual = rates(0.075, 0.30, 0.075)},
      {.model = "gemini-2.0-flash*",
       .usual = rates(0.10, 0.40, 0.025),
       .audio_input = usd(0.70),
       .audio_cached = usd(0.175)},
      {.model = "gemini-3-pro-image*", .usual = rates(2, 12, 2), .media_output = usd(120)},
      {.model = "gemini-3-pro*", .usual = rates(2, 12, 0.20), .long_prompt = rates(4, 18, 0.40)},
      {.model = "gemini-3.1-pro*", .usual = rates(2, 12, 0.20), .long_prompt = rates(4, 18, 0.40)},
      {.model = "gemini-pro-latest",
       .usual = rates(2, 12, 0.20),
       .long_prompt = rates(4, 18, 0.40)},
      {.model = "gemini-3.1-flash-lite*",
       .usual = rates(0.25, 1.50, 0.025),
       .audio_input = usd(0.50),
       .audio_cached = usd(0.05)},
      {.model = "gemini-flash-lite-latest",
       .usual = rates(0.25, 1.50, 0.025),
       .audio_input = usd(0.50),
       .audio_cached = usd(0.05)},
      {.model = "gemini-3-flash*",
       .usual = rates(0.50, 3, 0.05),
       .audio_input = usd(1),
       .audio_cached = usd(0.10)},
      {.model = "gemini-3.5-flash", .usual = rates(1.50, 9, 0.15)},
      {.model = "gemini-3.5-flash-preview*", .usual = rates(1.50, 9, 0.15)},
      {.model = "gemini-flash-latest", .usual = rates(1.50, 9, 0.15)},
      {.model = "gemma-3*", .usual = rates(0, 0, 0)},  // free of charge
  };
}

}  // namespace

std::span<const Price> builtin_prices() {
  static const std::vector<Price> table = made_of_table();
  return table;
}

Result<Price> read_price(std::string_view model, std::string_view text) {
  Price price{.model = std::string(model)};
  const std::size_t end = std::min(text.find(';'), text.size());
  const std::optional<Rates> usual = read_rates(text.substr(0, end));
  bool good = usual.has_value() && !model.empty();
  if (usual) price.usual = *usual;
  text.remove_prefix(std::min(end + 1, text.size()));
  while (good && !text.empty()) {
    const std::size_t next = std::min(text.find(';'), text.size());
    good = read_option(text.substr(0, next), price);
    text.remove_prefix(std::min(next + 1, text.size()));
  }
  if (good) return price;
  return fail(client_error(ErrorKind::kInvalidRequest,
                           "the price of " + std::string(model) +
                               " cannot be read. Write dollars per million tokens as "
                               "INPUT/OUTPUT/CACHED, for example 1.25/10/0.125;long=2.5/15/0.25, "
                               "or behind that dollars apiece, for example 0/0;image=0.04"));
}

Result<std::vector<Price>> read_prices(const std::map<std::string, std::string>& rows) {
  std::vector<Price> prices;
  prices.reserve(rows.size());
  for (const auto& [model, text] : rows) {
    Result<Price> price = read_price(model, text);
    if (!price) return fail(std::move(price.error()));
    prices.push_back(std::move(*price));
  }
  // The more a glob says, the more it is about: "gemini-2.5-pro" before "gemini-*".
  std::ranges::sort(prices, [](const Price& a, const Price& b) {
    return a.model.size() != b.model.size() ? a.model.size() > b.model.size() : a.model < b.model;
  });
  return prices;
}

std::string Prices::text(const Price& price) {
  std::string out;
  append_rates(out, price.usual);
  if (price.long_prompt) {
    out += ";long=";
    append_rates(out, *price.long_prompt);
  }
  if (price.audio_input) {
    out += ";audio=";
    append_dollars(out, *price.audio_input);
    out += '/';
    append_dollars(out, price.audio_cached.value_or(*price.audio_input));
  }
  if (price.media_output) {
    out += ";media=";
    append_dollars(out, *price.media_output);
  }
  for (const Apiece& apiece : kApiece) {
    if (!(price.*apiece.price)) continue;
    out.append(";").append(apiece.name).append("=");
    append_dollars(out, *(price.*apiece.price));
  }
  return out;
}

Prices::Prices(std::vector<Price> own) : rows_(std::move(own)) {
  const std::span<const Price> builtin = builtin_prices();
  rows_.insert(rows_.end(), builtin.begin(), builtin.end());
}

const Price* Prices::find(std::string_view model) const {
  const auto found = std::ranges::find_if(
      rows_, [model](const Price& price) { return gemini::glob_matches(price.model, model); });
  return found == rows_.end() ? nullptr : &*found;
}

Money Prices::cost(std::string_view model, const gemini::Usage& usage) const {
  if (is_nothing(usage)) return 0;
  const Price* price = find(model);
  return price == nullptr ? 0 : cost_of(*price, usage);
}

const Price* PriceBook::find(std::string_view model) {
  const std::shared_ptr<const Prices>& newest = reader_.get();
  if (newest != prices_ || model != model_) {
    prices_ = newest;
    model_ = model;
    price_ = prices_->find(model);
  }
  return price_;
}

Money PriceBook::cost(std::string_view model, const gemini::Usage& usage) {
  if (is_nothing(usage)) return 0;
  const Price* price = find(model);
  return price == nullptr ? 0 : cost_of(*price, usage);
}

Money cost_of(const Price& price, const gemini::Usage& usage) {
  const Rates& rates =
      usage.prompt > kLongPrompt && price.long_prompt ? *price.long_prompt : price.usual;
  const std::int64_t input = usage.prompt + usage.tool_prompt;
  const std::int64_t cached = std::clamp<std::int64_t>(usage.cached, 0, usage.prompt);
  // Some models count the thoughts among the candidates' tokens already.
  const bool included = usage.thoughts > 0 && usage.total == input + usage.candidates;
  const std::int64_t output = usage.candidates + (included ? 0 : usage.thoughts);
  // In millionths of a millionth.
  std::int64_t sum = (input - cached) * rates.input + cached * rates.cached + output * rates.output;
  if (usage.audio_prompt > 0 && price.audio_input) {
    // Which kind came from the cache is not told: sound is taken for fresh as far as it can be.
    const std::int64_t audio = std::min(usage.audio_prompt, usage.prompt);
    const std::int64_t fresh = std::min(audio, input - cached);
    sum += fresh * (*price.audio_input - rates.input) +
           (audio - fresh) * (price.audio_cached.value_or(0) - rates.cached);
  }
  if (usage.media_candidates > 0 && price.media_output) {
    sum += std::min(usage.media_candidates, output) * (*price.media_output - rates.output);
  }
  Money apiece = price.request.value_or(0);
  if (usage.images > 0) apiece += usage.images * price.image.value_or(0);
  if (usage.seconds > 0) apiece += usage.seconds * price.second.value_or(0);
  if (usage.searches > 0) {
    apiece += usage.searches * price.search.value_or(0) + price.grounded.value_or(0);
  }
  return (sum + 999) / 1000 + apiece * 1000;
}

bool covers(const Price& price, const gemini::Usage& pieces) {
  if (price.request || price == Price{.model = price.model}) return true;
  return (pieces.images == 0 || price.image) && (pieces.seconds == 0 || price.second);
}

}  // namespace wasat::account
