#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>

#include <spdlog/spdlog.h>

namespace swiftavatar::cli {
namespace {

std::atomic<bool> line_drawn = false;  // also asked by whoever writes to the log

constexpr std::chrono::seconds kEvery(10);

/// Control characters of a file name would move the cursor.
std::string printable(std::string name) {
  constexpr size_t kLongest = 60;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return name.size() > kLongest ? "..." + name.substr(name.size() - kLongest) : name;
}

}  // namespace

Progress::Progress(size_t total, bool quiet) : total_(total), quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

std::string Progress::text(size_t done, size_t failed) const {
  std::string text = failed > 0 ? ", " + std::to_string(failed) + " failed" : "";
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  if (done < 3 || seconds <= 0) return text;  // too early to tell
  const double rate = static_cast<double>(done) / seconds, left = static_cast<double>(total_ - done) / rate;
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, left < 90 ? ", %.1f photos/s, %.0f s left" : ", %.1f photos/s, %.0f min left",
                rate, left < 90 ? left : left / 60);
  return text + numbers;
}

void Progress::show(size_t done, size_t failed, const std::string& name) {
  if (quiet_ || total_ < 2) return;
  if (terminal_) {
    clear_line();
    std::fprintf(stderr, "[%zu/%zu] %s%s", done, total_, printable(name).c_str(), text(done, failed).c_str());
    std::fflush(stderr);
    line_drawn = true;
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - said_ < kEvery) return;
  said_ = now;
  spdlog::info("{} of {} photos{}", done, total_, text(done, failed));
}

void Progress::clear_line() {
  if (!line_drawn) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  line_drawn = false;
}

}  // namespace swiftavatar::cli
