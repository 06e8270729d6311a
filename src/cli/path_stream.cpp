#include "cli/path_stream.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <system_error>

#include "cli/interrupt.h"
#include "cli/path_list.h"
#include "swiftavatar/result.h"

namespace swiftavatar::cli {
namespace {

[[noreturn]] void cannot_be_read(const std::string& why) {
  throw Failure(ErrorCode::usage, "--files-from standard input: " + why + ".");
}

}  // namespace

std::vector<std::string> PathStream::take_whole(bool last) {
  if (end_ == '\n' && at_start_ && (last || buffer_.size() >= kUtf8Mark.size() || buffer_.ends_with(end_))) {
    if (starts_as_utf16(buffer_)) cannot_be_read("the list is UTF-16; write it as UTF-8");
    if (buffer_.starts_with(kUtf8Mark)) buffer_.erase(0, kUtf8Mark.size());
    at_start_ = false;
  }
  if (last && !buffer_.empty()) buffer_ += end_;
  std::vector<std::string> paths;
  size_t start = 0;
  for (size_t end; (end = buffer_.find(end_, start)) != std::string::npos; start = end + 1) {
    std::string_view path(buffer_.data() + start, end - start);
    if (end_ == '\n') path = without_cr(path);
    if (!path.empty()) paths.emplace_back(path);
  }
  buffer_.erase(0, start);
  if (buffer_.size() > PATH_MAX)
    cannot_be_read("a path is longer than any file's; end each with a line feed (or NUL, with -0)");
  return paths;
}

std::vector<std::string> PathStream::next() {
  while (interrupt_signal() == 0) {
    pollfd wait{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, -1) < 0) {  // unlike read(), a signal always ends it
      if (errno == EINTR) continue;
      cannot_be_read(std::generic_category().message(errno));
    }
    char piece[1 << 16];  // what a pipe holds
    const ssize_t got = ::read(descriptor_, piece, sizeof piece);
    if (got < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      cannot_be_read(std::generic_category().message(errno));
    }
    buffer_.append(piece, static_cast<size_t>(got));
    if (auto paths = take_whole(got == 0); got == 0 || !paths.empty()) return paths;
  }
  return {};
}

}  // namespace swiftavatar::cli
