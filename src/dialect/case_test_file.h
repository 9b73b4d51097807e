// Reading .case files. README.md beside this file describes them.

#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wasat::dialect::test {

struct Section {
  std::string name;      // "request"
  std::string argument;  // what stands behind the name in its line
  std::string text;      // without leading and trailing empty lines
};

struct CaseFile {
  std::filesystem::path path;
  std::string dialect;  // the folder that holds cases/
  std::vector<Section> sections;

  const Section* find(std::string_view name) const {
    for (const Section& section : sections) {
      if (section.name == name) return &section;
    }
    return nullptr;
  }
  // From lines "name = value" of the section "options".
  std::map<std::string, std::string> options() const {
    std::map<std::string, std::string> found;
    const Section* section = find("options");
    if (section == nullptr) return found;
    std::string_view rest = section->text;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      const auto equals = line.find(" = ");
      if (equals != line.npos) found.emplace(line.substr(0, equals), line.substr(equals + 3));
    }
    return found;
  }
};

inline std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of("\r\n");
  if (begin == text.npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of("\r\n") - begin + 1));
}

inline CaseFile read_case(const std::filesystem::path& path) {
  CaseFile file{.path = path};
  for (auto folder = path.parent_path(); folder.has_filename(); folder = folder.parent_path()) {
    if (folder.filename() == "cases") {
      file.dialect = folder.parent_path().filename();
      break;
    }
  }
  std::ifstream stream(path, std::ios::binary);
  std::string line;
  while (std::getline(stream, line)) {
    if (line.starts_with("--- ")) {
      const auto space = line.find(' ', 4);
      Section section{.name = line.substr(4, space - 4)};
      if (space != line.npos) section.argument = line.substr(space + 1);
      file.sections.push_back(std::move(section));
    } else if (!file.sections.empty()) {  // what comes before is a comment
      file.sections.back().text += line + "\n";
    }
  }
  for (Section& section : file.sections) section.text = trimmed(section.text);
  return file;
}

// All .case files below `root`, in order of their names.
inline std::vector<std::filesystem::path> find_cases(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".case") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace wasat::dialect::test
