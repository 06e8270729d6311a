#pragma once
// Verb `evaluate`: how well the avatars of a folder agree with labels of their photos.

#include <filesystem>
#include <string>

#include "cli/common.h"

namespace swiftavatar::cli {

struct EvaluateOptions {
  CommonOptions common;
  std::filesystem::path labels, folder;
  std::string format = "text";  ///< text, json or markdown
  std::string by;               ///< column that photos are grouped by; empty: ranges of skin tones
};

Verb setup_evaluate(CLI::App& app);
int run_evaluate(const EvaluateOptions& options);

}  // namespace swiftavatar::cli
