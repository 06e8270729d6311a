#include "base/run_command.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "base/spawn.h"

namespace swiftavatar {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kErrorTail = 8192;  // of stderr, that is kept to find its last line
constexpr size_t kErrorLine = 300;

[[noreturn]] void fail(const std::string& what, int error) {
  throw Failure(ErrorCode::io_error,
                "the command cannot be started: " + what + " (" + std::generic_category().message(error) + ")");
}

struct Pipe {
  Descriptor read, write;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail("no pipe", errno);
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
  }
};

void never_wait(const Descriptor& descriptor) {
  fcntl(descriptor.get(), F_SETFL, fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

std::string last_line(const std::string& text) {
  std::string line;
  size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return line;
  const size_t start = text.find_last_of('\n', end);
  line = text.substr(start == std::string::npos ? 0 : start + 1, std::string::npos);
  line.resize(std::min(line.size(), line.find_last_not_of(" \t\r\n") + 1));
  if (line.size() > kErrorLine) line.resize(kErrorLine);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return line;
}

/// A running command.
class Process {
 public:
  Process(const std::string& command, std::string_view input, const CommandLimits& limits)
      : input_(input), limits_(limits), deadline_(Clock::now() + limits.time) {
    Pipe in, out, error;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.read.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, error.write.get(), STDERR_FILENO);
    std::array<char*, 4> arguments = {const_cast<char*>("sh"), const_cast<char*>("-c"),
                                      const_cast<char*>(command.c_str()), nullptr};
    const int result = spawn_in_own_group(id_, "/bin/sh", actions, arguments.data());
    if (result != 0) fail("/bin/sh", result);
    in_ = std::move(in.write);
    out_ = std::move(out.read);
    error_ = std::move(error.read);
    for (const Descriptor* descriptor : {&in_, &out_, &error_}) never_wait(*descriptor);
  }

  ~Process() { reap(); }

  CommandResult finish() {
    if (input_.empty()) in_.close();
    while (!over_ && (out_.is_open() || !has_ended())) {
      exchange();
      if (has_ended()) kill(-id_, SIGKILL);  // what it left behind may hold the pipe open
    }
    const int status = reap();
    if (error_.is_open()) read(error_, errors_);
    CommandResult result;
    result.end = over_ ? *over_ : WIFEXITED(status) ? CommandResult::End::exited : CommandResult::End::killed;
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    result.output.assign(output_.begin(), output_.end());
    result.last_error = last_line(errors_);
    return result;
  }

 private:
  // Waits until something can be written or read, and does it.
  void exchange() {
    std::array<pollfd, 3> waits = {pollfd{in_.get(), POLLOUT, 0}, pollfd{out_.get(), POLLIN, 0},
                                   pollfd{error_.get(), POLLIN, 0}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    if (left <= 0) {
      over_ = CommandResult::End::timed_out;
      return;
    }
    // That the command has ended is seen between two polls; its output's end comes with it, and wakes poll, if it is
    // open.
    const int most = out_.is_open() ? 50 : 5;
    if (poll(waits.data(), waits.size(), static_cast<int>(std::min<long long>(left + 1, most))) < 0 && errno != EINTR) {
      fail("poll", errno);
    }
    if (waits[0].revents) write();
    if (waits[1].revents) read(out_, output_);
    if (waits[2].revents) {
      read(error_, errors_);
      if (errors_.size() > 2 * kErrorTail) errors_.erase(0, errors_.size() - kErrorTail);
    }
    if (output_.size() > limits_.output_bytes) over_ = CommandResult::End::too_much_output;
  }

  void write() {
    const ssize_t written = write_without_signal();
    if (written > 0) input_.remove_prefix(static_cast<size_t>(written));
    // A command that does not read its input closes the pipe; what it draws counts all the same.
    if (input_.empty() || (written < 0 && errno != EAGAIN && errno != EINTR)) in_.close();
  }

  // A closed pipe is an error here, not the end of the program, whatever SIGPIPE does in it.
  ssize_t write_without_signal() const {
    sigset_t signal, before;
    sigemptyset(&signal);
    sigaddset(&signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signal, &before);
    const ssize_t written = ::write(in_.get(), input_.data(), input_.size());
    const int error = errno;
    constexpr timespec kNow{0, 0};
    if (written < 0 && error == EPIPE && !sigismember(&before, SIGPIPE)) sigtimedwait(&signal, nullptr, &kNow);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return written;
  }

  static void read(Descriptor& from, std::string& text) {
    std::array<char, 65536> buffer;
    const ssize_t count = ::read(from.get(), buffer.data(), buffer.size());
    if (count > 0)
      text.append(buffer.data(), static_cast<size_t>(count));
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
      from.close();
  }

  bool has_ended() const {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == id_;
  }

  // Kills what is left of the group before its number can be given to another one.
  int reap() {
    if (id_ <= 0) return 0;
    kill(-id_, SIGKILL);
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = 0;
    return status;
  }

  pid_t id_ = 0;
  Descriptor in_, out_, error_;
  std::string_view input_;
  CommandLimits limits_;
  Clock::time_point deadline_;
  std::optional<CommandResult::End> over_;
  std::string output_, errors_;
};

}  // namespace

Result<CommandResult> run_command(const std::string& command, std::string_view input, const CommandLimits& limits) {
  try {
    return Process(command, input, limits).finish();
  } catch (const Failure& failure) {
    return failure.error();
  }
}

}  // namespace swiftavatar
