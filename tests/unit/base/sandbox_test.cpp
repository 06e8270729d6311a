#include "base/sandbox.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

// What it denies, workers' tests try: NothingInTheProcessGetsOut.
TEST(Sandbox, HoldsTheProcessThatEntersIt) {
  const pid_t child = fork();
  if (child == 0) {
    const Sandbox sandbox = enter_sandbox(size_t{1} << 30);
    const bool opened = open("/etc/passwd", O_RDONLY) >= 0;
    _exit(!sandbox.seccomp ? 77 : opened || errno != EPERM ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "no seccomp here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_GE(open("/etc/passwd", O_RDONLY | O_CLOEXEC), 0) << "this process is free";
}

TEST(Sandbox, SaysWhatHolds) {
  EXPECT_EQ((Sandbox{true, 3, ""}.text()), "seccomp, landlock v3");
  EXPECT_EQ((Sandbox{true, 0, ""}.text()), "seccomp, no landlock");
  EXPECT_EQ((Sandbox{false, 0, "Invalid argument"}.text()), "no landlock, no seccomp (Invalid argument)");
}

}  // namespace
}  // namespace swiftavatar
