#include "cli/path_stream.h"

#include <unistd.h>

#include <climits>
#include <string_view>

#include <gtest/gtest.h>

#include "failure_of.h"

namespace swiftavatar::cli {
namespace {

using swiftavatar::testing::failure_of;
using Paths = std::vector<std::string>;

/// A pipe whose other end is read by a PathStream.
class PathStreamTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe(ends_), 0); }
  void TearDown() override {
    ::close(ends_[0]);
    end();
  }

  void write(std::string_view text) const {
    ASSERT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void end() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  int reader() const { return ends_[0]; }

 private:
  int ends_[2] = {-1, -1};
};

TEST_F(PathStreamTest, GivesPathsAsSoonAsTheyAreWhole) {
  PathStream paths(reader(), /*nul=*/false);
  write("anna.jpg\nbe");
  EXPECT_EQ(paths.next(), Paths({"anna.jpg"}));
  write("rt.jpg\n\ncarl.jpg\n");
  EXPECT_EQ(paths.next(), Paths({"bert.jpg", "carl.jpg"}));
  end();
  EXPECT_EQ(paths.next(), Paths());
}

TEST_F(PathStreamTest, TheLastPathMayLackItsEndMark) {
  PathStream paths(reader(), /*nul=*/false);
  write("anna.jpg");
  end();
  EXPECT_EQ(paths.next(), Paths({"anna.jpg"}));
  EXPECT_EQ(paths.next(), Paths());
}

TEST_F(PathStreamTest, NulLetsNamesHaveLineFeeds) {
  PathStream paths(reader(), /*nul=*/true);
  write(std::string_view("two\nlines.jpg\0anna.jpg\0", 23));
  EXPECT_EQ(paths.next(), Paths({"two\nlines.jpg", "anna.jpg"}));
}

TEST_F(PathStreamTest, WhatWindowsWritesIsRead) {
  PathStream paths(reader(), /*nul=*/false);
  write("\xEF\xBB");
  write(
      "\xBF"
      "anna.jpg\r\n\r\nbert.jpg\r\n");
  EXPECT_EQ(paths.next(), Paths({"anna.jpg", "bert.jpg"}));
  write("\xEF\xBB\xBF.jpg\n");
  EXPECT_EQ(paths.next(), Paths({"\xEF\xBB\xBF.jpg"})) << "only the start has a mark";
  end();
}

TEST_F(PathStreamTest, WithNulNothingIsDropped) {
  PathStream paths(reader(), /*nul=*/true);
  write(
      std::string_view("\xEF\xBB\xBF"
                       "a.jpg\r\0",
                       10));
  EXPECT_EQ(paths.next(), Paths({"\xEF\xBB\xBF"
                                 "a.jpg\r"}));
}

TEST_F(PathStreamTest, Utf16IsRefused) {
  PathStream paths(reader(), /*nul=*/false);
  write(
      std::string_view("\xFF\xFE"
                       "a\0\n\0",
                       6));
  EXPECT_NE(failure_of([&] { paths.next(); }).message.find("UTF-8"), std::string::npos);
}

TEST_F(PathStreamTest, AShortFirstPathIsNotHeldBack) {
  PathStream paths(reader(), /*nul=*/false);
  write("a\n");
  EXPECT_EQ(paths.next(), Paths({"a"}));
}

TEST_F(PathStreamTest, APathLongerThanAnyFilesIsAnErrorOfUse) {
  PathStream paths(reader(), /*nul=*/false);
  write(std::string(PATH_MAX + 1, 'a'));
  EXPECT_EQ(failure_of([&] { paths.next(); }).code, ErrorCode::usage);
}

}  // namespace
}  // namespace swiftavatar::cli
