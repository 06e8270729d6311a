#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace swiftavatar::cli {
namespace {

bool line_drawn = false;

/// Control characters of a file name would move the cursor.
std::string printable(std::string name) {
  constexpr size_t kLongest = 60;
  std::replace_if(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return name.size() > kLongest ? "..." + name.substr(name.size() - kLongest) : name;
}

}  // namespace

Progress::Progress(size_t total, bool quiet) : total_(total), visible_(!quiet && isatty(STDERR_FILENO) == 1) {}

void Progress::show(size_t done, size_t failed, const std::string& name) {
  if (!visible_) return;
  clear_line();
  std::fprintf(stderr, "[%zu/%zu] %s", done + 1, total_, printable(name).c_str());
  if (failed > 0) std::fprintf(stderr, ", %zu failed", failed);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  if (done >= 3) {
    const double left = seconds / static_cast<double>(done) * static_cast<double>(total_ - done);
    std::fprintf(stderr, left < 90 ? ", %.0f s left" : ", %.0f min left", left < 90 ? left : left / 60);
  }
  std::fflush(stderr);
  line_drawn = true;
}

void Progress::clear_line() {
  if (!line_drawn) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  line_drawn = false;
}

}  // namespace swiftavatar::cli
