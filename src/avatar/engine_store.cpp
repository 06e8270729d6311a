#include "avatar/engine_store.h"

#include <algorithm>
#include <set>

#include "avatar/json_view.h"

namespace swiftavatar {
namespace {

namespace fs = std::filesystem;

// A name becomes part of a path: letters, digits, - and _ only.
bool is_engine_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c < 128 && (std::isalnum(c) || c == '-' || c == '_');
  });
}

bool is_path(const std::string& text) { return text.find('/') != std::string::npos || text.ends_with(".json"); }

EngineFiles files_at(const fs::path& definition) {
  std::error_code ignored;
  EngineFiles files{definition.stem().string(), definition, std::nullopt};
  if (definition.filename() == "definition.json") {
    const fs::path folder = fs::absolute(definition, ignored).lexically_normal().parent_path();
    files.name = folder.filename().string();
    const fs::path semantics = definition.parent_path() / "semantics.json";
    if (fs::is_regular_file(semantics, ignored)) files.semantics = semantics;
  }
  return files;
}

}  // namespace

Result<EngineFiles> find_engine(const std::string& name_or_path, const std::vector<fs::path>& data_folders) {
  std::error_code ignored;
  if (is_path(name_or_path)) {
    fs::path definition(name_or_path);
    if (fs::is_directory(definition, ignored)) definition /= "definition.json";
    if (!fs::exists(definition, ignored)) {
      return Error{ErrorCode::engine_unknown, "there is no engine definition " + definition.string() +
                                                  "; give the path of a definition.json or the name of an engine"};
    }
    return files_at(definition);
  }
  if (is_engine_name(name_or_path)) {
    for (const fs::path& folder : data_folders) {
      const fs::path definition = folder / "configs" / "engines" / name_or_path / "definition.json";
      if (fs::exists(definition, ignored)) return files_at(definition);
    }
  }
  const auto names = list_engines(data_folders);
  return Error{ErrorCode::engine_unknown,
               "there is no engine \"" + name_or_path + "\"; " +
                   (names.empty() ? std::string("no data folder has an engine (see --data-dir)")
                                  : "there are " + join_names(names) + ", or give the path of a definition.json")};
}

std::vector<std::string> list_engines(const std::vector<fs::path>& data_folders) {
  std::set<std::string> names;
  std::error_code ignored;
  for (const fs::path& folder : data_folders) {
    for (const auto& entry : fs::directory_iterator(folder / "configs" / "engines", ignored)) {
      const std::string name = entry.path().filename().string();
      if (is_engine_name(name) && fs::is_regular_file(entry.path() / "definition.json", ignored)) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace swiftavatar
