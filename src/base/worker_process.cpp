#include "base/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <system_error>
#include <thread>

#include "base/spawn.h"
#include "base/version.h"
#include "base/worker_protocol.h"
#include "swiftavatar/result.h"

namespace swiftavatar {

namespace {

constexpr std::chrono::seconds kStartTime{60};  // loading libraries takes a tenth of a second, but disks may be slow

Failure not_started(const WorkerOptions& options, const std::string& reason, int error = 0) {
  const std::string what =
      options.program.string() + ", which " + options.purpose + ", cannot be started (" + reason + "); ";
  if (error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE) {
    return Failure(ErrorCode::out_of_memory,
                   what + "end other programs, or allow more processes, open files or memory (ulimit -u, -n, -v).");
  }
  return Failure(ErrorCode::internal, what + "install the program again, all of it.");
}

std::mutex weak_mutex;
std::function<void(const std::string&)> tell_of_weak_sandbox;

void tell_once(const WorkerOptions& options, const std::string& sandbox) {
  const std::lock_guard lock(weak_mutex);
  if (!tell_of_weak_sandbox) return;
  tell_of_weak_sandbox(options.program.filename().string() + ", which " + options.purpose +
                       ", runs with limits on memory and files but without the full sandbox: " + sandbox +
                       ". Use it on photos and definitions that you trust, or on a system that lets it use seccomp.");
  tell_of_weak_sandbox = nullptr;
}

}  // namespace

void on_weak_sandbox(std::function<void(const std::string&)> tell) {
  const std::lock_guard lock(weak_mutex);
  tell_of_weak_sandbox = std::move(tell);
}

WorkerProcess::WorkerProcess(const WorkerOptions& options) : options_(options) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    const int error = errno;
    throw not_started(options, std::generic_category().message(error), error);
  }
  socket_ = Descriptor(ends[0]);
  const Descriptor theirs(ends[1]);

  // Libraries' opinions of what they read are no part of the program's output.
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<std::string> words = {options.program.filename().string(), std::to_string(options.memory)};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  // In a group of its own: after Ctrl-C the program finishes what it has in hand.
  const int result = spawn_in_own_group(id_, options.program.c_str(), actions, arguments.data());
  if (result != 0) throw not_started(options, std::generic_category().message(result), result);
  deadline_ = Clock::now() + kStartTime;
}

WorkerProcess::~WorkerProcess() { end(); }

std::optional<WorkerFault> WorkerProcess::ask(const nlohmann::json& head, std::span<const uint8_t> body,
                                              std::chrono::milliseconds time, const TakeAnswer& take) {
  await_ready();
  deadline_ = Clock::now() + time;
  bound_processor_time(time);
  try {
    send_message(head, body);
    receive_message(take);
    return std::nullopt;
  } catch (const Stalled&) {
    return WorkerFault{true, end()};
  } catch (const Gone&) {
  } catch (const BadAnswer&) {
  } catch (const nlohmann::json::exception&) {
  }
  return WorkerFault{false, end()};
}

const std::string& WorkerProcess::sandbox() {
  await_ready();
  return sandbox_;
}

void WorkerProcess::await_ready() {
  if (ready_) return;
  std::string reason;
  try {
    receive_message([this](const nlohmann::json& hello, uint64_t size) -> std::span<uint8_t> {
      const std::string fault = hello.value("error", "");
      if (!fault.empty()) throw Failure(ErrorCode::internal, fault);
      if (size != 0) throw BadAnswer{};
      if (hello.at("version").get<std::string>() != version()) throw not_started(options_, "it is of another version");
      sandbox_ = hello.at("sandbox").get<std::string>();
      if (hello.at("weak").get<bool>()) tell_once(options_, sandbox_);
      return {};
    });
    ready_ = true;
    return;
  } catch (const Stalled&) {
    reason = "it does not answer";
  } catch (const Gone&) {
  } catch (const BadAnswer&) {
    reason = "it does not say its version";
  } catch (const nlohmann::json::exception&) {
    reason = "it does not say its version";
  }
  const std::string ending = end();
  throw not_started(options_, reason.empty() ? ending : reason);
}

/// So that a process that has been taken over does not go on when nobody is left to end it. Beyond what any request
/// that is in time can take.
void WorkerProcess::bound_processor_time(std::chrono::milliseconds time) const {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(id_, &clock) != 0 || clock_gettime(clock, &used) != 0) return;
  const auto seconds = static_cast<rlim_t>(std::chrono::ceil<std::chrono::seconds>(time).count());
  rlimit limit{};
  if (prlimit(id_, RLIMIT_CPU, nullptr, &limit) != 0) return;
  const rlim_t most =
      static_cast<rlim_t>(used.tv_sec) + 2 + seconds * std::max(1U, std::thread::hardware_concurrency());
  limit.rlim_cur = std::min(limit.rlim_max, most);
  prlimit(id_, RLIMIT_CPU, &limit, nullptr);
}

void WorkerProcess::send_message(const nlohmann::json& head, std::span<const uint8_t> body) {
  const std::string text = head.dump();
  const MessageHeader header{body.size(), text.size()};
  std::string message(reinterpret_cast<const char*>(&header), sizeof header);
  message += text;
  send(message.data(), message.size());
  send(body.data(), body.size());
}

void WorkerProcess::receive_message(const TakeAnswer& take) {
  MessageHeader header;
  receive(&header, sizeof header);
  if (header.head > kMaxHead) throw BadAnswer{};
  std::string text(header.head, '\0');
  receive(text.data(), text.size());
  const std::span<uint8_t> body = take(nlohmann::json::parse(text), header.body);
  if (body.size() != header.body) throw BadAnswer{};
  receive(body.data(), body.size());
}

void WorkerProcess::wait_for(short events) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
  if (left <= 0) throw Stalled{};
  pollfd wait{socket_.get(), events, 0};
  if (poll(&wait, 1, static_cast<int>(std::min<long long>(left + 1, 60'000))) < 0 && errno != EINTR) throw Gone{};
}

void WorkerProcess::send(const void* data, size_t size) {
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

void WorkerProcess::receive(void* data, size_t size) {
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

/// Ends the process and says how it had ended, where it had.
std::string WorkerProcess::end() {
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
