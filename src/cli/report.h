#pragma once
// Verb `report`: one page that shows all results of a folder.

#include <filesystem>

#include "cli/common.h"

namespace swiftavatar::cli {

struct ReportOptions {
  CommonOptions common;
  std::filesystem::path folder;
  int size = 192;  ///< pixels a side of the pictures in the page, at most
};

Verb setup_report(CLI::App& app);
int run_report(const ReportOptions& options);

}  // namespace swiftavatar::cli
