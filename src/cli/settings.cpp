#include "cli/settings.h"

#include <algorithm>

#include <spdlog/spdlog.h>
#include <opencv2/core/utility.hpp>

namespace swiftavatar::cli {

InversionOptions InversionChoice::options() const {
  const int own = recipe == "official" ? 400 : InversionOptions{}.steps;
  return {.method = method, .steps = steps > 0 ? steps : own, .recipe = recipe, .cuda_graphs = cuda_graphs};
}

void add_inversion_options(CLI::App& app, InversionChoice& choice, bool none) {
  CLI::Option* option =
      app.add_option("--inversion", choice.method, "How the photo becomes codes of the realistic generator");
  option->check(none ? CLI::IsMember({"none", "encoder", "optimize"}) : CLI::IsMember({"encoder", "optimize"}));
  option->capture_default_str();
  app.add_option("--recipe", choice.recipe, "How --inversion optimize goes: ours, or SemanticStyleGAN's published one")
      ->check(CLI::IsMember({"default", "official"}))
      ->capture_default_str();
  app.add_option("--steps", choice.steps, "Optimisation steps (default: 30, with --recipe official 400)")
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  app.add_flag("--cuda-graphs", choice.cuda_graphs,
               "On a GPU, record the steps of --inversion optimize and replay them");
}

size_t Parallel::threads() const { return jobs > 0 ? jobs : static_cast<size_t>(std::max(1, cv::getNumberOfCPUs())); }

StagedLimits Parallel::limits(const Device& device, size_t items) const {
  const bool gpu = device.name != "cpu";
  const size_t total = threads();
  StagedLimits limits;
  limits.threads = std::clamp<size_t>(total, 1, std::max<size_t>(items, 1));
  limits.batch = batch > 0 ? batch : gpu ? 16 : 1;
  limits.one_batch_at_a_time = gpu;
  const int each = static_cast<int>(total / limits.threads);  // one photo alone gets all of them
  limit_threads_per_call(each);
  cv::setNumThreads(each);
  return limits;
}

void add_parallel_options(CLI::App& app, Parallel& parallel) {
  app.add_option("--jobs", parallel.jobs, "Threads, and photos in work at the same time (default: one for each core)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  app.add_option("--batch-size", parallel.batch, "Faces that a network takes at once (default: 16 on a GPU, else 1)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
}

void add_face_option(CLI::App& app, std::string& face) {
  app.add_option("--face", face, "Which face; error: more than one is an error")
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
  return device;
}

}  // namespace swiftavatar::cli
