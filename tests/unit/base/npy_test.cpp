#include "base/npy.h"

#include <bit>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "temporary_folder.h"

namespace swiftavatar {
namespace {

using namespace std::string_literals;
using Bytes = std::vector<uint8_t>;

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// A file around a header's dictionary, without numpy's padding: a reader takes what the length says.
Bytes npy(const std::string& dictionary, const std::string& data, int version = 1) {
  std::string text("\x93NUMPY", 6);
  text += {static_cast<char>(version), '\0'};
  const size_t length = dictionary.size() + 1;
  text += {static_cast<char>(length & 255), static_cast<char>(length >> 8)};
  if (version > 1) text += {'\0', '\0'};
  return bytes_of(text + dictionary + "\n" + data);
}

Bytes npy_of_shape(const std::string& shape, size_t floats) {
  return npy("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }", std::string(floats * 4, '\0'));
}

ErrorCode code_of(const Bytes& bytes) {
  const auto tensor = parse_npy(bytes, "code.npy");
  if (tensor.ok()) throw std::runtime_error("was read");
  EXPECT_EQ(tensor.error().message.find("code.npy: "), 0U) << tensor.error().message;
  return tensor.error().code;
}

/// numpy.save of float32 [[1, 2, 3], [-4, 0.5, 6.5]].
Bytes saved_by_numpy() {
  const std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  const std::string data(
      "\x00\x00\x80\x3F\x00\x00\x00\x40\x00\x00\x40\x40\x00\x00\x80\xC0\x00\x00\x00\x3F\x00\x00\xD0\x40", 24);
  return bytes_of(std::string("\x93NUMPY\x01\x00\x76\x00", 10) + dictionary +
                  std::string(117 - dictionary.size(), ' ') + "\n" + data);
}

TEST(Npy, ReadsWhatNumpySaves) {
  const Tensor tensor = parse_npy(saved_by_numpy(), "a.npy").value();
  EXPECT_EQ(tensor.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(tensor.data, (std::vector<float>{1, 2, 3, -4, 0.5, 6.5}));
}

TEST(Npy, WritesByteForByteWhatNumpySaves) {
  EXPECT_EQ(encode_npy({{2, 3}, {1, 2, 3, -4, 0.5, 6.5}}), saved_by_numpy());
}

TEST(Npy, WritesShapesAsPythonDoes) {
  const auto header = [](const Tensor& tensor) {
    const Bytes bytes = encode_npy(tensor);
    EXPECT_EQ((bytes.size() - tensor.data.size() * 4) % 64, 0U) << "the data is aligned";
    const std::string text(bytes.begin(), bytes.end());
    const size_t from = text.find("'shape': ") + 9;
    return text.substr(from, text.find('}') - from);
  };
  EXPECT_EQ(header({{}, {5}}), "(), ");
  EXPECT_EQ(header({{2}, {5, 6}}), "(2,), ");
  EXPECT_EQ(header({{1, 2, 1}, {5, 6}}), "(1, 2, 1), ");
  EXPECT_EQ(header({{0, 512}, {}}), "(0, 512), ");
}

TEST(Npy, RoundTripKeepsEveryBit) {
  const float payload_nan = std::bit_cast<float>(0x7FC12345);
  const Tensor tensor = {{2, 1, 4},
                         {0.1f, -0.0f, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max(),
                          std::numeric_limits<float>::infinity(), -1e-30f, payload_nan, 3}};
  const Tensor back = parse_npy(encode_npy(tensor), "a.npy").value();
  EXPECT_EQ(back.shape, tensor.shape);
  ASSERT_EQ(back.data.size(), tensor.data.size());
  EXPECT_EQ(std::memcmp(back.data.data(), tensor.data.data(), tensor.data.size() * 4), 0);
}

TEST(Npy, RoundTripByFile) {
  const testing::TemporaryFolder folder;
  ASSERT_FALSE(write_npy(folder / "code.npy", {{3}, {1, 2, 3}}));
  const Tensor tensor = read_npy(folder / "code.npy").value();
  EXPECT_EQ(tensor.shape, std::vector<int64_t>{3});
  EXPECT_EQ(tensor.data, (std::vector<float>{1, 2, 3}));
}

TEST(Npy, FileErrorsAreThoseOfFiles) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(read_npy(folder / "none.npy").error().code, ErrorCode::io_error);
  EXPECT_EQ(write_npy(folder / "none" / "code.npy", {{1}, {1}})->code, ErrorCode::output_unwritable);
  testing::put_text(folder / "text.npy", "no array at all");
  const auto text = read_npy(folder / "text.npy");
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, ErrorCode::usage);
  EXPECT_NE(text.error().message.find((folder / "text.npy").string()), std::string::npos);
}

TEST(Npy, RoundsDoubles) {
  const double values[] = {0.1, -2.5};
  const std::string data(reinterpret_cast<const char*>(values), sizeof values);
  const Tensor tensor =
      parse_npy(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", data), "a.npy").value();
  EXPECT_EQ(tensor.data, (std::vector<float>{0.1f, -2.5f}));
}

TEST(Npy, ReadsAllThreeVersionsAndAnyOrderOfKeys) {
  for (const int version : {1, 2, 3}) {
    const auto tensor =
        parse_npy(npy("{'shape': (1,), 'fortran_order': False, 'descr': '<f4'}", "\0\0\x80\x3F"s, version), "a");
    ASSERT_TRUE(tensor.ok()) << version << ": " << tensor.error().message;
    EXPECT_EQ(tensor.value().data, std::vector<float>{1});
  }
}

TEST(Npy, ReadsScalarsAndEmptyArrays) {
  const Tensor scalar = parse_npy(npy_of_shape("()", 1), "a.npy").value();
  EXPECT_TRUE(scalar.shape.empty());
  EXPECT_EQ(scalar.data.size(), 1U);
  const Tensor empty = parse_npy(npy_of_shape("(0, 512)", 0), "a.npy").value();
  EXPECT_EQ(empty.shape, (std::vector<int64_t>{0, 512}));
  EXPECT_TRUE(empty.data.empty());
}

TEST(Npy, CutAnywhereIsRefused) {
  const Bytes whole = saved_by_numpy();
  constexpr size_t kData = 128;
  for (size_t length = 0; length < whole.size(); ++length) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<long>(length));
    EXPECT_EQ(code_of(cut), length < kData ? ErrorCode::usage : ErrorCode::truncated) << length;
  }
}

