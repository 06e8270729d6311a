#pragma once
// Verb `completion`: a script by which a shell completes verbs, options and their values; or the manual page. Both are
// made of the parser's own tree, so that they cannot fall behind it.

#include <string>

#include "cli/command_tree.h"
#include "cli/common.h"

namespace swiftavatar::cli {

struct CompletionOptions {
  std::string shell;  ///< bash, zsh, fish or man
};

Verb setup_completion(CLI::App& app);
int run_completion(const CompletionOptions& options, const CLI::App& app);

std::string bash_completion(const Command& program);
std::string zsh_completion(const Command& program);
std::string fish_completion(const Command& program);

/// The manual page swiftavatar(1), in roff's man macros.
std::string manual_page(const Command& program);

}  // namespace swiftavatar::cli
