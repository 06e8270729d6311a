#include "cli/invert.h"

#include <unistd.h>

#include <spdlog/spdlog.h>

#include "base/boundary.h"
#include "base/files.h"
#include "base/npy.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/settings.h"
#include "estimate/face_reader.h"
#include "swiftavatar/gan.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

/// The models that inversion needs.
struct Models {
  FaceReader reader;
  std::unique_ptr<Inverter> inverter;
};

/// STEM.codes.npy, or STEM.face1.codes.npy ... with --face all.
fs::path codes_path(const Item& item, int face) {
  fs::path path = item.stem;
  path += (face > 0 ? ".face" + std::to_string(face) : "") + ".codes.npy";
  return path;
}

/// Inverts the faces of one photo and writes their codes. Throws Failure.
std::vector<ordered_json> invert_photo(const Models& models, const Item& item, const InvertOptions& options) {
  const size_t limit = DecodeLimits{}.max_bytes;
  const std::vector<uint8_t> bytes =
      (item.path == "-" ? read_descriptor(STDIN_FILENO, "standard input", limit) : read_file(item.path, limit)).value();
  InputFacts input{item.path, std::nullopt, 0, 0};
  std::vector<std::string> warnings;
  Stopwatch watch;
  std::vector<ordered_json> results;
  for (const FoundFace& found : models.reader.find(bytes, input, warnings, watch)) {
    const AlignedFace face = models.reader.align(found, watch);
    const Inversion inversion =
        models.inverter->invert({face.generator_image, face.generator_parts}, options.inversion.options());
    const fs::path path = codes_path(item, options.face == "all" ? face.index : 0);
    must_succeed(write_item_file(options.common.output, path, encode_npy(inversion.codes)));
    results.push_back({{"input", item.path},
                       {"status", "ok"},
                       {"codes", path.string()},
                       {"shape", inversion.codes.shape},
                       {"face", {{"index", face.index}, {"count", face.count}}},
                       {"inversion",
                        {{"method", name_of(kInversionMethods, inversion.method)},
                         {"steps", inversion.steps},
                         {"loss", inversion.loss}}}});
  }
  must_succeed(sync_folder(item.stem.parent_path()));
  return results;
}

}  // namespace

Verb setup_invert(CLI::App& app) {
  auto options = std::make_shared<InvertOptions>();
  CLI::App* verb = app.add_subcommand("invert", "Turn face photos into codes of the realistic generator");
  add_input_options(*verb, options->inputs);
  add_output_option(*verb, options->common, "Output folder for PHOTO.codes.npy (default: the current one)");
  add_bundle_option(*verb, options->common);
  add_device_option(*verb, options->common);
  add_inversion_options(*verb, options->inversion, /*none=*/false);
  add_face_option(*verb, options->face);
  add_json_option(*verb, options->common);
  add_talk_options(*verb, options->common);
  return {verb, [options] { return run_invert(*options); }};
}

int run_invert(const InvertOptions& options) {
  start_log(options.common);
  const std::vector<Item> items = collect_items(options.inputs, options.common.output);
  const Device device = open_device(options.common);
  const Bundle bundle = open_bundle(options.common);
  const Models models{
      FaceReader(bundle, device, face_policy(options.face), /*for_inversion=*/true, decoder_options(options.inputs)),
      load_inverter(bundle, device)};
  must_succeed(prepare_output_folder(options.common.output));
  watch_interrupts();
  Progress progress(items.size(), options.common.quiet);
  ordered_json all = ordered_json::array();
  size_t failed = 0, behind = 0;
  for (const Item& item : items) {
    if (interrupt_signal() != 0) break;
    std::vector<ordered_json> results;
    if (const auto error = item_error(item.path, [&] { results = invert_photo(models, item, options); })) {
      ++failed;
      log_error(error->message, error->cause);
      results.push_back({{"input", item.path},
                         {"status", to_string(error->code)},
                         {"error", {{"code", to_string(error->code)}, {"message", error->message}}}});
    }
    for (ordered_json& result : results) {
      if (!options.common.json && !result.contains("error")) print_result(result["codes"].get<std::string>());
      all.push_back(std::move(result));
    }
    progress.show(++behind, failed, item.path);
  }
  if (options.common.json) print_result(json_text({{"results", all}}));
  if (const int signal = interrupt_signal()) return interrupt_status(signal);
  return failed > 0 ? 1 : 0;
}

}  // namespace swiftavatar::cli
