#pragma once
// Engines that a user brings: the drawings of a faces.js install, and a program that draws avatars.

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "avatar/external_renderer.h"
#include "cli/common.h"

namespace swiftavatar::cli {

/// --facesjs DIR
void add_facesjs_option(CLI::App& app, CommonOptions& options);

/// The engine facesjs of --facesjs. `semantics`: a table of ids (as configs/engines/facesjs/semantics.json) other than
/// the one in the data folders. Throws Failure: usage where --facesjs is missing, engine_invalid.
LoadedEngine open_facesjs_engine(const CommonOptions& options, const std::filesystem::path& semantics,
                                 UseSemantics use);

struct RenderCommandOptions {
  std::string command;  ///< --render-command; empty: none
  double timeout = 30;  ///< --render-timeout, seconds
};

/// --render-command COMMAND, --render-timeout SECONDS
void add_render_command_options(CLI::App& app, RenderCommandOptions& options);

/// Null without --render-command.
std::shared_ptr<const ExternalRenderer> external_renderer(const RenderCommandOptions& options);

/// --render-timeout, of the command or of drawing a definition.
std::chrono::milliseconds draw_time(const RenderCommandOptions& options);

}  // namespace swiftavatar::cli
