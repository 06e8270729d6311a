#include "avatar/engine_store.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string_view>

#include "avatar/json_view.h"
#include "avatar/read_text.h"
#include "base/files.h"
#include "base/sha256.h"

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

std::optional<fs::path> style_semantics(const std::string& style, const std::vector<fs::path>& data_folders) {
  for (const fs::path& folder : data_folders) {
    const fs::path file = folder / "configs" / "engines" / "semantics" / (style + ".json");
    if (is_file(file)) return file;
  }
  return std::nullopt;
}

/// Whether the semantics were written for this definition. Files that cannot be read are left to the caller's messages.
bool belong_together(const fs::path& semantics, const fs::path& definition) {
  try {
    const auto document = parse_json(read_definition_text(semantics));
    return document.is_object() &&
           document.value("definition_sha256", "") == sha256_hex(read_definition_text(definition));
  } catch (const std::exception&) {
    return false;
  }
}

Result<EngineFiles> find_style(const std::string& name, const std::vector<fs::path>& data_folders) {
  const std::string style = name.substr(std::string_view(kDicebearPrefix).size());
  const auto folders = style_folders(data_folders);
  for (const fs::path& folder : folders) {
    const fs::path definition = folder / (style + ".json");
    if (is_engine_name(style) && is_file(definition)) {
      return EngineFiles{name, definition, style_semantics(style, data_folders)};
    }
  }
  return Error{
      ErrorCode::engine_unknown,
      "there is no DiceBear style \"" + style + "\"; " +
          (folders.empty()
               ? "install the Python package dicebear-styles and name its folder dicebear_styles in "
                 "SWIFTAVATAR_STYLES, or give the style's definition with --style-file"
               : "styles of faces are " + join_names(face_styles(), 99) + "; --style-file takes any other definition")};
}

}  // namespace

Result<EngineFiles> find_engine(const std::string& name_or_path, const std::vector<fs::path>& data_folders) {
  std::error_code ignored;
  if (name_or_path.starts_with(kDicebearPrefix) && !is_path(name_or_path))
    return find_style(name_or_path, data_folders);
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

Result<EngineFiles> style_file(const fs::path& definition, const std::string& name,
                               const std::vector<fs::path>& data_folders) {
  std::error_code ignored;
  if (!fs::exists(definition, ignored) || fs::is_directory(definition, ignored)) {
    return Error{ErrorCode::engine_unknown, "--style-file " + definition.string() +
                                                ": there is no such file; give the definition of a DiceBear style"};
  }
  EngineFiles files{name, definition, std::nullopt};
  if (name.empty()) files.name = kDicebearPrefix + definition.stem().string();
  std::string style = files.name;
  if (style.starts_with(kDicebearPrefix)) style.erase(0, std::string_view(kDicebearPrefix).size());
  if (is_engine_name(style)) files.semantics = style_semantics(style, data_folders);
  if (files.semantics && !belong_together(*files.semantics, definition)) files.semantics.reset();
  return files;
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
  std::vector<std::string> list(names.begin(), names.end());
  const auto folders = style_folders(data_folders);
  for (const std::string& style : face_styles()) {
    const auto has = [&style](const fs::path& folder) { return is_file(folder / (style + ".json")); };
    if (std::any_of(folders.begin(), folders.end(), has)) list.push_back(kDicebearPrefix + style);
  }
  return list;
}

std::vector<fs::path> style_folders(const std::vector<fs::path>& data_folders) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  if (const char* named = std::getenv("SWIFTAVATAR_STYLES"); named && *named) folders.emplace_back(named);
  for (const fs::path& data : data_folders) {
    folders.push_back(data / "styles");
    for (const auto& python : fs::directory_iterator(data / ".deps/venv/lib", ignored)) {
      folders.push_back(python.path() / "site-packages/dicebear_styles");
    }
  }
  std::erase_if(folders, [&ignored](const fs::path& folder) { return !fs::is_directory(folder, ignored); });
  return folders;
}

const std::vector<std::string>& face_styles() {
  static const std::vector<std::string> styles = {
#include "avatar/face_styles.inc"  // one to a line: cmake/InstallStyles.cmake reads it too
  };
  return styles;
}

}  // namespace swiftavatar
