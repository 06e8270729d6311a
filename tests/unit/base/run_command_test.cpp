// Programs of the user: what comes of them, and that none outlives its time.

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "base/run_command.h"
#include "temporary_folder.h"

namespace swiftavatar {
namespace {

using End = CommandResult::End;
using std::chrono::milliseconds;

std::string text(const CommandResult& result) { return {result.output.begin(), result.output.end()}; }

CommandResult run(const std::string& command, std::string_view input = "", milliseconds time = milliseconds(20'000),
                  size_t bytes = 1 << 20) {
  return run_command(command, input, {time, bytes}).value();
}

TEST(RunCommand, InputAndOutput) {
  const CommandResult result = run("tr a-z A-Z; echo oops >&2; exit 3", "hello");
  EXPECT_EQ(result.end, End::exited);
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(text(result), "HELLO");
  EXPECT_EQ(result.last_error, "oops");
}

TEST(RunCommand, MuchOfBoth) {
  const std::string input(3'000'000, 'x');
  EXPECT_EQ(text(run("cat", input, milliseconds(20'000), 4'000'000)), input);
}

TEST(RunCommand, InputMayBeLeftUnread) {
  const CommandResult result = run("exec 0<&-; echo done", std::string(3'000'000, 'x'));
  EXPECT_EQ(result.end, End::exited);
  EXPECT_EQ(text(result), "done\n");
}

TEST(RunCommand, TheLastErrorLine) {
  EXPECT_EQ(run("printf 'one\\ntwo\\tx\\n\\n  \\n' >&2").last_error, "two x");
  EXPECT_EQ(run("true").last_error, "");
  EXPECT_EQ(run("seq 100000 >&2").last_error, "100000");
  EXPECT_LE(run("head -c 100000 /dev/zero | tr '\\0' a >&2").last_error.size(), 300u);
}

TEST(RunCommand, UnknownCommand) {
  const CommandResult result = run("/nonexistent/program");
  EXPECT_EQ(result.status, 127);
  EXPECT_NE(result.last_error.find("/nonexistent/program"), std::string::npos);
}

TEST(RunCommand, Signal) {
  const CommandResult result = run("kill -9 $$");
  EXPECT_EQ(result.end, End::killed);
  EXPECT_EQ(result.status, 9);
}

TEST(RunCommand, TheWholeGroupEndsWithTheTime) {
  const testing::TemporaryFolder folder;
  const std::string mark = (folder.path() / "mark").string();
  const CommandResult result = run("(sleep 3; touch " + mark + ") & sleep 1000", "", milliseconds(300));
  EXPECT_EQ(result.end, End::timed_out);
  EXPECT_EQ(run("sleep 4; ls " + folder.path().string()).output.size(), 0u)
      << "the part in the background was killed too";
}

TEST(RunCommand, TimeAlsoCountsAfterTheOutputIsClosed) {
  EXPECT_EQ(run("exec 1>&-; sleep 1000", "", milliseconds(300)).end, End::timed_out);
}

TEST(RunCommand, ErrorsAndInputGoOnAfterTheOutputIsClosed) {
  // More of each than a pipe holds: a command whose pipes nobody serves would wait until its time is up.
  const std::string input(1'000'000, 'x');
  const CommandResult result = run("exec 1>&-; seq 100000 >&2; wc -c >&2; exit 4", input);
  EXPECT_EQ(result.end, End::exited);
  EXPECT_EQ(result.status, 4);
  EXPECT_EQ(result.last_error, "1000000");
}

TEST(RunCommand, WhatIsLeftBehindIsNotWaitedFor) {
  const CommandResult result = run("sleep 1000 & echo done");
  EXPECT_EQ(result.end, End::exited);
  EXPECT_EQ(text(result), "done\n");
}

TEST(RunCommand, TooMuchOutput) { EXPECT_EQ(run("yes").end, End::too_much_output); }

TEST(RunCommand, SignalsAreAsInAShell) {
  // This program ignores SIGPIPE, its commands do not.
  EXPECT_EQ(text(run("yes | head -1; trap")), "y\n");
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  const testing::TemporaryFolder folder;
  const CommandResult result = run("ulimit -f 0; echo text >" + (folder / "file").string());
  std::signal(SIGXFSZ, before);
  EXPECT_EQ(result.end, End::killed);
  EXPECT_EQ(result.status, SIGXFSZ);
}

}  // namespace
}  // namespace swiftavatar
