#pragma once
// The command line as a tree, read off the parser: what completion scripts and the manual page are made of.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace swiftavatar::cli {

struct CommandOption {
  std::vector<std::string> names;  ///< "-o", "--output"; empty for a positional argument
  std::string argument;            ///< what follows it, e.g. "PATH"; empty for a flag
  std::string help;
  std::string initial;               ///< the default as --help shows it; often empty
  std::vector<std::string> choices;  ///< the only values there are; often none
  bool required = false, repeats = false;
};

struct Command {
  std::string name;  ///< with the verbs above it: "engines list"
  std::string help, footer;
  std::vector<CommandOption> options, positionals;
  std::vector<Command> verbs;
};

/// `app` with all below it.
Command command_tree(const CLI::App& app);

}  // namespace swiftavatar::cli
