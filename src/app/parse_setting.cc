#include "app/parse_setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "app/text.h"
#include "app/url_setting.h"

namespace wasat::app {
namespace {

std::string duration_text(std::int64_t milliseconds) {
  if (milliseconds % 1000 != 0) return fmt::format("{}ms", milliseconds);
  return fmt::format("{}s", milliseconds / 1000);
}

std::string bytes_text(std::int64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (unit + 1 < kUnits.size() && bytes >= 1024 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{}{}", bytes, kUnits[unit]);
}

class Parser {
 public:
  Parser(const SettingRow& row, std::string_view text, Settings& into)
      : row_(row), text_(trim(text)), into_(into) {}

  std::vector<Finding> run() {
    switch (row_.syntax) {
      case Syntax::kText:
        text();
        break;
      case Syntax::kChoice:
        choice();
        break;
      case Syntax::kInteger:
        integer(parse_integer(text_), "a whole number");
        break;
      case Syntax::kBytes:
        integer(parse_bytes(text_), "a size such as 64KiB or 256MiB", bytes_text);
        break;
      case Syntax::kSwitch:
        toggle();
        break;
      case Syntax::kDuration:
        duration();
        break;
      case Syntax::kSecret:
        secret();
        break;
      case Syntax::kList:
        list();
        break;
      case Syntax::kKeys:
        keys();
        break;
      case Syntax::kRanges:
        ranges();
        break;
      case Syntax::kBaseUrl:
        base_url();
        break;
      case Syntax::kProxyUrl:
        proxy_url();
        break;
      case Syntax::kNames:
        names();
        break;
    }
    return std::move(findings_);
  }

 private:
  template <class T>
  T& member() {
    return into_.*std::get<T Settings::*>(row_.member);
  }
  void refuse(std::string what, std::string remedy) {
    findings_.push_back({true, std::move(what), std::move(remedy)});
  }
  void warn(std::string what, std::string remedy) {
    findings_.push_back({false, std::move(what), std::move(remedy)});
  }

  void text() {
    if (text_.find_first_of(std::string_view("\n\r\0", 3)) != std::string_view::npos) {
      return refuse("has a line break", "write it on one line");
    }
    if (text_.empty() && !row_.fallback.empty()) {
      return refuse("is empty", fmt::format("give it a value, or leave the line out to have {}",
                                            row_.fallback));
    }
    member<std::string>() = text_;
  }

  void choice() {
    const std::vector<std::string_view> choices = split_list(row_.choices);
    std::string word = lower(text_);
    // What other programs call it.
    if (row_.key == "log.level") {
      if (word == "warning") word = "warn";
      if (word == "critical" || word == "fatal") word = "error";
    }
    if (std::ranges::find(choices, word) == choices.end()) {
      return refuse(fmt::format("\"{}\" is unknown", text_),
                    fmt::format("use one of: {}", fmt::join(choices, ", ")));
    }
    member<std::string>() = word;
  }

  template <class Show = std::string (*)(std::int64_t)>
  bool in_bounds(std::optional<std::int64_t> value, std::string_view kind, Show show) {
    const std::string bounds = fmt::format("from {} to {}", show(row_.low), show(row_.high));
    if (!value) {
      refuse(fmt::format("\"{}\" is not {}", text_, kind), fmt::format("use {}, {}", kind, bounds));
    } else if (*value < row_.low || *value > row_.high) {
      refuse(fmt::format("{} is out of bounds", text_), fmt::format("use {}, {}", kind, bounds));
    } else {
      return true;
    }
    return false;
  }

  void integer(
      std::optional<std::int64_t> value, std::string_view kind,
      std::string (*show)(std::int64_t) = [](std::int64_t n) { return std::to_string(n); }) {
    if (in_bounds(value, kind, show)) member<std::int64_t>() = *value;
  }

  void duration() {
    const auto value = parse_duration(text_);
    if (in_bounds(value, "a time such as 240, 240s, 5m or 500ms", duration_text)) {
      member<std::chrono::milliseconds>() = std::chrono::milliseconds(*value);
    }
  }

  void toggle() {
    const auto value = parse_switch(text_);
    if (!value) return refuse(fmt::format("\"{}\" is unknown", text_), "use true or false");
    member<bool>() = *value;
  }

  void secret() {
    const auto fewest = static_cast<std::size_t>(row_.low);
    if (!text_.empty() && text_.size() < fewest) {
      return refuse(fmt::format("has {} bytes, at least {} are needed", text_.size(), fewest),
                    "make one with: openssl rand -hex 32");
    }
    if (row_.key == "access.admin_password" && !text_.empty() && text_.size() < 12) {
      warn("is short for a password that opens everything", "use 12 characters or more");
    }
    if (row_.key == "store.database_url" && !text_.empty()) {
      return refuse("asks for a database that this version does not have",
                    "unset it; SQLite in the data folder is used");
    }
    member<Secret>() = Secret(text_);
  }

  void list() {
    std::vector<std::string>& items = member<std::vector<std::string>>();
    items.clear();
    const std::vector<std::string_view> choices = split_list(row_.choices);
    for (const std::string_view item : split_list(text_)) {
      std::string word(item);
      if (!choices.empty()) {
        word = lower(item);
        // What it was called when it was a switch.
        if (const auto flag = parse_switch(word)) word = *flag ? "all" : "none";
        if (std::ranges::find(choices, word) == choices.end()) {
          return refuse(fmt::format("\"{}\" is unknown", item),
                        fmt::format("use some of: {}", fmt::join(choices, ", ")));
        }
      }
      items.push_back(std::move(word));
    }
  }

  void keys() {
    if (row_.key == "upstream.proxies") return proxies();
    std::vector<Secret>& known = member<std::vector<Secret>>();
    std::size_t duplicates = 0;
    for (const std::string_view item : split_list(text_)) {
      if (item == "*") {
        return refuse("\"*\" would let everybody in",
                      "list the tokens themselves; make one with: openssl rand -hex 32");
      }
      if (!std::ranges::all_of(item, [](unsigned char c) { return c > 0x20 && c < 0x7f; })) {
        return refuse(fmt::format("{} has a character that no header can carry",
                                  printable(Secret(item).mask())),
                      "copy it again; use visible ASCII characters only");
      }
      if (std::ranges::any_of(known, [&](const Secret& s) { return s.equals(item); })) {
        ++duplicates;
        continue;
      }
      if (row_.key == "gemini.api_keys") {
        odd_key(item);
      } else if (item.size() < 16) {
        warn(fmt::format("a token of {} characters can be guessed", item.size()),
             "use 16 characters or more; make one with: openssl rand -hex 32");
      }
      known.emplace_back(item);
    }
    if (duplicates > 0) {
      warn(fmt::format("{} given twice; counted once", duplicates), "remove the duplicates");
    }
  }

  void proxies() {
    // Other gateways have JSON here: ["http://a:1","socks5://b:2"]
    std::string list(trim(text_));
    if (list.starts_with("[") && list.ends_with("]") &&
        (list.size() == 2 || list.find('"') != std::string::npos)) {
      list = list.substr(1, list.size() - 2);
      std::ranges::replace(list, '"', ' ');
    }
    std::vector<Secret> proxies;
    for (const std::string_view item : split_list(list)) {
      const UrlFinding url = read_proxy_url(item);
      if (!url.problem.empty()) return refuse("has an entry that " + url.problem, url.remedy);
      if (std::ranges::none_of(
              proxies, [&](const Secret& known) { return known.equals(url.text.reveal()); })) {
        proxies.push_back(url.text);
      }
    }
    member<std::vector<Secret>>() = std::move(proxies);
  }

  static std::string printable(std::string text) {
    for (char& c : text) {
      if (c < ' ' || c > '~') c = '?';
    }
    return text;
  }

  // Google's keys have been "AIza" and 35 characters; others may come.
  void odd_key(std::string_view key) {
    const bool plain = std::ranges::all_of(key, [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    });
    if (plain && key.size() >= 20 && (!key.starts_with("AIza") || key.size() == 39)) return;
    warn(fmt::format("{} ({} characters) does not look like a key of Google's; it is used "
                     "nevertheless",
                     Secret(key).mask(), key.size()),
         "compare it with https://aistudio.google.com/apikey");
  }

  void ranges() {
    std::vector<Cidr> ranges;
    for (const std::string_view item : split_list(text_)) {
      const std::optional<Cidr> range = Cidr::parse(item);
      if (!range) {
        return refuse(fmt::format("\"{}\" is no address and no CIDR range", item),
                      "use for example 10.0.0.0/8 or ::1");
      }
      ranges.push_back(*range);
    }
    member<std::vector<Cidr>>() = std::move(ranges);
  }

  void base_url() {
    const bool optional = row_.fallback.empty();
    if (optional && text_.empty()) return member<std::string>().clear();
    const UrlFinding url = read_base_url(text_);
    if (!url.problem.empty()) return refuse(url.problem, url.remedy);
    if (url.plain_text && !optional) {  // where we are reached is not for us to judge
      warn("is plain http: keys and prompts travel readable for all", "use https://");
    }
    member<std::string>() = std::string(url.text.reveal());
  }

  void proxy_url() {
    const UrlFinding url = read_proxy_url(text_);
    if (!url.problem.empty()) return refuse(url.problem, url.remedy);
    member<Secret>() = url.text;
  }

  void names() {
    std::map<std::string, std::string> pairs;
    // Other gateways have JSON here: {"gemini-2.5-flash": 4000}
    const std::string_view whole = trim(text_);
    const bool json = whole.starts_with('{') && whole.ends_with('}');
    const auto bare = [json](std::string_view text) {
      text = trim(text);
      const bool quoted = json && text.size() >= 2 && text.front() == '"' && text.back() == '"';
      return quoted ? text.substr(1, text.size() - 2) : text;
    };
    std::string list(json ? whole.substr(1, whole.size() - 2) : whole);
    if (json) std::erase_if(list, [](char c) { return c == ' ' || c == '\n' || c == '\t'; });
    for (const std::string_view item : split_pairs(list)) {
      const std::size_t equals = item.find(json ? ':' : '=');
      const std::string_view name = bare(item.substr(0, equals));
      const std::string_view value =
          equals == std::string_view::npos ? "" : bare(item.substr(equals + 1));
      if (name.empty() || value.empty()) {
        return refuse(fmt::format("\"{}\" is no pair of names", item),
                      "use name=value, separated by commas; in the file: \"name\" = \"value\"");
      }
      pairs.insert_or_assign(std::string(name), std::string(value));
    }
    member<std::map<std::string, std::string>>() = std::move(pairs);
  }

  const SettingRow& row_;
  const std::string_view text_;
  Settings& into_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> parse_setting(const SettingRow& row, std::string_view text, Settings& into) {
  return Parser(row, text, into).run();
}

}  // namespace wasat::app
