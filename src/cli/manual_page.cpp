#include "base/version.h"
#include "cli/completion.h"

namespace swiftavatar::cli {

namespace {

/// Text as roff takes it: hyphens stay hyphens, and no line starts a request.
std::string roff(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\') {
      safe += "\\e";
    } else if (c == '-') {
      safe += "\\-";
    } else {
      if ((c == '.' || c == '\'') && (safe.empty() || safe.back() == '\n')) safe += "\\&";
      safe += c;
    }
  }
  return safe;
}

void describe(const CommandOption& option, const std::string& positional, std::string& page) {
  page += ".TP\n";
  std::string heads;
  for (const std::string& name : option.names) heads += (heads.empty() ? "" : ", ") + ("\\fB" + roff(name) + "\\fR");
  if (option.names.empty()) heads = "\\fI" + roff(positional) + "\\fR";
  if (!option.names.empty() && !option.argument.empty()) heads += " \\fI" + roff(option.argument) + "\\fR";
  page += heads + "\n" + roff(option.help);
  if (!option.initial.empty()) page += " (default: " + roff(option.initial) + ")";
  if (option.required && !option.names.empty()) page += " (required)";
  page += "\n";
}

void describe(const Command& command, std::string& page) {
  if (!command.name.empty() && command.verbs.empty()) {
    page += ".SS \"" + roff(command.name) + "\"\n" + roff(command.help) + ".\n";
    for (const CommandOption& positional : command.positionals) describe(positional, positional.argument, page);
    for (const CommandOption& option : command.options) {
      if (option.names.back() != "--help") describe(option, "", page);
    }
    if (!command.footer.empty()) page += ".PP\n.nf\n" + roff(command.footer) + "\n.fi\n";
  }
  for (const Command& verb : command.verbs) describe(verb, page);
}

}  // namespace

std::string manual_page(const Command& program) {
  std::string page = ".TH SWIFTAVATAR 1 \"\" \"swiftavatar " + std::string(version()) +
                     "\" \"User Commands\"\n"
                     ".SH NAME\nswiftavatar \\- face photos to editable cartoon avatars\n"
                     ".SH SYNOPSIS\n.B swiftavatar\n.I VERB\n.RI [ OPTIONS ]\n"
                     ".SH DESCRIPTION\n" +
                     roff(program.help) +
                     "\n.PP\nstdout carries only the result; progress and log go to stderr.\n"
                     ".SH VERBS\n";
  describe(program, page);
  page +=
      ".SH \"EXIT STATUS\"\n0 done; 1 some photos failed; 2 usage; 3 model or engine missing or wrong; 4 no such "
      "device; "
      "5 output cannot be written; 70 internal error; 130 and 143 interrupted; 141 stdout was closed by its reader.\n";
  return page;
}

}  // namespace swiftavatar::cli
