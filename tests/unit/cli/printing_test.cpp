#include "cli/printing.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "failure_of.h"
#include "temporary_folder.h"

namespace swiftavatar::cli {
namespace {

using swiftavatar::testing::failure_of;
using swiftavatar::testing::TemporaryFolder;

TEST(JsonText, IsIndentedForPeopleAndOneLineForPrograms) {
  EXPECT_EQ(json_text({{"b", 1}, {"a", 2}}), "{\n  \"b\": 1,\n  \"a\": 2\n}");
  EXPECT_EQ(json_text({{"b", 1}, {"a", 2}}, false), R"({"b":1,"a":2})");
}

TEST(JsonText, BytesThatAreNoUtf8DoNotStopIt) {
  EXPECT_EQ(json_text({{"path", "caf\xe9"}}, false), "{\"path\":\"caf\uFFFD\"}");
  EXPECT_EQ(json_text({{"path", "caf\u00e9"}}, false), "{\"path\":\"caf\u00e9\"}");
}

TEST(RunFailure, IsAnEmptyRunWithItsError) {
  EXPECT_EQ(
      json_text(run_failure({ErrorCode::disk_full, "Full."}), false),
      R"({"schema":"swiftavatar.run/1","results":[],"summary":null,"error":{"code":"disk_full","message":"Full."}})");
}

TEST(OpenLinesFile, NeverWaitsForAReader) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(failure_of([&] { open_lines_file(folder.path() / "pipe", "--results pipe"); }).code,
            ErrorCode::output_unwritable);
  const std::string file = folder.write("file", "old and longer");
  write_line(open_lines_file(file, "--results file").get(), "new", "--results file");
  EXPECT_EQ(folder.read("file"), "new\n");
}

}  // namespace
}  // namespace swiftavatar::cli
