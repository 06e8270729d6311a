#pragma once
// Ctrl-C and SIGTERM: the first asks to stop after the item in hand and says so, the second ends the program at once.

namespace swiftavatar::cli {

/// Installs the handlers. Call before the work starts.
void watch_interrupts();

/// The signal that asked to stop, or 0.
int interrupt_signal();

/// 130 for SIGINT, 143 for SIGTERM.
int interrupt_status(int signal);

}  // namespace swiftavatar::cli
