#pragma once
// Where engines lie: configs/engines/<name>/ in the data folders, or a definition file that the user names.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "swiftavatar/result.h"

namespace swiftavatar {

/// An engine's files.
struct EngineFiles {
  std::string name;
  std::filesystem::path definition;
  std::optional<std::filesystem::path> semantics;  ///< where there is one
};

/// The engine by that name in the first data folder that has it, or the definition file at that path. What has a slash
/// or ends in .json is a path; the semantics of `X/definition.json` is `X/semantics.json`, and its name is X's.
/// Error: engine_unknown, naming the engines there are.
Result<EngineFiles> find_engine(const std::string& name_or_path, const std::vector<std::filesystem::path>& data_folders);

/// Names of the engines in the data folders, sorted, each once.
std::vector<std::string> list_engines(const std::vector<std::filesystem::path>& data_folders);

}  // namespace swiftavatar
