#include "base/sha256.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

// The vectors of FIPS 180-4 and of NIST's "Descriptions of SHA-256".
TEST(Sha256, AgreesWithThePublishedVectors) {
  EXPECT_EQ(sha256_hex(std::string("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(std::string("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfNothing) {
  constexpr auto kOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  EXPECT_EQ(sha256_hex(std::span<const uint8_t>()), kOfNothing);
  EXPECT_EQ(sha256_hex(std::string()), kOfNothing);
}

TEST(Sha256, BytesAndCharactersAreTheSame) {
  const std::vector<uint8_t> bytes = {0x00, 0x7F, 0x80, 0xFF};
  EXPECT_EQ(sha256_hex(bytes), sha256_hex(std::string("\x00\x7F\x80\xFF", 4)));
}

TEST(Sha256, OneBitChangesIt) {
  std::vector<uint8_t> bytes(1000, 42);
  const std::string before = sha256_hex(bytes);
  bytes[500] ^= 1;
  EXPECT_NE(sha256_hex(bytes), before);
}

}  // namespace
}  // namespace swiftavatar
