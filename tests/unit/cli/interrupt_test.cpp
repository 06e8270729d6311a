#include "cli/interrupt.h"

#include <signal.h>

#include <cstdlib>

#include <gtest/gtest.h>

namespace swiftavatar::cli {
namespace {

TEST(Interrupt, StatusIsTheShells) {
  EXPECT_EQ(interrupt_status(SIGINT), 130);
  EXPECT_EQ(interrupt_status(SIGTERM), 143);
}

// The handlers stay for good: each case below runs in a process of its own.

TEST(InterruptDeathTest, TheFirstSignalOnlyAsks) {
  for (const int signal : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(
        {
          watch_interrupts();
          if (interrupt_signal() != 0) std::_Exit(1);
          raise(signal);
          std::_Exit(interrupt_signal() == signal ? 0 : 2);
        },
        ::testing::ExitedWithCode(0), "stopping after the photos in hand");
  }
}

TEST(InterruptDeathTest, TheSecondSignalEndsTheProgram) {
  EXPECT_EXIT(
      {
        watch_interrupts();
        raise(SIGINT);
        raise(SIGTERM);
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(143), "");
}

}  // namespace
}  // namespace swiftavatar::cli
