#pragma once
// `models import`: published SemanticStyleGAN checkpoints as a bundle, through the Python exporter.

#include <filesystem>
#include <functional>
#include <string>

#include "cli/common.h"

namespace swiftavatar::cli {

struct ImportOptions {
  std::filesystem::path real, avatar;  ///< checkpoints; `avatar` may be empty
  std::string name;                    ///< of the bundle
  double minutes = 60;                 ///< that the exporter may take
};

/// Adds the subcommand; its callback calls `chosen`.
void add_import_command(CLI::App& models, CommonOptions& common, ImportOptions& options,
                        const std::function<void()>& chosen);
int import_checkpoints(const CommonOptions& common, const ImportOptions& options);

}  // namespace swiftavatar::cli
