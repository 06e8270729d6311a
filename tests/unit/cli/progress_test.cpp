#include "cli/progress.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "estimate/helpers.h"

namespace swiftavatar::cli {
namespace {

using swiftavatar::testing::contains;

TEST(Progress, IsSilentWhenStderrIsNoTerminal) {
  ::testing::internal::CaptureStderr();
  {
    Progress progress(3, /*quiet=*/false);
    progress.show(0, 0, "a.jpg");
    progress.show(1, 1, "b.jpg");
    Progress::clear_line();
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

/// What `action` writes while stderr is a terminal; nothing where there can be none.
template <class Action>
std::optional<std::string> on_terminal(const Action& action) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) return std::nullopt;
  const int line = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  if (line < 0) return std::nullopt;
  fflush(stderr);
  const int saved = dup(STDERR_FILENO);
  dup2(line, STDERR_FILENO);
  action();
  fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  // What was written arrives piece by piece: the zero byte is its end.
  std::string text;
  char byte = 1;
  if (write(line, "", 1) != 1) return std::nullopt;
  while (read(terminal, &byte, 1) == 1 && byte != 0) text += byte;
  close(line);
  close(terminal);
  return text;
}

TEST(Progress, ATerminalSeesHowFarTheRunIsAndNothingStays) {
  const auto text = on_terminal([] {
    Progress progress(192, /*quiet=*/false);
    progress.show(3, 0, "a.jpg");
    progress.show(4, 2, "b\r\x1b[2J.jpg");
  });
  if (!text) GTEST_SKIP() << "there are no pseudo-terminals here";
  EXPECT_TRUE(text->starts_with("[3/192] a.jpg, ")) << *text;
  EXPECT_TRUE(contains(*text, "left\r\x1b[K[4/192] b??[2J.jpg, 2 failed, ")) << *text;
  EXPECT_TRUE(contains(*text, " photos/s, ")) << *text;
  EXPECT_TRUE(text->ends_with("left\r\x1b[K")) << *text;
}

TEST(Progress, ALongNameIsShortened) {
  std::string name(200, 'x');
  name += ".jpg";  // GCC 12 takes std::string + "text" for a write behind the end
  const auto text = on_terminal([&] { Progress(2, false).show(1, 0, name); });
  if (!text) GTEST_SKIP() << "there are no pseudo-terminals here";
  EXPECT_TRUE(contains(*text, "[1/2] ..." + std::string(56, 'x') + ".jpg\r")) << *text;
}

TEST(Progress, QuietIsSilentOnATerminalToo) {
  const auto text = on_terminal([] { Progress(2, /*quiet=*/true).show(1, 0, "a.jpg"); });
  if (!text) GTEST_SKIP() << "there are no pseudo-terminals here";
  EXPECT_EQ(*text, "");
}

}  // namespace
}  // namespace swiftavatar::cli
