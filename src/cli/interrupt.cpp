#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <string_view>

namespace swiftavatar::cli {
namespace {

volatile sig_atomic_t received = 0;

void handle(int signal) {
  // Files appear by rename, so ending here leaves no half of one (at most a hidden temporary).
  if (received != 0) _exit(interrupt_status(signal));
  received = signal;
  constexpr std::string_view kNote = "\nswiftavatar: stopping after the photos in hand; once more stops at once\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kNote.data(), kNote.size());
}

}  // namespace

void watch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = handle;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interrupt_signal() { return received; }

int interrupt_status(int signal) { return 128 + signal; }

}  // namespace swiftavatar::cli
