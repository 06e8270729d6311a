#pragma once
// Finds engines: configs/engines/<name>/ in the data folders, DiceBear's styles, or a definition file that the user
// names.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "swiftavatar/result.h"

namespace swiftavatar {

/// Prefix of the names of DiceBear's styles.
inline constexpr const char* kDicebearPrefix = "dicebear:";

/// An engine's files.
struct EngineFiles {
  std::string name;
  std::filesystem::path definition;
  std::optional<std::filesystem::path> semantics;  ///< where there is one
};

/// The engine by that name in the first data folder that has it, or the definition file at that path. What has a slash
/// or ends in .json is a path; the semantics of `X/definition.json` is `X/semantics.json`, and its name is X's.
/// `dicebear:S` is S.json in the first of `style_folders`, with configs/engines/semantics/S.json of a data folder.
/// Error: engine_unknown, naming the engines there are.
Result<EngineFiles> find_engine(const std::string& name_or_path,
                                const std::vector<std::filesystem::path>& data_folders);

/// A definition file as the engine `name`; without a name, it is called `dicebear:` and the file's stem. Semantics as
/// for the style of that name, if they were written for this very file. Error: engine_unknown where there is no such
/// file.
Result<EngineFiles> style_file(const std::filesystem::path& definition, const std::string& name,
                               const std::vector<std::filesystem::path>& data_folders);

/// Names of the engines in the data folders, sorted, each once; after them DiceBear's styles of faces that are there.
std::vector<std::string> list_engines(const std::vector<std::filesystem::path>& data_folders);

/// Folders that may hold definitions of DiceBear's styles: $SWIFTAVATAR_STYLES, then for each data folder `styles` and
/// the package dicebear-styles of its Python environment .deps/venv.
std::vector<std::filesystem::path> style_folders(const std::vector<std::filesystem::path>& data_folders);

/// DiceBear's styles that show human faces, sorted.
const std::vector<std::string>& face_styles();

}  // namespace swiftavatar
