#include "base/worker_service.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <thread>

#include "base/sandbox.h"
#include "base/version.h"
#include "base/worker_protocol.h"
#include "swiftavatar/result.h"

namespace swiftavatar {

namespace {

constexpr int kSocket = STDIN_FILENO;

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

void reply(const nlohmann::json& head, std::span<const uint8_t> body) {
  const std::string text = head.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const MessageHeader header{body.size(), text.size()};
  std::string message(reinterpret_cast<const char*>(&header), sizeof header);
  message += text;
  send_all(message.data(), message.size());
  send_all(body.data(), body.size());
}

void answer_one(const WorkerDuty& duty) {
  MessageHeader header;
  receive_all(&header, sizeof header);
  std::string head(header.head, '\0');
  std::vector<uint8_t> body(header.body);
  receive_all(head.data(), head.size());
  receive_all(body.data(), body.size());
  duty.answer(nlohmann::json::parse(head), std::move(body), reply);
}

/// A process that stalls does not see that nobody waits for it any more. PR_SET_PDEATHSIG would not do: it follows the
/// thread that started the process, not its program.
void die_with_the_program() {
  std::thread([] {
    pollfd wait{kSocket, 0, 0};
    while (poll(&wait, 1, -1) < 0 && errno == EINTR) {
    }
    _exit(0);
  }).detach();
}

int serve(size_t memory, const WorkerDuty& duty) {
  try {
    close_range(STDERR_FILENO + 1, ~0U, 0);  // what the program had left open
    try {
      duty.prepare();
    } catch (const Failure& failure) {
      reply({{"error", failure.error().message}}, {});
      return 1;
    }
    close_range(STDERR_FILENO + 1, ~0U, 0);  // what libraries have left open
    const Sandbox sandbox = enter_sandbox(memory);
    die_with_the_program();  // after it, so that the thread has no more than the others
    reply({{"version", version()}, {"sandbox", sandbox.text()}, {"weak", !sandbox.seccomp}}, {});
    while (true) answer_one(duty);
  } catch (const Gone&) {
    _exit(0);
  }
}

}  // namespace

int worker_main(int argc, char** argv, const WorkerDuty& duty) {
  size_t memory = 0;
  const std::string_view text = argc >= 2 ? argv[1] : "";
  int type = 0;
  socklen_t length = sizeof type;
  const bool numeric =
      !text.empty() && std::from_chars(text.data(), text.data() + text.size(), memory).ec == std::errc{};
  if (!numeric || getsockopt(kSocket, SOL_SOCKET, SO_TYPE, &type, &length) != 0) {
    std::fprintf(stderr, "%s %s for swiftavatar, which starts it; use that.\n", duty.name.c_str(),
                 duty.purpose.c_str());
    return 2;
  }
  return serve(memory, duty);
}

}  // namespace swiftavatar
