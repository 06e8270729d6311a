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

}  // namespace
}  // namespace swiftavatar
