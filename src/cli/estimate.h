#pragma once
// Verb `estimate`: photos in, avatars out.

#include <filesystem>
#include <string>

#include "cli/common.h"
#include "cli/inputs.h"
#include "cli/settings.h"
#include "cli/user_engine.h"

namespace swiftavatar::cli {

struct EstimateOptions {
  CommonOptions common;
  InputOptions inputs;
  std::filesystem::path semantics;  ///< --semantics; empty: the file beside the definition
  RenderCommandOptions render;      ///< --render-command: draws the avatar instead of the definition
  InversionChoice inversion;
  Parallel parallel;
  std::string face = "largest";     ///< largest, all, center or error
  std::string on_no_face = "fail";  ///< fail or skip
  std::string previews = "avatar,face,domain,sheet";
  std::filesystem::path results;  ///< --results: every face's object, one a line
  std::string shard;              ///< --shard: "i/n"; empty: all photos
  bool follow = false;            ///< --follow: photos are done as their paths come
  bool dry_run = false, fail_fast = false;
  size_t max_failures = 0;  ///< stop after so many failed photos; 0: never
};

Verb setup_estimate(CLI::App& app);

/// Returns the exit status. Throws Failure when nothing can be done.
int run_estimate(const EstimateOptions& options);

}  // namespace swiftavatar::cli
