// swiftavatar: parses the command line, runs one verb, maps what comes of it to an exit status. Nothing else.

#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string_view>
#include <vector>

#include <spdlog/spdlog.h>

#include "base/boundary.h"
#include "cli/verbs.h"

namespace {

using swiftavatar::Error;
using swiftavatar::ErrorCode;

bool json = false;  // whether stdout is read by a program

/// One sentence on stderr, with -v also the cause; for programs that asked for JSON also the run's error object on
/// stdout.
int fail(const Error& error) {
  std::cerr << "swiftavatar: " << error.message << '\n';
  if (!error.cause.empty() && spdlog::should_log(spdlog::level::debug)) {
    std::cerr << "swiftavatar: cause: " << error.cause << '\n';
  }
  if (json) {
    try {
      swiftavatar::cli::print_result(swiftavatar::cli::json_text(swiftavatar::cli::run_failure(error), false));
    } catch (...) {
      // stdout is gone too: the exit status still tells.
    }
  }
  return swiftavatar::exit_status(error.code);
}

Error in_flight() { return swiftavatar::error_in_flight(swiftavatar::cli::unexpected()); }

std::unique_ptr<char[]> reserve;  // memory to report with, where all else is used up

/// An exception that no handler can reach: libraries throw where they must not, such as bad_alloc while they are
/// loaded.
[[noreturn]] void end() {
  reserve.reset();
  try {
    if (std::current_exception()) std::_Exit(fail(in_flight()));
    std::_Exit(fail(swiftavatar::cli::unexpected()));
  } catch (...) {
    std::_Exit(swiftavatar::exit_status(ErrorCode::out_of_memory));  // what else could fail here
  }
}

/// Whether stdout is read by a program; looked up in the raw arguments because parsing itself may have failed.
bool wants_json(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--") return false;
    if (argument == "--json" || argument == "--jsonl") return true;
  }
  return false;
}

/// Relative paths lead nowhere in a folder that is gone, and libraries end the program.
void check_current_folder() {
  std::error_code error;
  [[maybe_unused]] const std::filesystem::path folder = std::filesystem::current_path(error);
  if (error) {
    throw swiftavatar::Failure(ErrorCode::output_unwritable, "the current folder cannot be used (" + error.message() +
                                                                 "); change to one that is there and run again.");
  }
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that went away and a file over a limit are errors of write(), not the end in the middle of a file.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  json = wants_json(argc, argv);
  reserve = std::make_unique<char[]>(size_t{1} << 20);
  std::set_terminate(end);
  CLI::App app{"Turns face photos into editable cartoon avatars.", "swiftavatar"};
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  const std::vector<swiftavatar::cli::Verb> verbs = swiftavatar::cli::setup_verbs(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    const auto chosen = app.get_subcommands();
    const std::string verb = chosen.empty() ? "" : " " + chosen.front()->get_name();
    return fail({ErrorCode::usage, std::string(error.what()) + " (see swiftavatar" + verb + " --help)"});
  }
  try {
    check_current_folder();
    for (const auto& verb : verbs) {
      if (verb.app->parsed()) return verb.run();
    }
    return fail({ErrorCode::internal, "no verb ran; please report this with the command line"});
  } catch (const swiftavatar::cli::ReaderGone&) {
    return swiftavatar::cli::kReaderGoneStatus;
  } catch (...) {
    return fail(in_flight());
  }
}
