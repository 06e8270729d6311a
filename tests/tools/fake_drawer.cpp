// Stands in for swiftavatar-draw, and does what hostile definitions would make it do: SVG with the word below in it.
//   crash: dies of a signal;  stall: never answers;  hungry: asks for memory without end;  huge: a picture of another
//   size than was asked for;  escape: tries each way out of the sandbox, and says how it went.

#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "draw/service.h"
#include "escape.h"

using namespace swiftavatar;

namespace {

Result<Picture> misbehave(const std::string& svg, int size) {
  const auto says = [&svg](const char* word) { return svg.find(word) != std::string::npos; };
  if (says("crash")) {
    std::signal(SIGSEGV, SIG_DFL);  // a sanitizer's own handler would end with a status
    std::raise(SIGSEGV);
  }
  while (says("stall")) pause();
  if (says("hungry")) {
    std::vector<std::vector<uint8_t>> eaten;
    while (true) eaten.emplace_back(size_t{16} << 20);
  }
  if (says("huge")) return Picture{2 * size, size, std::vector<uint8_t>(size_t{8} * size * size)};
  if (says("escape")) return Error{ErrorCode::render_failed, try_to_escape()};
  return rasterise(svg, size);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) keep_a_file_open();
  return drawer_main(argc, argv, misbehave);
}
