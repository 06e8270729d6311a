#pragma once
// One line on a terminal that says how far a run is.

#include <chrono>
#include <cstddef>
#include <string>

namespace swiftavatar::cli {

/// Draws "[3/192] photo.jpg, 2 failed, 1 min left" over itself on stderr; silent when stderr is no terminal.
class Progress {
 public:
  Progress(size_t total, bool quiet);
  ~Progress() { clear_line(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Before an item: `done` items lie behind.
  void show(size_t done, size_t failed, const std::string& name);

  /// Takes the line away, if there is one, so that something else can be written.
  static void clear_line();

 private:
  size_t total_;
  bool visible_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace swiftavatar::cli
