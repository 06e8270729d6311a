#pragma once
// Processes of this program's own that handle untrusted bytes in its place: what harms one costs that one request.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace swiftavatar {

struct WorkerOptions {
  std::filesystem::path program;
  std::string purpose;                 ///< "reads photos"; for messages
  size_t memory = size_t{4} << 30;     ///< address space in bytes, beyond what the process has when it is ready
  std::vector<std::string> arguments;  ///< of the program, after the memory
};

/// Why there is no answer; the process is gone.
struct WorkerFault {
  bool stalled = false;  ///< the time was up; otherwise it ended, or said what cannot be
  std::string ending;    ///< "signal 11, Segmentation fault"
};

/// An answer that cannot be; thrown by whoever reads it.
struct BadAnswer {};

/// Takes the head of an answer and says where its body of `size` bytes goes. It may come from a process that what it
/// looked at has taken over. Throws BadAnswer or json's exceptions.
using TakeAnswer = std::function<std::span<uint8_t>(const nlohmann::json& head, uint64_t size)>;

/// One process for each thread that asks at the same time. They live as long as this object.
class Workers {
 public:
  /// Starts the first process, but does not wait for it. Throws Failure internal where the program cannot be started.
  explicit Workers(WorkerOptions options);
  ~Workers();

  /// Sends a request and hands the answer to `take`, within `time` by the clock; from several threads. Throws Failure
  /// internal where a process never came up.
  std::optional<WorkerFault> ask(const nlohmann::json& head, std::span<const uint8_t> body,
                                 std::chrono::milliseconds time, const TakeAnswer& take) const;

  /// What holds the processes in, as Sandbox::text says it. Throws as `ask`.
  std::string sandbox() const;

 private:
  using Process = std::unique_ptr<class WorkerProcess>;
  Process take() const;
  void give_back(Process process) const;

  const WorkerOptions options_;
  mutable std::mutex mutex_;
  mutable std::vector<Process> idle_;
};

/// Calls `tell` with a sentence, once in the program's life, when a process has come up without seccomp.
void on_weak_sandbox(std::function<void(const std::string&)> tell);

/// "0.3 s"
std::string seconds_text(std::chrono::milliseconds time);

}  // namespace swiftavatar
