#include "avatar/engine_store.h"

#include <unistd.h>

#include <gtest/gtest.h>

#include "avatar/engines.h"

namespace swiftavatar {
namespace {

namespace fs = std::filesystem;

// A data folder with the engines b and a, and a folder that is none.
class EngineStore : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("swiftavatar-store-" + std::to_string(::getpid()));
    for (const char* name : {"b", "a"}) {
      fs::create_directories(folder_ / "configs/engines" / name);
      fs::copy_file(testing::tiny_dir() / "definition.json", folder_ / "configs/engines" / name / "definition.json");
    }
    fs::copy_file(testing::tiny_dir() / "semantics.json", folder_ / "configs/engines/a/semantics.json");
    fs::create_directories(folder_ / "configs/engines/semantics");
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(EngineStore, ListsFoldersWithADefinition) {
  EXPECT_EQ(list_engines({folder_, "/no/such/folder", folder_}), (std::vector<std::string>{"a", "b"}));
}

TEST_F(EngineStore, FindsByName) {
  const auto a = find_engine("a", {"/no/such/folder", folder_}).value();
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.definition, folder_ / "configs/engines/a/definition.json");
  EXPECT_TRUE(a.semantics.has_value());
  EXPECT_FALSE(find_engine("b", {folder_}).value().semantics.has_value());
}

TEST_F(EngineStore, FindsByPath) {
  const auto file = find_engine((folder_ / "configs/engines/a/definition.json").string(), {}).value();
  EXPECT_EQ(file.name, "a");
  EXPECT_TRUE(file.semantics.has_value());
  EXPECT_EQ(find_engine((folder_ / "configs/engines/a").string(), {}).value().name, "a");
  fs::copy_file(testing::tiny_dir() / "definition.json", folder_ / "style.json");
  EXPECT_EQ(find_engine((folder_ / "style.json").string(), {}).value().name, "style");
}

TEST_F(EngineStore, UnknownNamesWhatThereIs) {
  for (const char* name : {"c", "", "..", "a b"}) {
    const auto result = find_engine(name, {folder_});
    ASSERT_FALSE(result.ok()) << name;
    EXPECT_EQ(result.error().code, ErrorCode::engine_unknown);
    EXPECT_NE(result.error().message.find("there are a, b"), std::string::npos) << result.error().message;
  }
  EXPECT_EQ(find_engine("../a/none.json", {folder_}).error().code, ErrorCode::engine_unknown);
}

// The data folder with two styles of faces, another style, and semantics for one.
class StyleStore : public EngineStore {
 protected:
  void SetUp() override {
    EngineStore::SetUp();
    for (const char* place :
         {"styles/micah", "styles/robots", ".deps/venv/lib/python3.11/site-packages/dicebear_styles/dylan"}) {
      const fs::path file = folder_ / (std::string(place) + ".json");
      fs::create_directories(file.parent_path());
      fs::copy_file(testing::tiny_dir() / "definition.json", file);
    }
    fs::copy_file(testing::tiny_dir() / "semantics.json", folder_ / "configs/engines/semantics/micah.json");
  }
};

TEST_F(StyleStore, ListsStylesOfFaces) {
  EXPECT_EQ(list_engines({folder_}), (std::vector<std::string>{"a", "b", "dicebear:dylan", "dicebear:micah"}));
}

TEST_F(StyleStore, FindsStylesAndTheirSemantics) {
  const auto micah = find_engine("dicebear:micah", {folder_}).value();
  EXPECT_EQ(micah.name, "dicebear:micah");
  EXPECT_EQ(micah.definition, folder_ / "styles/micah.json");
  EXPECT_EQ(micah.semantics, folder_ / "configs/engines/semantics/micah.json");
  EXPECT_EQ(find_engine("dicebear:robots", {folder_}).value().semantics, std::nullopt);
  EXPECT_EQ(find_engine("dicebear:dylan", {folder_}).value().definition.filename(), "dylan.json");
}

TEST_F(StyleStore, EnvironmentGoesFirst) {
  fs::create_directories(folder_ / "mine");
  fs::copy_file(testing::tiny_dir() / "definition.json", folder_ / "mine/micah.json");
  ::setenv("SWIFTAVATAR_STYLES", (folder_ / "mine").c_str(), 1);
  const auto micah = find_engine("dicebear:micah", {folder_});
  ::unsetenv("SWIFTAVATAR_STYLES");
  EXPECT_EQ(micah.value().definition, folder_ / "mine/micah.json");
}

TEST_F(StyleStore, UnknownStyleSaysWhereStylesComeFrom) {
  for (const char* name : {"dicebear:nobody", "dicebear:", "dicebear:..", "dicebear:a b"}) {
    const auto result = find_engine(name, {folder_});
    ASSERT_FALSE(result.ok()) << name;
    EXPECT_EQ(result.error().code, ErrorCode::engine_unknown);
    EXPECT_NE(result.error().message.find("styles of faces are adventurer, "), std::string::npos)
        << result.error().message;
  }
  const auto result = find_engine("dicebear:micah", {folder_ / "configs"});
  EXPECT_NE(result.error().message.find("install the Python package"), std::string::npos) << result.error().message;
}

TEST_F(StyleStore, StyleFileIsCalledByItsNameOrAnother) {
  const fs::path micah = folder_ / "styles/micah.json";
  EXPECT_EQ(style_file(micah, "", {folder_}).value().name, "dicebear:micah");
  EXPECT_EQ(style_file(micah, "", {folder_}).value().semantics, folder_ / "configs/engines/semantics/micah.json");
  EXPECT_EQ(style_file(micah, "dicebear:mine", {folder_}).value().name, "dicebear:mine");
  EXPECT_EQ(style_file(folder_ / "styles", "", {folder_}).error().code, ErrorCode::engine_unknown);
}

TEST_F(StyleStore, SemanticsOfAnotherFileAreLeftOut) {
  const fs::path changed = folder_ / "changed/micah.json";
  fs::create_directories(changed.parent_path());
  std::ofstream(changed) << testing::read_file(testing::tiny_dir() / "definition.json") << "\n";
  EXPECT_EQ(style_file(changed, "", {folder_}).value().semantics, std::nullopt);
}

}  // namespace
}  // namespace swiftavatar
