#pragma once
// Small pictures as files, made byte by byte where OpenCV cannot write what a test needs.

#include <algorithm>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "swiftavatar/image.h"

namespace swiftavatar::testing {

using Bytes = std::vector<uint8_t>;

inline Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

inline void append(Bytes& to, const Bytes& from) { to.insert(to.end(), from.begin(), from.end()); }

/// The first `length` bytes.
inline Bytes cut(const Bytes& bytes, size_t length) {
  return {bytes.begin(), bytes.begin() + static_cast<long>(length)};
}

inline Bytes big(uint64_t value, int width) {
  Bytes bytes;
  for (int i = width - 1; i >= 0; --i) bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
  return bytes;
}

inline Bytes little(uint64_t value, int width) {
  Bytes bytes = big(value, width);
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

inline Bytes number(uint64_t value, int width, bool big_endian) {
  return big_endian ? big(value, width) : little(value, width);
}

/// Overwrites bytes in place.
inline void patch(Bytes& bytes, size_t at, const Bytes& by) {
  std::copy(by.begin(), by.end(), bytes.begin() + static_cast<long>(at));
}

/// An RGB picture without symmetry, smooth enough for lossy formats.
inline cv::Mat picture(int width = 48, int height = 32) {
  cv::Mat rgb(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int right = 200 * x / width, down = 200 * y / height;
      rgb.at<cv::Vec3b>(y, x) = cv::Vec3b(static_cast<uint8_t>(30 + right), static_cast<uint8_t>(30 + down),
                                          static_cast<uint8_t>(230 - right / 2 - down / 2));
    }
  }
  return rgb;
}

inline cv::Mat swap_red_and_blue(const cv::Mat& rgb) {
  cv::Mat swapped;
  cv::cvtColor(rgb, swapped, cv::COLOR_RGB2BGR);
  return swapped;
}

/// OpenCV's file of an RGB, RGBA or grey picture.
inline Bytes encode(const std::string& suffix, const cv::Mat& image, const std::vector<int>& parameters = {}) {
  cv::Mat bgr = image.clone();
  if (image.channels() == 3) cv::cvtColor(image, bgr, cv::COLOR_RGB2BGR);
  if (image.channels() == 4) cv::cvtColor(image, bgr, cv::COLOR_RGBA2BGRA);
  Bytes bytes;
  if (!cv::imencode(suffix, bgr, bytes, parameters)) throw std::runtime_error("cannot encode " + suffix);
  return bytes;
}

/// How the camera stores an upright picture so that `orientation` is right: Exif says for each value which side of the
/// scene row 0 and column 0 of the stored picture are.
inline cv::Mat stored_for(const cv::Mat& upright, int orientation) {
  enum Side { top, bottom, left, right };
  constexpr std::pair<Side, Side> kRowAndColumn[] = {{top, left}, {top, right}, {bottom, right}, {bottom, left},
                                                     {left, top}, {right, top}, {right, bottom}, {left, bottom}};
  const auto [row0, column0] = kRowAndColumn[orientation - 1];
  const bool sideways = row0 == left || row0 == right;
  const int last_x = upright.cols - 1, last_y = upright.rows - 1;
  cv::Mat stored(sideways ? upright.cols : upright.rows, sideways ? upright.rows : upright.cols, CV_8UC3);
  for (int row = 0; row < stored.rows; ++row) {
    for (int column = 0; column < stored.cols; ++column) {
      const int along_x = sideways ? row : column, along_y = sideways ? column : row;
      const int x = row0 == right || column0 == right ? last_x - along_x : along_x;
      const int y = row0 == bottom || column0 == bottom ? last_y - along_y : along_y;
      stored.at<cv::Vec3b>(row, column) = upright.at<cv::Vec3b>(y, x);
    }
  }
  return stored;
}

/// A TIFF structure whose only entry is the orientation, as Exif blocks hold it.
inline Bytes exif_block(int orientation, bool big_endian = true) {
  const auto n = [&](uint64_t value, int width) { return number(value, width, big_endian); };
  Bytes bytes = bytes_of(big_endian ? "MM" : "II");
  for (const Bytes& part :
       {n(42, 2), n(8, 4), n(1, 2), n(0x0112, 2), n(3, 2), n(1, 4), n(orientation, 2), n(0, 2), n(0, 4)}) {
    append(bytes, part);
  }
  return bytes;
}

inline const std::string kExifPrefix("Exif\0\0", 6);

/// A JPEG with one more segment right after its start.
inline Bytes jpeg_with(const Bytes& jpeg, uint8_t marker, const std::string& prefix, const Bytes& content) {
  Bytes bytes = cut(jpeg, 2);
  append(bytes, {0xFF, marker});
  append(bytes, big(2 + prefix.size() + content.size(), 2));
  append(bytes, bytes_of(prefix));
  append(bytes, content);
  bytes.insert(bytes.end(), jpeg.begin() + 2, jpeg.end());
  return bytes;
}

inline Bytes png_chunk(const std::string& type, const Bytes& data) {
  Bytes checked = bytes_of(type), bytes = big(data.size(), 4);
  append(checked, data);
  append(bytes, checked);
  append(bytes, big(crc32(0, checked.data(), static_cast<uInt>(checked.size())), 4));
  return bytes;
}

inline Bytes deflated(const Bytes& data) {
  Bytes packed(compressBound(data.size()));
  uLongf length = packed.size();
  if (compress(packed.data(), &length, data.data(), data.size()) != Z_OK) throw std::runtime_error("zlib");
  packed.resize(length);
  return packed;
}

struct PngParts {
  uint32_t width = 0, height = 0;
  uint8_t depth = 8, colour_type = 2;  ///< 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA
  std::vector<Bytes> before_data;      ///< whole chunks
  Bytes rows;                          ///< each row after its filter byte 0
  size_t pieces = 1;                   ///< IDAT chunks
};

inline Bytes write_png(const PngParts& parts) {
  Bytes bytes = bytes_of("\x89PNG\r\n\x1A\n"), header = big(parts.width, 4);
  append(header, big(parts.height, 4));
  append(header, {parts.depth, parts.colour_type, 0, 0, 0});
  append(bytes, png_chunk("IHDR", header));
  for (const Bytes& chunk : parts.before_data) append(bytes, chunk);
  const Bytes packed = deflated(parts.rows);
  const size_t step = (packed.size() + parts.pieces - 1) / parts.pieces;
  for (size_t at = 0; at < packed.size(); at += step) {
    append(bytes, png_chunk("IDAT", Bytes(packed.begin() + static_cast<long>(at),
                                          packed.begin() + static_cast<long>(std::min(at + step, packed.size())))));
  }
  append(bytes, png_chunk("IEND", {}));
  return bytes;
}

/// An RGB or grey picture's parts, to be changed by the test.
inline PngParts png_parts(const cv::Mat& image) {
  PngParts parts{.width = static_cast<uint32_t>(image.cols), .height = static_cast<uint32_t>(image.rows)};
  parts.colour_type = image.channels() == 1 ? 0 : 2;
  for (int y = 0; y < image.rows; ++y) {
    parts.rows.push_back(0);
    parts.rows.insert(parts.rows.end(), image.ptr(y), image.ptr(y) + image.cols * image.channels());
  }
  return parts;
}

inline Bytes icc_chunk(const Bytes& profile) {
  Bytes data = bytes_of(std::string("test\0\0", 6));
  append(data, deflated(profile));
  return png_chunk("iCCP", data);
}

inline Bytes webp_chunk(const std::string& type, const Bytes& data) {
  Bytes bytes = bytes_of(type);
  append(bytes, little(data.size(), 4));
  append(bytes, data);
  if (data.size() % 2 != 0) bytes.push_back(0);
  return bytes;
}

inline Bytes webp_file(const std::vector<Bytes>& chunks) {
  Bytes content = bytes_of("WEBP"), bytes = bytes_of("RIFF");
  for (const Bytes& chunk : chunks) append(content, chunk);
  append(bytes, little(content.size(), 4));
  append(bytes, content);
  return bytes;
}

constexpr uint8_t kWebpProfile = 0x20, kWebpExif = 0x08, kWebpAnimated = 0x02;

/// The chunk that says what else is in the file.
inline Bytes webp_canvas(uint8_t flags, int width, int height) {
  Bytes data = {flags, 0, 0, 0};
  append(data, little(static_cast<uint64_t>(width - 1), 3));
  append(data, little(static_cast<uint64_t>(height - 1), 3));
  return webp_chunk("VP8X", data);
}

/// The chunks of a file as OpenCV writes it.
inline Bytes webp_content(const Bytes& webp) { return {webp.begin() + 12, webp.end()}; }

enum TiffType : uint16_t { tiff_byte = 1, tiff_short = 3, tiff_long = 4, tiff_undefined = 7, tiff_slong = 9 };

struct TiffEntry {
  uint16_t tag = 0, type = 0;
  std::vector<uint32_t> values;
};

enum TiffTag : uint16_t {
  kSubfileKind = 254,
  kWidth = 256,
  kHeight = 257,
  kBits = 258,
  kCompression = 259,
  kPhotometric = 262,
  kStripOffsets = 273,
  kOrientation = 274,
  kSamples = 277,
  kRows = 278,
  kStripCounts = 279,
  kPlanar = 284,
  kColorMap = 320,
  kExtraSamples = 338,
  kSampleFormat = 339,
  kIccProfile = 34675
};

/// A TIFF of one page, directory first and the rows in uncompressed strips after it.
struct TiffParts {
  bool big_endian = false;
  std::vector<TiffEntry> entries;  ///< in order of their tags; strip offsets are set when written
  std::vector<Bytes> strips;
  uint32_t next_page = 0;

