#include "base/data_folders.h"

#include <algorithm>
#include <cstdlib>

#include "base/files.h"
#include "base/program_files.h"

namespace swiftavatar {

namespace fs = std::filesystem;

namespace {

constexpr int kLevelsToSourceTree = 3;  // build/<preset>/bin

fs::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? fs::path(value) : fs::path();
}

bool holds_data(const fs::path& path) { return is_folder(path / "models") && is_folder(path / "configs"); }

}  // namespace

std::vector<fs::path> find_data_folders(const fs::path& wanted) {
  if (!wanted.empty()) return {wanted};

  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& path) {
    if (is_folder(path) && std::find(folders.begin(), folders.end(), path) == folders.end()) folders.push_back(path);
  };
  add(from_environment("SWIFTAVATAR_DATA"));
  if (const fs::path data_home = from_environment("XDG_DATA_HOME"); !data_home.empty()) {
    add(data_home / "swiftavatar");
  } else if (const fs::path home = from_environment("HOME"); !home.empty()) {
    add(home / ".local/share/swiftavatar");
  }

  const fs::path program = program_folder();
  if (program.empty()) return folders;
  fs::path folder = program;
  for (int level = 0; level <= kLevelsToSourceTree; ++level, folder = folder.parent_path()) {
    if (!holds_data(folder)) continue;
    add(folder);
    break;
  }
  add(program.parent_path() / "share/swiftavatar");
  return folders;
}

}  // namespace swiftavatar
