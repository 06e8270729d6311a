#pragma once
// Verb `render`: an avatar's picture, from a result or from the engine's own parameters alone.

#include <filesystem>
#include <string>
#include <vector>

#include "cli/user_engine.h"

namespace swiftavatar::cli {

struct RenderOptions {
  CommonOptions common;
  std::filesystem::path result;  ///< a result JSON; empty with --native
  bool engine_given = false;     ///< --engine stands on the command line: it finds the result's engine
  std::filesystem::path native;  ///< an avatar object {discrete, continuous, colors}, for --engine
  std::vector<std::string> set;  ///< NAME=VALUE
  RenderCommandOptions command;  ///< --render-command
  int size = 512;                ///< pixels on the longer side, of a PNG
};

Verb setup_render(CLI::App& app);
int run_render(const RenderOptions& options);

/// Changes one parameter. What NAME is goes by the value where an engine uses a name twice: #hex is a colour, a number
/// a slider, anything else a component's variant ("none" leaves it out). Throws Failure(usage) for what is no
/// NAME=VALUE and Failure(engine_invalid) for a name the engine lacks.
void set_parameter(const Engine& engine, const std::string& assignment, Avatar& avatar);

}  // namespace swiftavatar::cli
