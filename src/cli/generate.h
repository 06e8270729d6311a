#pragma once
// Verb `generate`: codes to pictures of a generator.

#include <filesystem>
#include <string>

#include "cli/common.h"

namespace swiftavatar::cli {

struct GenerateOptions {
  CommonOptions common;
  std::filesystem::path codes;
  std::string domain = "real";        ///< real or avatar
  std::string space = "auto";         ///< auto, z, w, w+ or expanded
  std::filesystem::path composition;  ///< .npy, which parts take part; empty: all
  bool raw = false;                   ///< arrays as the generator gives them instead of pictures
};

Verb setup_generate(CLI::App& app);
int run_generate(const GenerateOptions& options);

}  // namespace swiftavatar::cli
