#include "cli/generate.h"

#include <cstdio>

#include "base/files.h"
#include "base/npy.h"
#include "cli/settings.h"
#include "swiftavatar/gan.h"
#include "swiftavatar/image.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;

namespace {

Tensor read_array(const fs::path& path) {
  auto tensor = read_npy(path);
  if (!tensor.ok()) throw Failure(ErrorCode::usage, tensor.error().message);
  return std::move(tensor).value();
}

fs::path file_name(const GenerateOptions& options, const std::string& suffix) {
  return options.common.output / (options.codes.stem().string() + suffix);
}

std::vector<std::string> write_arrays(const GenerateOptions& options, const Generated& generated) {
  std::vector<std::string> written;
  for (const auto& [name, tensor] :
       {std::pair{"rgb", &generated.rgb}, {"mask", &generated.mask}, {"coarse", &generated.coarse}}) {
    const fs::path path = file_name(options, std::string(".") + name + ".npy");
    must_succeed(write_npy(path, *tensor));
    written.push_back(path.string());
  }
  return written;
}

/// STEM.png for one code, STEM-0000.png ... for several.
std::vector<std::string> write_pictures(const GenerateOptions& options, const Generated& generated) {
  std::vector<std::string> written;
  const int64_t count = generated.rgb.shape.at(0);
  for (int64_t i = 0; i < count; ++i) {
    char number[24] = "";
    if (count > 1) std::snprintf(number, sizeof number, "-%04lld", static_cast<long long>(i));
    const fs::path path = file_name(options, std::string(number) + ".png");
    must_succeed(write_file(path, encode_png(to_image(generated.rgb, static_cast<int>(i)))));
    written.push_back(path.string());
  }
  return written;
}

}  // namespace

Verb setup_generate(CLI::App& app) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* verb = app.add_subcommand("generate", "Turn codes into pictures of a generator");
  verb->add_option("codes", options->codes, "Codes [N,D] or [N,K,D] in NumPy's format")
      ->type_name("CODES.npy")
      ->required();
  verb->add_option("--domain", options->domain,
                   "Which generator: the realistic one, or the avatar generator of the engine")
      ->check(CLI::IsMember({"real", "avatar"}))
      ->capture_default_str();
  verb->add_option("--space", options->space, "Space that the codes are in")
      ->check(CLI::IsMember(all_names(kCodeSpaces)))
      ->capture_default_str();
  verb->add_option("--composition", options->composition, "Which parts to draw: [N,parts] of 0 and 1")
      ->type_name("MASK.npy");
  verb->add_flag("--raw", options->raw,
                 "Write the generator's raw output: STEM.rgb.npy, STEM.mask.npy and STEM.coarse.npy");
  add_output_option(*verb, options->common, "Output folder (default: the current one)");
  add_engine_option(*verb, options->common);
  add_bundle_option(*verb, options->common);
  add_device_option(*verb, options->common);
  add_json_option(*verb, options->common);
  add_talk_options(*verb, options->common);
  return {verb, [options] { return run_generate(*options); }};
}

int run_generate(const GenerateOptions& options) {
  start_log(options.common);
  const Tensor codes = read_array(options.codes);
  std::optional<Tensor> composition;
  if (!options.composition.empty()) composition = read_array(options.composition);
  const Device device = open_device(options.common);
  const Bundle bundle = open_bundle(options.common);
  const std::string role = options.domain == "real" ? "real_generator" : "avatar_generator:" + options.common.engine;
  const auto generator = load_generator(bundle, role, device);
  must_succeed(prepare_output_folder(options.common.output));
  const Generated generated =
      generator->generate(codes, *value_of(kCodeSpaces, options.space), composition ? &*composition : nullptr);
  const std::vector<std::string> written =
      options.raw ? write_arrays(options, generated) : write_pictures(options, generated);
  if (options.common.json) {
    print_result(json_text({{"domain", options.domain}, {"codes", codes.shape}, {"files", written}}));
  } else {
    for (const std::string& path : written) print_result(path);
  }
  return 0;
}

}  // namespace swiftavatar::cli
