#include "cli/engines_semantics.h"

#include <spdlog/spdlog.h>

#include "base/files.h"
#include "cli/option_values.h"
#include "cli/settings.h"
#include "draft/semantics.h"
#include "estimate/pipeline.h"

namespace swiftavatar::cli {

int draft_engine_semantics(const CommonOptions& options) {
  check_output_file(options.output);
  std::error_code ignored;
  if (std::filesystem::exists(options.output, ignored) && !options.force) {
    throw Failure(ErrorCode::usage, options.output.string() + " exists; give another -o, or --force to write over it.");
  }
  const LoadedEngine loaded = open_engine(options, {}, UseSemantics::none);
  const Bundle bundle = open_bundle(options);
  const Device device = open_device(options);
  const auto detector = load_detector(bundle, device);
  const auto parser = load_parser(bundle, device);
  const auto estimator = load_estimator(
      bundle, estimator_role(bundle, loaded.engine.name()).substr(std::string("estimator:").size()), device);
  const auto draft = draft_semantics(loaded.engine, {detector.get(), parser.get(), estimator.get()},
                                     [](const std::string& name) { spdlog::info("Measuring {}", name); });
  Semantics::parse(draft.dump(), loaded.engine).value();  // what is written can be read
  if (!options.output.parent_path().empty()) {
    must_succeed(prepare_output_folder(options.output.parent_path()));
  }
  must_succeed(write_file(options.output, json_text(draft) + "\n"));
  print_result(options.json ? json_text({{"semantics", options.output.string()}, {"engine", loaded.engine.name()}})
                            : options.output.string());
  return 0;
}

}  // namespace swiftavatar::cli
