#pragma once
// From a folder of results to what the report's page shows of them.

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace swiftavatar::cli {

struct ReportItems {
  nlohmann::ordered_json items = nlohmann::ordered_json::array();  ///< as src/cli/pages/report.js reads them
  std::map<std::string, size_t> statuses;                          ///< status -> items that have it
  size_t left_out = 0;                                             ///< results beyond `most`
};

inline constexpr char kUnreadable[] = "unreadable";  ///< the status of a file that is no JSON of ours

/// Reads every result below a folder, sorted by name. Files named .avatar.json or .error.json that hold no result, and
/// any .json that does not parse, become items of status kUnreadable; JSON of other programs is passed over. Links are
/// not followed, and pictures only taken from beside their JSON. Nothing in a file can make this fail. `size`: pixels a
/// side of the pictures, at most. Throws Failure: usage when the folder cannot be listed.
ReportItems read_report_items(const std::filesystem::path& folder, int size, size_t most);

}  // namespace swiftavatar::cli
