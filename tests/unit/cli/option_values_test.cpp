#include "cli/option_values.h"

#include <sys/stat.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "failure_of.h"
#include "temporary_folder.h"

namespace swiftavatar::cli {
namespace {

using swiftavatar::testing::failure_of;
using swiftavatar::testing::TemporaryFolder;

/// What the program says to a number, or "" where it takes it; `value` is what it understands.
template <class T>
std::string said_to(const std::string& text, const CLI::Validator& range, T& value) {
  CLI::App app;
  app.add_option("--n", value)->transform(range);
  try {
    app.parse(std::vector<std::string>{text, "--n"});  // from the back
    return "";
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
}

TEST(WholeNumber, IsTakenInItsRangeAndRefusedWithIt) {
  uint64_t value = 0;
  EXPECT_EQ(said_to("18446744073709551615", whole_number(0, UINT64_MAX), value), "");
  EXPECT_EQ(value, UINT64_MAX);
  EXPECT_EQ(said_to("010", whole_number(1, 20), value), "");
  EXPECT_EQ(value, 10u) << "not octal";
  for (const char* wrong : {"0", "21", "-1", "1.5", "1e1", "0x10", "+3", " 3", "3 ", "many", "18446744073709551616"}) {
    EXPECT_EQ(said_to(wrong, whole_number(1, 20), value),
              std::string("--n: give a whole number from 1 to 20, not \"") + wrong + "\"");
  }
}

TEST(Number, IsTakenInItsRangeAndRefusedWithIt) {
  double value = 0;
  EXPECT_EQ(said_to("1e1", number(0.5, 20), value), "");
  EXPECT_EQ(value, 10);
  for (const char* wrong : {"0.4", "20.1", "nan", "inf", "-inf", "1e999", "3s", "many"}) {
    EXPECT_EQ(said_to(wrong, number(0.5, 20), value),
              std::string("--n: give a number from 0.5 to 20, not \"") + wrong + "\"");
  }
}

TEST(EmptyValues, AreRefusedInEveryVerbButAmongPhotos) {
  const auto accepts = [](std::vector<std::string> arguments) {
    CLI::App app;
    std::filesystem::path output, table;
    std::vector<std::string> photos;
    CLI::App* verb = app.add_subcommand("estimate", "");
    verb->add_option("-o", output);
    verb->add_option("photos", photos);
    app.add_subcommand("evaluate", "")->add_option("table", table);
    refuse_empty_values(app);
    std::reverse(arguments.begin(), arguments.end());
    try {
      app.parse(arguments);
      return true;
    } catch (const CLI::ParseError&) {
      return false;
    }
  };
  EXPECT_TRUE(accepts({"estimate", "-o", "out", "a.jpg", ""}));
  EXPECT_FALSE(accepts({"estimate", "-o", "", "a.jpg"}));
  EXPECT_FALSE(accepts({"evaluate", ""}));
}

TEST(CheckOutputFile, RefusesWhatNoFileShouldReplace) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  folder.write("file");
  check_output_file(folder.path() / "file");
  check_output_file(folder.path() / "new");
  check_output_file(folder.path() / "gone/new");
  EXPECT_EQ(failure_of([&] { check_output_file(folder.path() / "pipe"); }).code, ErrorCode::usage);
  EXPECT_EQ(failure_of([&] { check_output_file(folder.path()); }).code, ErrorCode::usage);
  EXPECT_EQ(failure_of([&] { check_output_file(std::string(300, 'x') + ".json"); }).code, ErrorCode::output_unwritable);
}

}  // namespace
}  // namespace swiftavatar::cli
