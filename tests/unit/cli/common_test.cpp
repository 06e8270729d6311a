#include "cli/common.h"

#include <gtest/gtest.h>

#include "estimate/helpers.h"
#include "temporary_folder.h"

namespace swiftavatar::cli {
namespace {

using swiftavatar::testing::contains;
using swiftavatar::testing::failure_of;
using swiftavatar::testing::TemporaryFolder;

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
