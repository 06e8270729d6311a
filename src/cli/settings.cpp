#include "cli/settings.h"

#include <algorithm>
#include <mutex>

#include <spdlog/spdlog.h>
#include <opencv2/core/utility.hpp>

#include "base/threads.h"
#include "cli/option_values.h"

namespace swiftavatar::cli {

InversionOptions InversionChoice::options() const {
  const int own = recipe == "official" ? 400 : InversionOptions{}.steps;
  return {.method = *value_of(kInversionMethods, method),
          .steps = steps > 0 ? steps : own,
          .recipe = *value_of(kInversionRecipes, recipe),
          .cuda_graphs = cuda_graphs};
}

void add_inversion_options(CLI::App& app, InversionChoice& choice, bool none) {
  CLI::Option* option =
      app.add_option("--inversion", choice.method, "How to turn the photo into codes of the realistic generator");
  option->check(none ? CLI::IsMember({"none", "encoder", "optimize"}) : CLI::IsMember({"encoder", "optimize"}));
  option->capture_default_str();
  app.add_option("--recipe", choice.recipe,
                 "Settings of --inversion optimize: our own, or those published with SemanticStyleGAN")
      ->check(CLI::IsMember(all_names(kInversionRecipes)))
      ->capture_default_str();
  app.add_option("--steps", choice.steps, "Optimisation steps (default: 30, with --recipe official 400)")
      ->transform(whole_number(1, 100000))
      ->type_name("N");
  app.add_flag("--cuda-graphs", choice.cuda_graphs,
               "On a GPU, record the steps of --inversion optimize and replay them");
}

namespace {

size_t cores() { return static_cast<size_t>(std::max(1, cv::getNumberOfCPUs())); }

/// `wanted` threads, or as many as the system allows. LibTorch would wait for ever, and OpenMP end the program, where a
/// thread cannot be started. Throws Failure out_of_memory where not even one photo can be done.
size_t affordable_threads(size_t wanted) {
  constexpr size_t kForEach =
      4;  // itself, its helpers in the networks' libraries, its decoder with a thread of its own
  const size_t most = startable_threads(kForEach * wanted);
  if (most == kForEach * wanted) return wanted;
  const std::string limit = "The system lets this program start " +
                            (most == 0 ? "no" : "only " + std::to_string(most)) +
                            " more threads or processes (see ulimit -u, ulimit -v and the limits of its container); ";
  if (most < kForEach) throw Failure(ErrorCode::out_of_memory, limit + "raise the limit.");
  static std::once_flag said;
  std::call_once(said, [&] { spdlog::warn("{}fewer threads are used than there are processors or --jobs.", limit); });
  return most / kForEach;
}

}  // namespace

size_t Parallel::threads() const { return jobs > 0 ? jobs : cores(); }

StagedLimits Parallel::limits(const Device& device, size_t items, bool all_faces) const {
  const bool gpu = device.name != "cpu";
  const size_t total = affordable_threads(threads());
  StagedLimits limits;
  const size_t photos = std::clamp<size_t>(total, 1, std::max<size_t>(items, 1));
  limits.threads = all_faces ? total : photos;  // the faces of one photo are work for all
  limits.batch = batch > 0 ? batch : gpu ? 16 : 1;
  limits.one_batch_at_a_time = gpu;
  const int each = static_cast<int>(total / limits.threads);  // one photo alone gets all of them
  limit_threads(each, static_cast<int>(total / photos));
  cv::setNumThreads(each);
  return limits;
}

void add_parallel_options(CLI::App& app, Parallel& parallel) {
  app.add_option("--jobs", parallel.jobs,
                 "Number of threads and of photos in work at a time (default: one for each core)")
      ->transform(whole_number(1, 1024))
      ->type_name("N");
  app.add_option("--batch-size", parallel.batch,
                 "Number of faces that a network processes at once (default: 16 on a GPU, else 1)")
      ->transform(whole_number(1, 1024))
      ->type_name("N");
}

void add_face_option(CLI::App& app, std::string& face) {
  app.add_option("--face", face, "Which face to use; error: a photo with several faces fails")
      ->check(CLI::IsMember({"largest", "all", "center", "error"}))
      ->capture_default_str();
}

FacePolicy face_policy(const std::string& name) {
  if (name == "all") return FacePolicy::all;
  if (name == "center") return FacePolicy::center;
  return name == "error" ? FacePolicy::error : FacePolicy::largest;
}

Device open_device(const CommonOptions& options) {
  const Device device = resolve_device(options.device).value();
  if (device.fell_back) spdlog::info("No usable GPU was found; the models run on the CPU.");
  if (const size_t most = affordable_threads(cores()); most < cores()) {
    limit_threads(static_cast<int>(most), static_cast<int>(most));
    cv::setNumThreads(static_cast<int>(most));
  }
  return device;
}

}  // namespace swiftavatar::cli
