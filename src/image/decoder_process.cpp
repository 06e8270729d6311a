#include "image/decoder_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <system_error>

#include <nlohmann/json.hpp>

#include "base/spawn.h"
#include "base/version.h"
#include "image/decoder_protocol.h"

namespace swiftavatar {

namespace {

constexpr std::chrono::seconds kStartTime{
    60};  // loading its libraries takes a tenth of a second, but disks may be slow

Failure not_started(const DecoderOptions& options, const std::string& reason) {
  return Failure(ErrorCode::internal, options.program.string() + ", which reads photos, cannot be started (" + reason +
                                          "); install the program again, all of it.");
}

std::optional<ErrorCode> item_code(const std::string& name) {
  for (int i = 0; exit_status(static_cast<ErrorCode>(i)) == 1; ++i) {
    if (to_string(static_cast<ErrorCode>(i)) == name) return static_cast<ErrorCode>(i);
  }
  return std::nullopt;
}

std::string seconds_text(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", static_cast<double>(time.count()) / 1000);
  return text;
}

}  // namespace

DecoderProcess::DecoderProcess(const DecoderOptions& options) : options_(options) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw not_started(options, std::generic_category().message(errno));
  }
  socket_ = Descriptor(ends[0]);
  const Descriptor theirs(ends[1]);

  // Decoders' opinions of photos are no part of the program's output.
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = "swiftavatar-decode", memory = std::to_string(options.memory);
  std::array<char*, 3> arguments = {name.data(), memory.data(), nullptr};
  // In a group of its own: after Ctrl-C the program finishes what it has in hand.
  const int result = spawn_in_own_group(id_, options.program.c_str(), actions, arguments.data());
  if (result != 0) throw not_started(options, std::generic_category().message(result));
  deadline_ = Clock::now() + kStartTime;
}

DecoderProcess::~DecoderProcess() { end(); }

Result<DecodedImage> DecoderProcess::decode(std::span<const uint8_t> bytes) {
  await_ready();
  deadline_ = Clock::now() + options_.time;
  try {
    return converse(bytes);
  } catch (const Stalled&) {
    end();
    return Error{ErrorCode::timeout, "was not decoded within " + seconds_text(options_.time) +
                                         "; give a smaller picture or another copy of the photo."};
  } catch (const Gone&) {
  } catch (const nlohmann::json::exception&) {
  }
  return Error{ErrorCode::crashed, "made the decoder crash (" + end() + "); give another copy of the photo."};
}

void DecoderProcess::await_ready() {
  if (ready_) return;
  std::string reason;
  try {
    const auto hello = nlohmann::json::parse(receive_text());
    const std::string fault = hello.value("error", "");
    if (!fault.empty()) throw Failure(ErrorCode::internal, fault);
    if (hello.at("version").get<std::string>() != version()) throw not_started(options_, "it is of another version");
    ready_ = true;
    return;
  } catch (const Stalled&) {
    reason = "it does not answer";
  } catch (const Gone&) {
  } catch (const nlohmann::json::exception&) {
    reason = "it does not say its version";
  }
  const std::string ending = end();
  throw not_started(options_, reason.empty() ? ending : reason);
}

Result<DecodedImage> DecoderProcess::converse(std::span<const uint8_t> bytes) {
  const DecodeRequest request{bytes.size(), options_.limits};
  send(&request, sizeof request);
  send(bytes.data(), bytes.size());
  const auto answer = nlohmann::json::parse(receive_text());
  if (answer.contains("code")) {
    const auto code = item_code(answer["code"].get<std::string>());
    if (!code) throw Gone{};
    return Error{*code, answer.at("message").get<std::string>()};
  }
  const auto number = [&](const char* name, int64_t least, int64_t most) {
    const auto value = answer.at(name).get<int64_t>();
    if (value < least || value > most) throw Gone{};
    return static_cast<int>(value);
  };
  const DecodeLimits& limits = options_.limits;
  DecodedImage image;
  image.info.format = static_cast<ImageFormat>(number("format", 0, static_cast<int>(ImageFormat::heif)));
  image.info.width = number("width", 1, limits.max_side);
  image.info.height = number("height", 1, limits.max_side);
  image.info.orientation = number("orientation", 1, 8);
  image.warnings = answer.at("warnings").get<std::vector<std::string>>();
  const int rows = number("rows", 1, limits.max_side), columns = number("columns", 1, limits.max_side);
  if (int64_t{rows} * columns > limits.max_pixels) throw Gone{};
  image.rgb.create(rows, columns, CV_8UC3);
  receive(image.rgb.data, image.rgb.total() * image.rgb.elemSize());
  return image;
}

void DecoderProcess::wait_for(short events) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
  if (left <= 0) throw Stalled{};
  pollfd wait{socket_.get(), events, 0};
  if (poll(&wait, 1, static_cast<int>(std::min<long long>(left + 1, 60'000))) < 0 && errno != EINTR) throw Gone{};
}

void DecoderProcess::send(const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t count = ::send(socket_.get(), at, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      at += count;
      size -= static_cast<size_t>(count);
    } else if (errno == EAGAIN || errno == EINTR) {
      wait_for(POLLOUT);
    } else {
      throw Gone{};
    }
  }
}

void DecoderProcess::receive(void* data, size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t count = ::recv(socket_.get(), at, size, MSG_DONTWAIT);
    if (count > 0) {
      at += count;
      size -= static_cast<size_t>(count);
    } else if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
      wait_for(POLLIN);
    } else {
      throw Gone{};
    }
  }
}

std::string DecoderProcess::receive_text() {
  AnswerHeader header;
  receive(&header, sizeof header);
  if (header.text > kMaxAnswerText) throw Gone{};
  std::string text(header.text, '\0');
  receive(text.data(), text.size());
  return text;
}

/// Ends the process and says how it had ended, where it had.
std::string DecoderProcess::end() {
  socket_.close();
  if (id_ <= 0) return "it is gone";
  // One that closed its end has ended or is about to: how, is worth a moment.
  siginfo_t info{};
  for (int i = 0;
       i < 50 && waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
       ++i) {
    poll(nullptr, 0, 2);
  }
  kill(-id_, SIGKILL);
  kill(id_, SIGKILL);
  int status = 0;
  while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  id_ = 0;
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status)) + ", " + strsignal(WTERMSIG(status));
  return "status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace swiftavatar
