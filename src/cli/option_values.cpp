#include "cli/option_values.h"

#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdio>

#include "swiftavatar/result.h"

namespace swiftavatar::cli {

namespace {

std::string refuse(const std::string& wanted, const std::string& given) {
  return "give " + wanted + ", not \"" + given + "\"";
}

template <class T>
bool parses_to(const std::string& text, T& value) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end && !text.empty();
}

std::string text_of(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

}  // namespace

CLI::Validator whole_number(uint64_t least, uint64_t most) {
  const std::string range = std::to_string(least) + " to " + std::to_string(most);
  const auto check = [=](std::string& text) {
    uint64_t value = 0;
    if (!parses_to(text, value) || value < least || value > most) return refuse("a whole number from " + range, text);
    text = std::to_string(value);
    return std::string();
  };
  return {check, range};
}

CLI::Validator number(double least, double most) {
  const std::string range = text_of(least) + " to " + text_of(most);
  const auto check = [=](std::string& text) {
    double value = 0;
    if (!parses_to(text, value) || !(value >= least && value <= most)) return refuse("a number from " + range, text);
    return std::string();
  };
  return {check, range};
}

void refuse_empty_values(CLI::App& app) {
  static const CLI::Validator filled(
      [](std::string& text) { return std::string(text.empty() ? "the value is empty" : ""); }, "");
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() > 0 && option->get_name() != "photos") option->check(filled);
  }
  for (CLI::App* verb : app.get_subcommands({})) refuse_empty_values(*verb);
}

void check_output_file(const std::filesystem::path& file) {
  struct stat status {};
  const bool longer = file.filename().native().size() > NAME_MAX;  // also in a folder that is still to be made
  if (longer || ::lstat(file.c_str(), &status) != 0) {
    if (longer || errno == ENAMETOOLONG) {
      throw Failure(ErrorCode::output_unwritable,
                    "-o " + file.string() + ": cannot be written (the name is too long); give a shorter one.");
    }
  } else if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
    throw Failure(ErrorCode::usage, "-o " + file.string() + ": this is " +
                                        (S_ISDIR(status.st_mode) ? "a folder" : "a pipe, a socket or a device") +
                                        "; name a file.");
  }
}

}  // namespace swiftavatar::cli
