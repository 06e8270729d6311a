#include "cli/path_list.h"

#include <gtest/gtest.h>

#include "failure_of.h"

namespace swiftavatar::cli {
namespace {

using swiftavatar::testing::failure_of;
using Paths = std::vector<std::string>;

Paths split(std::string_view bytes, bool nul = false) { return split_list(bytes, nul, "list.txt"); }

TEST(SplitList, OneALine) {
  EXPECT_EQ(split("a.jpg\n\nsome folder/b.jpg"), (Paths{"a.jpg", "some folder/b.jpg"}));
  EXPECT_EQ(split(" a.jpg \n"), Paths{" a.jpg "}) << "blanks are part of a name";
  EXPECT_TRUE(split("").empty());
  EXPECT_TRUE(split("\n\n").empty());
}

TEST(SplitList, AMarkAndCrLfAreDropped) {
  EXPECT_EQ(split("\xEF\xBB\xBF"
                  "a.jpg\r\n\r\nb.jpg\r"),
            (Paths{"a.jpg", "b.jpg"}));
  EXPECT_EQ(split("a\r.jpg\n"), Paths{"a\r.jpg"});
  EXPECT_TRUE(split("\xEF\xBB\xBF").empty());
}

TEST(SplitList, WithNulAPathIsAnyBytes) {
  EXPECT_EQ(split(std::string_view("new\nline\r\0\xEF\xBB\xBFx\0", 15), true), (Paths{"new\nline\r", "\xEF\xBB\xBFx"}));
  EXPECT_EQ(split(std::string_view("\xFF\xFE\0", 3), true), Paths{"\xFF\xFE"});
}

TEST(SplitList, Utf16WithAMarkIsRead) {
  // Z, o with diaeresis, a smile outside the first plane.
  EXPECT_EQ(split(std::string_view("\xFF\xFEZ\0\xF6\0\x3D\xD8\x00\xDE\r\0\n\0", 14)),
            Paths{"Z\xC3\xB6\xF0\x9F\x98\x80"});
  EXPECT_EQ(split(std::string_view("\xFE\xFF\0Z\x20\xAC\0\n\0b", 10)), (Paths{"Z\xE2\x82\xAC", "b"}));
  EXPECT_TRUE(split("\xFF\xFE").empty());
}

TEST(SplitList, WhatIsNoListOfPathsIsRefusedWithAdvice) {
  for (const std::string_view bytes : {std::string_view("a\0.\0j\0", 6), std::string_view("a.jpg\0b.jpg\0", 12),
                                       std::string_view("\xFF\xFE"
                                                        "a",
                                                        3),
                                       std::string_view("\xFF\xFE\x3D\xD8", 4),
                                       std::string_view("\xFF\xFE\x00\xDE"
                                                        "a\0",
                                                        6),
                                       std::string_view("\xFF\xFE\0\0", 4)}) {
    const Error error = failure_of([&] { split(bytes); });
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_NE(error.message.find("list.txt"), std::string::npos) << error.message;
    EXPECT_NE(error.message.find("UTF-8"), std::string::npos) << error.message;
  }
}

}  // namespace
}  // namespace swiftavatar::cli