TEST(Npy, LongerThanTheHeaderSaysIsRefused) {
  Bytes bytes = saved_by_numpy();
  bytes.push_back(0);
  EXPECT_EQ(code_of(bytes), ErrorCode::usage);
}

TEST(Npy, RefusesOtherTypesAndOrders) {
  for (const std::string type : {"'>f4'", "'<i4'", "'|u1'", "'<f2'", "'|O'", "[('x', '<f4')]"}) {
    const Bytes bytes = npy("{'descr': " + type + ", 'fortran_order': False, 'shape': (1,), }", "\0\0\0\0"s);
    EXPECT_EQ(code_of(bytes), ErrorCode::usage) << type;
  }
  EXPECT_EQ(code_of(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "\0\0\0\0"s)), ErrorCode::usage);
}

TEST(Npy, RefusesBrokenHeaders) {
  for (const std::string shape : {"(2, 3", "(2 3)", "(-1,)", "(a,)", "2", "(,)", "", "(1.5,)",
                                  "(99999999999999999999,)", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"}) {
    EXPECT_EQ(code_of(npy_of_shape(shape, 1)), ErrorCode::usage) << shape;
  }
  EXPECT_EQ(code_of(npy("{'descr': '<f4', 'fortran_order': False, }", "\0\0\0\0"s)), ErrorCode::usage);
  EXPECT_EQ(code_of(npy("{'descr': '<f4', 'shape': (1,), }", "\0\0\0\0"s)), ErrorCode::usage);
  EXPECT_EQ(code_of(npy("", "")), ErrorCode::usage);
  EXPECT_EQ(code_of(npy("{'descr':", "")), ErrorCode::usage);
  for (const uint8_t version : {0, 4, 255}) {
    Bytes bytes = saved_by_numpy();
    bytes[6] = version;
    EXPECT_EQ(code_of(bytes), ErrorCode::usage) << int{version};
  }
}

TEST(Npy, SizesThatOverflowAreRefusedWithoutMemory) {
  EXPECT_EQ(code_of(npy_of_shape("(4294967296, 4294967296)", 1)), ErrorCode::usage);
  EXPECT_EQ(code_of(npy_of_shape("(9223372036854775807, 2, 2)", 1)), ErrorCode::usage);
  EXPECT_EQ(code_of(npy_of_shape("(1000000000,)", 1)), ErrorCode::truncated);
}

}  // namespace
}  // namespace swiftavatar
