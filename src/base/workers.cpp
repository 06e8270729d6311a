#include "base/workers.h"

#include <cstdio>
#include <utility>

#include "base/worker_process.h"

namespace swiftavatar {

Workers::Workers(WorkerOptions options) : options_(std::move(options)) {
  idle_.push_back(std::make_unique<WorkerProcess>(options_));
}

Workers::~Workers() = default;

Workers::Process Workers::take() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Process process = std::move(idle_.back());
      idle_.pop_back();
      return process;
    }
  }
  return std::make_unique<WorkerProcess>(options_);
}

void Workers::give_back(Process process) const {
  if (!process->is_usable()) return;
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(process));
}

std::optional<WorkerFault> Workers::ask(const nlohmann::json& head, std::span<const uint8_t> body,
                                        std::chrono::milliseconds time, const TakeAnswer& answer) const {
  Process process = take();
  auto fault = process->ask(head, body, time, answer);
  give_back(std::move(process));
  return fault;
}

std::string Workers::sandbox() const {
  Process process = take();
  std::string text = process->sandbox();
  give_back(std::move(process));
  return text;
}

std::string seconds_text(std::chrono::milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", static_cast<double>(time.count()) / 1000);
  return text;
}

}  // namespace swiftavatar
