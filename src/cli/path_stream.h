#pragma once
// Paths that come through a pipe while the work goes on.

#include <string>
#include <vector>

namespace swiftavatar::cli {

/// Reads paths from a descriptor, one a line or, with `nul`, each ended by NUL. As split_list, but UTF-16 is refused,
/// and a path that holds NUL is handed on: it names no file, which is that photo's error and not the stream's.
class PathStream {
 public:
  PathStream(int descriptor, bool nul) : descriptor_(descriptor), end_(nul ? '\0' : '\n') {}

  /// Waits for paths and returns all that have come whole by then, at least one. Empty: the stream has ended (its last
  /// path may lack the end mark), or a signal has asked to stop. Throws Failure usage where it cannot be read, or where
  /// a path is longer than any that the system takes.
  std::vector<std::string> next();

 private:
  std::vector<std::string> take_whole(bool last);

  int descriptor_;
  char end_;
  bool at_start_ = true;
  std::string buffer_;
};

}  // namespace swiftavatar::cli
