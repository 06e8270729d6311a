#include "base/data_folders.h"

#include <cstdlib>
#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "temporary_folder.h"

namespace swiftavatar {
namespace {

namespace fs = std::filesystem;

/// Each test starts without the three variables; the process gets its own back.
class DataFolders : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"SWIFTAVATAR_DATA", "XDG_DATA_HOME", "HOME"}) {
      const char* value = std::getenv(name);
      saved_[name] = value ? std::optional<std::string>(value) : std::nullopt;
      ::unsetenv(name);
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : saved_)
      value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
  }
  static void set(const char* name, const fs::path& value) { ::setenv(name, value.c_str(), 1); }

  /// The found folders that lie in the test's own folder; the others depend on where the tests were built.
  std::vector<fs::path> found() const {
    std::vector<fs::path> ours;
    for (const fs::path& path : find_data_folders({})) {
      if (path.string().starts_with(folder_.path().string())) ours.push_back(path);
    }
    return ours;
  }

  testing::TemporaryFolder folder_;

 private:
  std::map<std::string, std::optional<std::string>> saved_;
};

using Paths = std::vector<fs::path>;

TEST_F(DataFolders, TheWantedOneIsTakenAlone) {
  set("SWIFTAVATAR_DATA", folder_.make_folder("data"));
  EXPECT_EQ(find_data_folders(folder_ / "wanted"), Paths{folder_ / "wanted"}) << "even where it is missing";
}

TEST_F(DataFolders, TheProgramsOwnVariableComesFirst) {
  set("SWIFTAVATAR_DATA", folder_.make_folder("data"));
  set("XDG_DATA_HOME", folder_.path());
  folder_.make_folder("swiftavatar");
  EXPECT_EQ(found(), (Paths{folder_ / "data", folder_ / "swiftavatar"}));
  EXPECT_EQ(find_data_folders({}).front(), folder_ / "data");
}

TEST_F(DataFolders, TheHomeFolderStandsInForXdg) {
  set("HOME", folder_.path());
  const fs::path in_home = folder_.make_folder(".local/share/swiftavatar");
  EXPECT_EQ(found(), Paths{in_home});
  set("XDG_DATA_HOME", "");
  EXPECT_EQ(found(), Paths{in_home}) << "an empty variable is as good as none";
  folder_.make_folder("xdg/swiftavatar");
  set("XDG_DATA_HOME", folder_ / "xdg");
  EXPECT_EQ(found(), Paths{folder_ / "xdg/swiftavatar"});
}

TEST_F(DataFolders, WhatIsNoFolderIsLeftOut) {
  testing::put_text(folder_ / "data", "a file");
  set("SWIFTAVATAR_DATA", folder_ / "data");
  set("XDG_DATA_HOME", folder_ / "missing");
  EXPECT_TRUE(found().empty());
}

TEST_F(DataFolders, TheSameFolderIsNamedOnce) {
  set("SWIFTAVATAR_DATA", folder_.make_folder("swiftavatar"));
  set("XDG_DATA_HOME", folder_.path());
  EXPECT_EQ(found(), Paths{folder_ / "swiftavatar"});
}

TEST_F(DataFolders, AProgramInABuildTreeFindsTheSourceTreeLast) {
  const fs::path source = SWIFTAVATAR_SOURCE_DIR;
  const fs::path program = fs::read_symlink("/proc/self/exe");
  if (program.parent_path().parent_path().parent_path().parent_path() != source) GTEST_SKIP() << "built elsewhere";
  EXPECT_EQ(find_data_folders({}).front(), source);
  set("SWIFTAVATAR_DATA", folder_.make_folder("data"));
  const Paths both = find_data_folders({});
  ASSERT_GE(both.size(), 2U);
  EXPECT_EQ(both[0], folder_ / "data");
  EXPECT_EQ(both[1], source);
}

}  // namespace
}  // namespace swiftavatar
