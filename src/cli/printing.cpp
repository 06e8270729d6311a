#include "cli/printing.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace swiftavatar::cli {

void write_line(int descriptor, std::string_view text, const std::string& name) {
  std::string line(text);
  line += '\n';
  for (size_t at = 0; at < line.size();) {
    const ssize_t written = ::write(descriptor, line.data() + at, line.size() - at);
    if (written > 0) {
      at += static_cast<size_t>(written);
    } else if (errno == EPIPE && descriptor == STDOUT_FILENO) {
      throw ReaderGone();
    } else if (errno != EINTR) {
      throw Failure(errno == ENOSPC || errno == EDQUOT ? ErrorCode::disk_full : ErrorCode::output_unwritable,
                    name + " cannot be written (" + std::generic_category().message(errno) + ").");
    }
  }
}

void print_result(std::string_view text) { write_line(STDOUT_FILENO, text, "standard output"); }

Descriptor open_lines_file(const std::filesystem::path& file, const std::string& name) {
  Descriptor opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666));
  if (!opened.is_open()) {
    const std::string why = errno == ENXIO ? "nobody reads this pipe" : std::generic_category().message(errno);
    throw Failure(ErrorCode::output_unwritable,
                  name + " cannot be written (" + why + "); check its folder and permissions.");
  }
  ::fcntl(opened.get(), F_SETFL, ::fcntl(opened.get(), F_GETFL) & ~O_NONBLOCK);  // writing waits for the reader
  return opened;
}

void must_succeed(const std::optional<Error>& error) {
  if (error) throw Failure(*error);
}

std::string json_text(const nlohmann::ordered_json& json, bool indent) {
  return json.dump(indent ? 2 : -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

nlohmann::ordered_json run_failure(const Error& error) {
  return {{"schema", "swiftavatar.run/1"},
          {"results", nlohmann::ordered_json::array()},
          {"summary", nullptr},
          {"error", {{"code", to_string(error.code)}, {"message", error.message}}}};
}

}  // namespace swiftavatar::cli
