#include "base/text.h"

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

TEST(Text, Utf8IsToldFromOtherBytes) {
  for (const char* good :
       {"", "plain", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xef\xbb\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
  for (const char* bad :
       {"caf\xe9", "\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf",
        "\xf0\x80\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff\xfe", "\xc3("}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

TEST(Text, LowerChangesAsciiAlone) { EXPECT_EQ(lower("X.SVG \xc3\x84\xc9@[`{"), "x.svg \xc3\x84\xc9@[`{"); }

TEST(Text, AShellWordIsInQuotes) {
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(shell_word("it's", "\\'"), "'it\\'s'");
}

}  // namespace
}  // namespace swiftavatar
