#include "cli/user_engine.h"

#include <cmath>

#include <spdlog/spdlog.h>

#include "avatar/facesjs.h"
#include "avatar/read_text.h"
#include "base/files.h"
#include "base/sha256.h"
#include "cli/option_values.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;

namespace {

constexpr size_t kShownWarnings = 5;

fs::path facesjs_table(const CommonOptions& options) {
  for (const fs::path& data : data_folders(options)) {
    const fs::path table = data / "configs/engines/facesjs/semantics.json";
    if (is_file(table)) return table;
  }
  return {};
}

}  // namespace

void add_facesjs_option(CLI::App& app, CommonOptions& options) {
  app.add_option("--facesjs", options.facesjs, "Folder of a faces.js install, for --engine facesjs")->type_name("DIR");
}

LoadedEngine open_facesjs_engine(const CommonOptions& options, const fs::path& semantics, UseSemantics use) {
  if (options.facesjs.empty()) {
    throw Failure(ErrorCode::usage,
                  "--engine facesjs draws with your own faces.js: give its folder with --facesjs DIR, such as "
                  "node_modules/facesjs.");
  }
  FacesjsEngine facesjs = open_facesjs(options.facesjs);
  const auto& warnings = facesjs.definition.warnings;
  for (size_t i = 0; i < warnings.size() && i < kShownWarnings; ++i)
    spdlog::warn("{}: {}", options.facesjs.string(), warnings[i]);
  if (warnings.size() > kShownWarnings) {
    spdlog::warn("{}: {} more drawings are left out", options.facesjs.string(), warnings.size() - kShownWarnings);
  }
  LoadedEngine loaded{facesjs.engine, std::nullopt, "", "", facesjs.native};
  const fs::path table = semantics.empty() ? facesjs_table(options) : semantics;
  if (table.empty()) return loaded;
  read_semantics(use, [&] {
    try {
      const std::string text = facesjs_semantics(read_definition_text(table), facesjs);
      loaded.semantics = Semantics::parse(text, facesjs.engine).value();
      loaded.semantics_sha256 = sha256_hex(text);
    } catch (const Failure& failure) {
      throw Failure(failure.error().code, table.string() + ": " + failure.error().message);
    }
  });
  return loaded;
}

void add_render_command_options(CLI::App& app, RenderCommandOptions& options) {
  app.add_option("--render-command", options.command,
                 "Program that draws the avatar: JSON on stdin, PNG on stdout; run by /bin/sh -c")
      ->type_name("COMMAND");
  app.add_option("--render-timeout", options.timeout, "Seconds that drawing one avatar may take")
      ->type_name("SECONDS")
      ->transform(number(0.1, 3600))
      ->capture_default_str();
}

std::shared_ptr<const ExternalRenderer> external_renderer(const RenderCommandOptions& options) {
  if (options.command.empty()) return nullptr;
  return std::make_shared<ExternalRenderer>(options.command, draw_time(options));
}

std::chrono::milliseconds draw_time(const RenderCommandOptions& options) {
  return std::chrono::milliseconds(std::llround(options.timeout * 1000));
}

}  // namespace swiftavatar::cli
