// Stands in for swiftavatar-decode, and does what hostile pictures would make it do: those that end with the word
// below.
//   crash: dies of a signal;  exit: ends with status 9;  stall: never answers;  hungry: asks for memory without end;
//   nonsense: an answer that is no JSON;  huge: an answer of a picture beyond all limits;  gives up: an answer cut
//   short; curious: a photo whose decoder opens files, or writes to one.

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "image/decode.h"
#include "image/decoder_protocol.h"
#include "image/decoder_service.h"

using namespace swiftavatar;

namespace {

void answer(const std::string& text, uint32_t length) {
  const AnswerHeader header{length};
  send(0, &header, sizeof header, 0);
  send(0, text.data(), text.size(), 0);
}

/// What a decoder may still do, as an error's message.
Error powers() {
  rlimit core{}, files{}, space{};
  getrlimit(RLIMIT_CORE, &core);
  getrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_AS, &space);
  const int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  const bool writes = file >= 0 && write(file, "x", 1) == 1;
  int open_files = 0;
  for (int i = 3; i < 1024; ++i) open_files += i != file && fcntl(i, F_GETFD) >= 0;
  return {ErrorCode::not_an_image, "core " + std::to_string(core.rlim_max) + ", files " +
                                       std::to_string(files.rlim_max) + ", memory " +
                                       (space.rlim_max == RLIM_INFINITY ? "any" : "bounded") + ", writes " +
                                       (writes ? "yes" : "no") + ", left open " + std::to_string(open_files)};
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
  return decode_unnamed(bytes, limits);
}

}  // namespace

int main(int argc, char** argv) { return decoder_main(argc, argv, misbehave); }
