#include "image/byte_reader.h"

#include <vector>

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

const std::vector<uint8_t> kBytes = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xF8};

TEST(ByteReader, ReadsBothByteOrders) {
  const ByteReader big(kBytes), little(kBytes, /*big_endian=*/false);
  EXPECT_EQ(big.u8(7), 0xF8);
  EXPECT_EQ(big.u16(0), 0x0102);
  EXPECT_EQ(big.u24(1), 0x020304U);
  EXPECT_EQ(big.u32(4), 0x050607F8U);
  EXPECT_EQ(big.u64(0), 0x01020304050607F8U);
  EXPECT_EQ(little.u16(0), 0x0201);
  EXPECT_EQ(little.u24(1), 0x040302U);
  EXPECT_EQ(little.u32(4), 0xF8070605U);
  EXPECT_EQ(little.u64(0), 0xF807060504030201U);
}

TEST(ByteReader, ThrowsBeyondTheEnd) {
  const ByteReader reader(kBytes);
  EXPECT_THROW(reader.u8(8), EndOfData);
  EXPECT_THROW(reader.u16(7), EndOfData);
  EXPECT_THROW(reader.u64(1), EndOfData);
  EXPECT_THROW(reader.slice(4, 5), EndOfData);
  EXPECT_EQ(reader.slice(8, 0).size(), 0U);
}

TEST(ByteReader, PlacesThatOverflowAreBeyondTheEnd) {
  const ByteReader reader(kBytes);
  EXPECT_FALSE(reader.has(SIZE_MAX, 2));
  EXPECT_FALSE(reader.has(2, SIZE_MAX));
  EXPECT_THROW(reader.u32(SIZE_MAX - 1), EndOfData);
}

TEST(ByteReader, MatchesOnlyWhatIsThere) {
  const ByteReader reader(kBytes);
  EXPECT_TRUE(reader.matches(1, "\x02\x03"));
  EXPECT_FALSE(reader.matches(0, "\x02\x03"));
  EXPECT_FALSE(reader.matches(7, "\xF8\x01"));
}

}  // namespace
}  // namespace swiftavatar
