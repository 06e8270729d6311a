#pragma once
// Options that `estimate` and `invert` share, and how they become the library's.

#include <string>

#include "base/staged_run.h"
#include "cli/common.h"
#include "estimate/face_reader.h"
#include "swiftavatar/gan.h"

namespace swiftavatar::cli {

/// How a photo becomes codes.
struct InversionChoice {
  std::string method = "optimize";  ///< --inversion: none, encoder or optimize
  std::string recipe = "default";   ///< --recipe: default or official
  int steps = 0;                    ///< --steps; 0: the recipe's own number
  bool cuda_graphs = false;         ///< --cuda-graphs

  InversionOptions options() const;
};

/// --inversion (with `none` or without), --recipe, --steps and --cuda-graphs.
void add_inversion_options(CLI::App& app, InversionChoice& choice, bool none);

/// How many threads work on a run, and how many faces a network takes at once.
struct Parallel {
  size_t jobs = 0;   ///< --jobs: threads; 0: one for each core of the CPU
  size_t batch = 0;  ///< --batch-size; 0: 16 on a GPU, 1 on the CPU

  size_t threads() const;

  /// The limits of a run of `items` photos on `device`, of which all faces count or one of each; also sets how many
  /// threads each call of a network uses, so that all together are as many as the jobs, or as the system allows. Call
  /// it before the first network runs.
  StagedLimits limits(const Device& device, size_t items, bool all_faces = false) const;
};

/// --jobs and --batch-size.
void add_parallel_options(CLI::App& app, Parallel& parallel);

/// --face.
void add_face_option(CLI::App& app, std::string& face);

FacePolicy face_policy(const std::string& name);

/// --device; says once when auto found no GPU. Where the system lets the program start fewer threads than there are
/// processors, networks use fewer. Throws Failure: usage, no_device, out_of_memory (not even a few threads).
Device open_device(const CommonOptions& options);

}  // namespace swiftavatar::cli
