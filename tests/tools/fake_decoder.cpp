// Stands in for swiftavatar-decode, and does what hostile pictures would make it do: those that end with the word
// below.
//   crash: dies of a signal;  exit: ends with status 9;  stall: never answers;  hungry: asks for memory without end;
//   nonsense: an answer that is no JSON;  huge: an answer of a picture beyond all limits;  gives up: an answer cut
//   short; curious: says what it may use; escape: tries each way out of the sandbox, and says how it went.
// With the argument "escape" it tries them without a sandbox.

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/worker_protocol.h"
#include "escape.h"
#include "image/decode.h"
#include "image/decoder_service.h"

using namespace swiftavatar;

namespace {

void answer(const std::string& text, uint64_t length) {
  const MessageHeader header{0, length};
  send(0, &header, sizeof header, 0);
  send(0, text.data(), text.size(), 0);
}

/// What the process may still use, as an error's message.
Error powers() {
  rlimit core{}, files{}, space{}, written{};
  getrlimit(RLIMIT_CORE, &core);
  getrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_AS, &space);
  getrlimit(RLIMIT_FSIZE, &written);
  int open_files = 0;
  for (int i = 3; i < 1024; ++i) open_files += lseek(i, 0, SEEK_CUR) != -1 || errno != EBADF;
  return {ErrorCode::not_an_image,
          "core " + std::to_string(core.rlim_max) + ", files " + std::to_string(files.rlim_max) + ", written " +
              std::to_string(written.rlim_max) + ", memory " + (space.rlim_max == RLIM_INFINITY ? "any" : "bounded") +
              ", left open " + std::to_string(open_files)};
}

Result<DecodedImage> misbehave(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.ends_with("crash")) {
    std::signal(SIGSEGV, SIG_DFL);  // a sanitizer's own handler would end with a status
    std::raise(SIGSEGV);
  }
  if (text.ends_with("exit")) _exit(9);
  if (text.ends_with("stall")) {
    while (true) pause();
  }
  if (text.ends_with("hungry")) {
    std::vector<std::vector<uint8_t>> eaten;
    while (true) eaten.emplace_back(size_t{16} << 20);
  }
  if (text.ends_with("nonsense")) answer("{no JSON", 8);
  if (text.ends_with("huge")) {
    answer(R"({"rows":2000000000,"columns":2000000000,"format":0,"width":1,"height":1,"orientation":1,"warnings":[]})",
           102);
  }
  if (text.ends_with("gives up")) {
    answer("{", 100);
    _exit(0);
  }
  if (text.ends_with("curious")) return powers();
  if (text.ends_with("escape")) return Error{ErrorCode::not_an_image, try_to_escape()};
  return decode_unnamed(bytes, limits);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "escape") return std::puts(try_to_escape().c_str()) < 0;
  if (argc > 1) keep_a_file_open();
  return decoder_main(argc, argv, misbehave);
}
