#include "cli/common.h"

#include <sys/stat.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "estimate/helpers.h"
#include "temporary_folder.h"

namespace swiftavatar::cli {
namespace {

using swiftavatar::testing::contains;
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

TEST(OpenLinesFile, NeverWaitsForAReader) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(failure_of([&] { open_lines_file(folder.path() / "pipe", "--results pipe"); }).code,
            ErrorCode::output_unwritable);
  const std::string file = folder.write("file", "old and longer");
  write_line(open_lines_file(file, "--results file").get(), "new", "--results file");
  EXPECT_EQ(folder.read("file"), "new\n");
}

TEST(OpenBundle, ANameThatThereIsNotListsThoseThereAre) {
  const TemporaryFolder folder;
  folder.write("models/one/manifest.json", "{}");
  folder.write("models/empty/readme.txt");
  CommonOptions options;
  options.data_dir = folder.path();
  options.bundle = "two";
  const auto names = bundle_names(options);
  EXPECT_NE(std::find(names.begin(), names.end(), "one"), names.end());
  EXPECT_EQ(std::find(names.begin(), names.end(), "empty"), names.end());
  const Error error = failure_of([&] { open_bundle(options); });
  EXPECT_EQ(error.code, ErrorCode::model_missing);
  EXPECT_TRUE(contains(error.message, "one")) << error.message;
}

TEST(OpenBundle, AFolderNeedNotLieBelowModels) {
  const TemporaryFolder folder;
  folder.write("mine/manifest.json", R"({"schema": "swiftavatar.bundle/1", "name": "mine", "models": {}})");
  CommonOptions options;
  options.bundle = folder.path() / "mine";
  EXPECT_EQ(open_bundle(options).name(), "mine");
}

TEST(OpenEngine, SemanticsLieBesideTheDefinitionOrWhereToldTo) {
  CommonOptions options;
  options.engine = swiftavatar::testing::tiny_dir() / "definition.json";
  const LoadedEngine beside = open_engine(options);
  ASSERT_TRUE(beside.semantics.has_value());
  EXPECT_EQ(beside.semantics_sha256.size(), 64u);

  const TemporaryFolder folder;
  const std::string alone = folder.write(
      "tiny/definition.json", swiftavatar::testing::read_file(swiftavatar::testing::tiny_dir() / "definition.json"));
  options.engine = alone;
  const LoadedEngine without = open_engine(options);
  EXPECT_FALSE(without.semantics.has_value());
  EXPECT_EQ(without.semantics_sha256, "");
  const LoadedEngine told = open_engine(options, swiftavatar::testing::tiny_dir() / "semantics.json");
  ASSERT_TRUE(told.semantics.has_value());
  EXPECT_EQ(told.semantics_sha256, beside.semantics_sha256);
}

TEST(OpenEngine, BrokenSemanticsStopOnlyWhoNeedsThem) {
  const TemporaryFolder folder;
  CommonOptions options;
  options.engine = folder.write("tiny/definition.json",
                                swiftavatar::testing::read_file(swiftavatar::testing::tiny_dir() / "definition.json"));
  folder.write("tiny/semantics.json", "{");
  const Error error = failure_of([&] { open_engine(options); });
  EXPECT_EQ(error.code, ErrorCode::engine_invalid);
  EXPECT_TRUE(contains(error.message, "semantics.json")) << error.message;
  for (const UseSemantics use : {UseSemantics::shown, UseSemantics::none}) {
    const LoadedEngine loaded = open_engine(options, {}, use);
    EXPECT_FALSE(loaded.semantics.has_value());
    EXPECT_EQ(loaded.semantics_sha256, "");
  }
}

TEST(OpenEngine, AnUnknownEngineIsSaid) {
  CommonOptions options;
  options.engine = "no-such-engine";
  EXPECT_EQ(failure_of([&] { open_engine(options); }).code, ErrorCode::engine_unknown);
}

}  // namespace
}  // namespace swiftavatar::cli
