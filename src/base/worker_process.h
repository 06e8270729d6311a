#pragma once
// The program's end of one worker.

#include <sys/types.h>

#include <chrono>

#include "base/descriptor.h"
#include "base/workers.h"

namespace swiftavatar {

class WorkerProcess {
 public:
  /// Starts it. Throws Failure internal.
  explicit WorkerProcess(const WorkerOptions& options);
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  ~WorkerProcess();

  /// As Workers::ask.
  std::optional<WorkerFault> ask(const nlohmann::json& head, std::span<const uint8_t> body,
                                 std::chrono::milliseconds time, const TakeAnswer& take);

  /// As Workers::sandbox.
  const std::string& sandbox();

  bool is_usable() const { return socket_.is_open(); }

 private:
  using Clock = std::chrono::steady_clock;
  class Stalled {};  // the time is up
  class Gone {};     // the other end closed

  void await_ready();
  void bound_processor_time(std::chrono::milliseconds time) const;
  void send_message(const nlohmann::json& head, std::span<const uint8_t> body);
  void receive_message(const TakeAnswer& take);
  void send(const void* data, size_t size);
  void receive(void* data, size_t size);
  void wait_for(short events);
  std::string end();

  const WorkerOptions& options_;
  Descriptor socket_;
  pid_t id_ = 0;
  bool ready_ = false;
  std::string sandbox_;
  Clock::time_point deadline_;
};

}  // namespace swiftavatar
