#include "base/claims.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/files.h"
#include "temporary_folder.h"

namespace swiftavatar {
namespace {

using testing::TemporaryFolder;
using Names = std::vector<std::string>;

/// What a process of its own says about the action: its exit status.
int in_child(const std::function<int()>& action) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(action());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Claims, AnotherProcessIsRefusedUntilTheClaimGoes) {
  const TemporaryFolder folder;
  const Claims claims(folder.path());
  auto claim = claims.take("a");
  ASSERT_TRUE(claim);
  const auto other_takes = [&](const char* name) {
    return in_child([&] { return Claims(folder.path()).take(name) ? 1 : 0; });
  };
  EXPECT_EQ(other_takes("a"), 0);
  EXPECT_EQ(other_takes("b"), 1);
  claim.reset();
  EXPECT_EQ(other_takes("a"), 1);
}

TEST(Claims, AProcessThatIsKilledLosesThem) {
  const TemporaryFolder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const Claims claims(folder.path());
    const auto claim = claims.take("a");
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  {
    const Claims claims(folder.path());
    EXPECT_FALSE(claims.take("a"));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(claims.take("a"));
  }
  EXPECT_EQ(folder.names(), Names{}) << "who leaves last tidies up, also for the dead";
}

TEST(Claims, OnlyTheLastOneRemovesTheFile) {
  const TemporaryFolder folder;
  {
    const Claims first(folder.path());
    { const Claims second(folder.path()); }
    EXPECT_EQ(folder.names(), Names{".swiftavatar.lock"});
  }
  EXPECT_EQ(folder.names(), Names{});
}

TEST(Claims, ManyProcessesThatComeAndGoNeverShareAnItem) {
  const TemporaryFolder folder;
  folder.write("count", "");
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      int bad = 0;
      for (int round = 0; round < 200; ++round) {
        const Claims claims(folder.path());
        const auto claim = claims.take("the same");
        if (!claim) continue;
        const int mine = ::mkdir((folder / "mine").c_str(), 0700);
        bad |= mine != 0 || ::rmdir((folder / "mine").c_str()) != 0 ? 1 : 0;
      }
      ::_exit(bad);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(folder.names(), Names{"count"});
}

TEST(Claims, AFolderThatCannotHoldTheFileDoesNotStopAnybody) { EXPECT_TRUE(Claims("/proc").take("a")); }

TEST(SweepTemporaries, TakesThoseOfTheDeadAndSparesTheRest) {
  const TemporaryFolder folder;
  for (const char* name : {".swiftavatar-1.tmp", ".swiftavatar-notes", "a.tmp", "a.avatar.json"}) folder.write(name);
  std::filesystem::create_symlink(folder / "a.tmp", folder / ".swiftavatar-2.tmp");
  sweep_temporaries(folder.path());
  EXPECT_EQ(folder.names(), (Names{".swiftavatar-2.tmp", ".swiftavatar-notes", "a.avatar.json", "a.tmp"}));
}

TEST(SweepTemporaries, NeverTakesOneThatIsBeingWritten) {
  const TemporaryFolder folder;
  std::jthread sweeper([&](std::stop_token stop) {
    while (!stop.stop_requested()) sweep_temporaries(folder.path());
  });
  for (int i = 0; i < 300; ++i) ASSERT_FALSE(write_file(folder / "file", std::to_string(i)));
  EXPECT_EQ(folder.read("file"), "299");
}

}  // namespace
}  // namespace swiftavatar
