#include "base/threads.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

TEST(StartableThreads, AreAllWhereNothingForbidsThem) {
  EXPECT_EQ(startable_threads(0), 0u);
  EXPECT_EQ(startable_threads(8), 8u);
}

/// The status with which a child ends that may have `most` processes and threads as a user who has none.
int status_with_limit(rlim_t most, size_t wanted) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{most, most};
    if (::setuid(54321) != 0 || ::setrlimit(RLIMIT_NPROC, &limit) != 0) ::_exit(100);
    ::_exit(static_cast<int>(startable_threads(wanted)));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(StartableThreads, AreAsManyAsTheLimitLeaves) {
  if (::geteuid() != 0) GTEST_SKIP() << "another user's processes would count";
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the sanitizer has a thread of its own";
#endif
  EXPECT_EQ(status_with_limit(1, 8), 0);
  EXPECT_EQ(status_with_limit(4, 8), 3);
  EXPECT_EQ(status_with_limit(64, 8), 8);
}

}  // namespace
}  // namespace swiftavatar
