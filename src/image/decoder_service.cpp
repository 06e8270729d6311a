#include "image/decoder_service.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "base/version.h"
#include "image/codecs.h"
#include "image/decoder_protocol.h"

namespace swiftavatar {

namespace {

constexpr int kSocket = STDIN_FILENO;
constexpr rlim_t kMostFiles = 32;  // libheif loads plug-ins late
constexpr size_t kMostWarnings = 50;

/// The other end has closed.
class Gone {};

void send_all(const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t count = ::send(kSocket, at, size, MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR) throw Gone{};
    if (count < 0) continue;
    at += count;
    size -= static_cast<size_t>(count);
  }
}

void receive_all(void* data, size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t count = ::recv(kSocket, at, size, 0);
    if (count == 0 || (count < 0 && errno != EINTR)) throw Gone{};
    if (count < 0) continue;
    at += count;
    size -= static_cast<size_t>(count);
  }
}

void answer(const nlohmann::json& json) {
  const std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const AnswerHeader header{static_cast<uint32_t>(text.size())};
  send_all(&header, sizeof header);
  send_all(text.data(), text.size());
}

void answer(Result<DecodedImage> result) {
  if (!result.ok()) {
    answer(nlohmann::json{{"code", to_string(result.error().code)}, {"message", result.error().message}});
    return;
  }
  DecodedImage& image = result.value();
  if (!image.rgb.isContinuous()) image.rgb = image.rgb.clone();
  image.warnings.resize(std::min(image.warnings.size(), kMostWarnings));
  answer(nlohmann::json{{"rows", image.rgb.rows},
                        {"columns", image.rgb.cols},
                        {"format", static_cast<int>(image.info.format)},
                        {"width", image.info.width},
                        {"height", image.info.height},
                        {"orientation", image.info.orientation},
                        {"warnings", image.warnings}});
  send_all(image.rgb.data, image.rgb.total() * image.rgb.elemSize());
}

/// Bytes of address space that the process has; 0 where the system does not tell.
size_t address_space() {
  size_t pages = 0;
  if (std::FILE* const file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%zu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

void lower_limit(__rlimit_resource resource, rlim_t most) {
  rlimit limit{};
  getrlimit(resource, &limit);
  limit.rlim_max = std::min(limit.rlim_max, most);
  limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
  setrlimit(resource, &limit);
}

void give_up_what_is_not_needed(size_t memory) {
  std::signal(SIGXFSZ, SIG_IGN);  // a write to a file fails, and the photo with it
  lower_limit(RLIMIT_FSIZE, 0);
  lower_limit(RLIMIT_CORE, 0);
  lower_limit(RLIMIT_NOFILE, kMostFiles);
  lower_limit(RLIMIT_AS, address_space() + memory);
}

/// A process that stalls in an image does not see that nobody waits for it any more. PR_SET_PDEATHSIG would not do: it
/// follows the thread that started the process, not its program.
void die_with_the_program() {
  std::thread([] {
    pollfd wait{kSocket, 0, 0};
    while (poll(&wait, 1, -1) < 0 && errno == EINTR) {
    }
    _exit(0);
  }).detach();
}

std::vector<uint8_t> receive_bytes(const DecodeRequest& request) {
  if (request.bytes > request.limits.max_bytes) throw Gone{};
  std::vector<uint8_t> bytes(request.bytes);
  receive_all(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

int serve_decoder(size_t memory, const DecodeFunction& decode) {
  try {
    close_range(STDERR_FILENO + 1, ~0U, 0);  // what the program had left open
    die_with_the_program();
    cv::setNumThreads(1);  // several photos are decoded at the same time instead
    try {
      load_codecs();
    } catch (const Failure& failure) {
      answer(nlohmann::json{{"error", failure.error().message}});
      return 1;
    }
    give_up_what_is_not_needed(memory);
    answer(nlohmann::json{{"version", version()}});
    while (true) {
      DecodeRequest request;
      receive_all(&request, sizeof request);
      answer(decode(receive_bytes(request), request.limits));
    }
  } catch (const Gone&) {
    _exit(0);
  }
}

int decoder_main(int argc, char** argv, const DecodeFunction& decode) {
  size_t memory = 0;
  const std::string_view text = argc == 2 ? argv[1] : "";
  int type = 0;
  socklen_t length = sizeof type;
  const bool numeric =
      !text.empty() && std::from_chars(text.data(), text.data() + text.size(), memory).ec == std::errc{};
  if (!numeric || getsockopt(kSocket, SOL_SOCKET, SO_TYPE, &type, &length) != 0) {
    std::fputs("swiftavatar-decode reads photos for swiftavatar, which starts it; use that.\n", stderr);
    return 2;
  }
  return serve_decoder(memory, decode);
}

}  // namespace swiftavatar
