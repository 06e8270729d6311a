#pragma once
// How far a run is: one line on a terminal, elsewhere a line in the log now and then.

#include <chrono>
#include <cstddef>
#include <string>

namespace swiftavatar::cli {

/// Draws "[3/192] photo.jpg, 2 failed, 8.9 photos/s, 21 s left" over itself on stderr. Where stderr is no terminal,
/// says the same in the log every ten seconds, so that whoever reads it sees that the run lives. Only one thread at a
/// time may call.
class Progress {
 public:
  Progress(size_t total, bool quiet);
  ~Progress() { clear_line(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// After an item: `done` items lie behind, `name` is the last one.
  void show(size_t done, size_t failed, const std::string& name);

  /// Takes the line away, if there is one, so that something else can be written.
  static void clear_line();

 private:
  std::string text(size_t done, size_t failed) const;

  size_t total_;
  bool quiet_, terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), said_ = start_;
};

}  // namespace swiftavatar::cli
