#pragma once
// Verb `bench`: how long the parts of the work take on this machine.

#include <filesystem>
#include <vector>

#include "cli/common.h"
#include "cli/settings.h"

namespace swiftavatar::cli {

struct BenchOptions {
  CommonOptions common;
  std::filesystem::path photo;
  std::vector<size_t> batches = {1, 8};  ///< --batch-size
  size_t jobs = 0;                       ///< --jobs: threads; 0: one for each core
  bool reference = false;                ///< --reference: against the published way of computing it
  size_t repeats = 7;                    ///< --repeats: of which the median is taken
  size_t photos = 16;                    ///< --photos: of a run from end to end, for each job
};

Verb setup_bench(CLI::App& app);
int run_bench(const BenchOptions& options);

}  // namespace swiftavatar::cli