  TiffEntry& entry(uint16_t tag) {
    for (TiffEntry& entry : entries) {
      if (entry.tag == tag) return entry;
    }
    const auto place = std::find_if(entries.begin(), entries.end(), [&](const TiffEntry& e) { return e.tag > tag; });
    return *entries.insert(place, TiffEntry{tag, tiff_short, {}});
  }
};

inline TiffParts tiff_parts(const cv::Mat& image, bool big_endian = false, int strips = 1) {
  const auto samples = static_cast<uint32_t>(image.channels());
  const int rows = (image.rows + strips - 1) / strips;
  TiffParts parts{.big_endian = big_endian};
  parts.entries = {{kWidth, tiff_long, {static_cast<uint32_t>(image.cols)}},
                   {kHeight, tiff_long, {static_cast<uint32_t>(image.rows)}},
                   {kBits, tiff_short, std::vector<uint32_t>(samples, 8)},
                   {kCompression, tiff_short, {1}},
                   {kPhotometric, tiff_short, {samples == 1 ? 1U : 2U}},
                   {kStripOffsets, tiff_long, {}},
                   {kSamples, tiff_short, {samples}},
                   {kRows, tiff_long, {static_cast<uint32_t>(rows)}},
                   {kStripCounts, tiff_long, {}}};
  for (int y = 0; y < image.rows; ++y) {
    if (y % rows == 0) parts.strips.emplace_back();
    parts.strips.back().insert(parts.strips.back().end(), image.ptr(y), image.ptr(y) + image.cols * image.channels());
  }
  for (const Bytes& strip : parts.strips)
    parts.entry(kStripCounts).values.push_back(static_cast<uint32_t>(strip.size()));
  parts.entry(kStripOffsets).values.resize(parts.strips.size());
  return parts;
}

/// `before` bytes of the file come before all of this but its first eight.
inline Bytes write_tiff(TiffParts parts, size_t before = 0) {
  const auto n = [&](uint64_t value, int width) { return number(value, width, parts.big_endian); };
  const auto width = [](uint16_t type) {
    return type == tiff_short ? 2 : type == tiff_long || type == tiff_slong ? 4 : 1;
  };
  size_t outside = before + 8 + 2 + 12 * parts.entries.size() + 4, strip_at = outside;
  for (const TiffEntry& entry : parts.entries) {
    const size_t length = entry.values.size() * static_cast<size_t>(width(entry.type));
    if (length > 4) strip_at += length;
  }
  for (TiffEntry& entry : parts.entries) {
    if (entry.tag != kStripOffsets) continue;
    size_t at = strip_at;
    for (size_t i = 0; i < parts.strips.size() && i < entry.values.size(); ++i) {
      entry.values[i] = static_cast<uint32_t>(at);
      at += parts.strips[i].size();
    }
  }

  Bytes bytes = bytes_of(parts.big_endian ? "MM" : "II"), values_outside;
  append(bytes, n(42, 2));
  append(bytes, n(8, 4));
  append(bytes, n(parts.entries.size(), 2));
  for (const TiffEntry& entry : parts.entries) {
    append(bytes, n(entry.tag, 2));
    append(bytes, n(entry.type, 2));
    append(bytes, n(entry.values.size(), 4));
    Bytes values;
    for (const uint32_t value : entry.values) append(values, n(value, width(entry.type)));
    if (values.size() > 4) {
      append(bytes, n(outside + values_outside.size(), 4));
      append(values_outside, values);
    } else {
      values.resize(4);
      append(bytes, values);
    }
  }
  append(bytes, n(parts.next_page, 4));
  append(bytes, values_outside);
  for (const Bytes& strip : parts.strips) append(bytes, strip);
  return bytes;
}

/// A refusal with this code.
template <class T>
void expect_refused(const Result<T>& result, ErrorCode code, const std::string& what = "") {
  ASSERT_FALSE(result.ok()) << what << " was accepted";
  EXPECT_EQ(to_string(result.error().code), to_string(code)) << what << ": " << result.error().message;
}

/// Decodes without error to a picture within `tolerance` levels of `expected`.
inline void expect_picture(const Bytes& bytes, const cv::Mat& expected, int tolerance, const std::string& what = "") {
  const auto image = decode_image(bytes, "test");
  ASSERT_TRUE(image.ok()) << what << ": " << image.error().message;
  ASSERT_EQ(image.value().rgb.size(), expected.size()) << what;
  ASSERT_EQ(image.value().rgb.type(), CV_8UC3) << what;
  EXPECT_LE(cv::norm(image.value().rgb, expected, cv::NORM_INF), tolerance) << what;
}

/// However much of the end is missing, nothing is decoded, and what is said is true.
inline void expect_every_cut_refused(const Bytes& whole, size_t from = 0) {
  ASSERT_TRUE(decode_image(whole, "whole").ok());
  std::map<std::string, int> codes;
  for (size_t length = from; length < whole.size(); ++length) {
    const Bytes start = cut(whole, length);
    const auto image = decode_image(start, "cut");
    ASSERT_FALSE(image.ok()) << length << " of " << whole.size() << " bytes were decoded";
    ++codes[std::string(to_string(image.error().code))];
    EXPECT_FALSE(probe_image(start).ok() && length < whole.size() / 2) << length;
  }
  const int known = codes["truncated"] + codes["not_an_image"];
  EXPECT_EQ(static_cast<size_t>(known), whole.size() - from);
  EXPECT_GT(codes["truncated"], codes["not_an_image"]);
}

}  // namespace swiftavatar::testing
