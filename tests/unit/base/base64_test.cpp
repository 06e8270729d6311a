#include "base/base64.h"

#include <vector>

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

TEST(Base64, GivesTheExamplesOfRfc4648) {
  EXPECT_EQ(base64(std::string_view("")), "");
  EXPECT_EQ(base64(std::string_view("f")), "Zg==");
  EXPECT_EQ(base64(std::string_view("fo")), "Zm8=");
  EXPECT_EQ(base64(std::string_view("foo")), "Zm9v");
  EXPECT_EQ(base64(std::string_view("foobar")), "Zm9vYmFy");
}

TEST(Base64, TakesEveryByte) { EXPECT_EQ(base64(std::vector<uint8_t>{0, 255, 254, 0}), "AP/+AA=="); }

}  // namespace
}  // namespace swiftavatar
