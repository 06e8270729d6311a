#include "base/threads.h"

#include <latch>
#include <system_error>
#include <thread>
#include <vector>

namespace swiftavatar {

size_t startable_threads(size_t wanted) {
  std::latch end(1);
  std::vector<std::jthread> threads;
  threads.reserve(wanted);
  try {
    while (threads.size() < wanted) threads.emplace_back([&end] { end.wait(); });
  } catch (const std::system_error&) {
  }
  const size_t started = threads.size();
  end.count_down();
  threads.clear();  // joins, while the latch is there
  return started;
}

}  // namespace swiftavatar
