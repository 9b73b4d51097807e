#include <fmt/format.h>

#include "app/settings_table.h"
#include "app/text.h"

namespace wasat::app {
namespace {

struct Words {
  std::string_view title, intro, columns, none, yes, no;
};

constexpr Words kEnglishWords = {
    .title = "Configuration",
    .intro =
        "Wasat starts without any of these. A setting's value comes from, strongest first: a "
        "flag,\n"
        "the environment, the store (what the console changed), the TOML file, the default. What "
        "a\n"
        "flag or the environment fixes is read-only in the console. Lists of keys and tokens are\n"
        "added together. `wasat check --config FILE` validates everything and says file, line and\n"
        "remedy; `packaging/wasat.example.toml` is a file to begin with.\n"
        "\n"
        "- Times: `240` (seconds), `240s`, `5m`, `500ms`, `2h`, `1d`.\n"
        "- Sizes: `65536`, `64KiB`, `256MiB`, `1GiB`.\n"
        "- Lists: separated by commas, spaces or lines; in the file also `[\"a\", \"b\"]`.\n"
        "- Live: the console changes it at once, `systemctl reload wasat` (SIGHUP) reads the file "
        "again; requests under way end as they began. Otherwise restart.\n",
    .columns = "| setting | environment | default | live | what it is |",
    .none = "none",
    .yes = "yes",
    .no = "",
};

constexpr Words kChineseWords = {
    .title = "配置",
    .intro =
        "不做任何设置也能启动。取值优先级从高到低：命令行参数、环境变量、存储（控制台所改）、TOML\n"
        "文件、默认值。由命令行或环境变量固定的项在控制台中只读。密钥与令牌列表会合并各来源。\n"
        "`wasat check --config 文件` 校验全部配置，并给出文件、行号与改正方法；\n"
        "可从 `packaging/wasat.example.toml` 开始。\n"
        "\n"
        "- 时间：`240`（秒）、`240s`、`5m`、`500ms`、`2h`、`1d`。\n"
        "- 大小：`65536`、`64KiB`、`256MiB`、`1GiB`。\n"
        "- 列表：以逗号、空格或换行分隔；文件中也可写 `[\"a\", \"b\"]`。\n"
        "- 热更新：在控制台修改后立即生效，或用 `systemctl reload wasat`（SIGHUP）重读配置文件；"
        "进行中的请求不受影响。否则需要重启。\n",
    .columns = "| 设置 | 环境变量 | 默认值 | 热更新 | 说明 |",
    .none = "无",
    .yes = "是",
    .no = "",
};

// What may be given, when the default does not show it.
std::string bounds(const SettingRow& row) {
  if (!row.choices.empty()) {
    std::string text;
    for (const std::string_view choice : split_list(row.choices)) {
      text += fmt::format("{}`{}`", text.empty() ? "" : ", ", choice);
    }
    return " (" + text + ")";
  }
  if (row.syntax == Syntax::kInteger) return fmt::format(" ({}–{})", row.low, row.high);
  return {};
}

}  // namespace

std::string settings_markdown(Language language) {
  const bool english = language == Language::kEnglish;
  const Words& words = english ? kEnglishWords : kChineseWords;
  std::string text = fmt::format("# {}\n\n{}", words.title, words.intro);
  std::string_view group;
  for (const SettingRow& row : settings_table()) {
    const std::string_view own_group = row.key.substr(0, row.key.find('.'));
    if (own_group != group) {
      group = own_group;
      text += fmt::format("\n## {}\n\n{}\n|---|---|---|---|---|\n", group, words.columns);
    }
    std::string names;
    for (const std::string_view name : split_list(row.environment)) {
      names += fmt::format("{}`{}`", names.empty() ? "" : ", ", name);
    }
    const std::string fallback =
        row.fallback.empty() ? std::string(words.none) : fmt::format("`{}`", row.fallback);
    text += fmt::format("| `{}` | {} | {} | {} | {}{} |\n", row.key, names, fallback,
                        row.live ? words.yes : words.no, english ? row.english : row.chinese,
                        bounds(row));
  }
  return text;
}

}  // namespace wasat::app
