#include "cli/settings.h"

#include <spdlog/spdlog.h>

namespace swiftavatar::cli {

void add_inversion_options(CLI::App& app, std::string& method, int& steps, bool none) {
  CLI::Option* option = app.add_option("--inversion", method, "How the photo becomes codes of the realistic generator");
  option->check(none ? CLI::IsMember({"none", "encoder", "optimize"}) : CLI::IsMember({"encoder", "optimize"}));
  option->capture_default_str();
  app.add_option("--steps", steps, "Optimisation steps")->check(CLI::Range(1, 100000))->type_name("N")->capture_default_str();
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
