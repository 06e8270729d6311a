// BMP by our own code: OpenCV 4.6 and gdk-pixbuf ignore masks or the newer headers.

#include <algorithm>
#include <bit>

#include <opencv2/imgproc.hpp>

#include "image/bmp.h"
#include "image/byte_reader.h"
#include "image/codec.h"

namespace swiftavatar {

namespace {

class Palette {
 public:
  Palette(const ByteReader& reader, const BmpHeader& bmp) {
    for (size_t i = 0; i < bmp.palette_colours; ++i) {
      const size_t at = bmp.palette_at + i * bmp.colour_bytes;
      colours_[i] = {reader.u8(at + 2), reader.u8(at + 1), reader.u8(at)};
    }
  }
  /// Black beyond the palette's end, as browsers show it.
  const cv::Vec3b& operator[](uint8_t index) const { return colours_[index]; }

 private:
  std::array<cv::Vec3b, 256> colours_{};
};

/// A channel of a pixel of 16 or 32 bits, to 8 bits.
struct Channel {
  explicit Channel(uint32_t mask) : shift(mask == 0 ? 0 : std::countr_zero(mask)), most(mask >> shift) {}
  uint8_t operator()(uint32_t pixel) const {
    if (most == 255) return static_cast<uint8_t>(pixel >> shift);
    const uint64_t level = pixel >> shift & most;
    return most == 0 ? 0 : static_cast<uint8_t>((level * 255 + most / 2) / most);
  }
  int shift;
  uint32_t most;
};

cv::Mat read_masked(const ByteReader& reader, const BmpHeader& bmp) {
  const Channel channels[] = {Channel(bmp.masks[0]), Channel(bmp.masks[1]), Channel(bmp.masks[2])};
  const Channel alpha(bmp.masks[3]);
  cv::Mat rgba(static_cast<int>(bmp.height), static_cast<int>(bmp.width), CV_8UC4);
  bool transparent = false;
  for (int y = 0; y < rgba.rows; ++y) {
    const uint8_t* row = reader.slice(bmp.pixels_at + static_cast<size_t>(y) * bmp.row_bytes(), bmp.row_bytes()).data();
    for (int x = 0; x < rgba.cols; ++x) {
      const uint8_t* at = row + static_cast<size_t>(x) * bmp.bits / 8;
      uint32_t pixel = at[0] | uint32_t{at[1]} << 8;
      if (bmp.bits == 32) pixel |= uint32_t{at[2]} << 16 | uint32_t{at[3]} << 24;
      const uint8_t opacity = alpha(pixel);
      transparent |= opacity != 0;
      rgba.at<cv::Vec4b>(y, x) = {channels[0](pixel), channels[1](pixel), channels[2](pixel), opacity};
    }
  }
  // Many writers name an alpha mask and leave zeros there.
  if (!transparent) cv::cvtColor(rgba, rgba, cv::COLOR_RGBA2RGB);
  return rgba;
}

cv::Mat read_unpacked(const ByteReader& reader, const BmpHeader& bmp) {
  cv::Mat rgb(static_cast<int>(bmp.height), static_cast<int>(bmp.width), CV_8UC3);
  const Palette palette(reader, bmp);
  for (int y = 0; y < rgb.rows; ++y) {
    const auto row = reader.slice(bmp.pixels_at + static_cast<size_t>(y) * bmp.row_bytes(), bmp.row_bytes());
    if (bmp.bits == 24) {
      cv::cvtColor(cv::Mat(1, rgb.cols, CV_8UC3, const_cast<uint8_t*>(row.data())), rgb.row(y), cv::COLOR_BGR2RGB);
      continue;
    }
    for (int x = 0; x < rgb.cols; ++x) {
      const size_t bit = static_cast<size_t>(x) * bmp.bits;
      const int index = row[bit / 8] >> (8 - bmp.bits - bit % 8);
      rgb.at<cv::Vec3b>(y, x) = palette[static_cast<uint8_t>(index & ((1 << bmp.bits) - 1))];
    }
  }
  return rgb;
}

/// Runs: a count and a colour (RLE4: two, in turns), or 0 and an escape: end of line, end of picture, a step to the
/// right and up, or a count of colours that follow one by one. Pixels that are stepped over have colour 0.
Result<cv::Mat> read_runs(const ByteReader& reader, const BmpHeader& bmp) {
  const bool nibbles = bmp.compression == BmpHeader::kRle4;
  const Palette palette(reader, bmp);
  const cv::Vec3b first = palette[0];
  cv::Mat rgb(static_cast<int>(bmp.height), static_cast<int>(bmp.width), CV_8UC3,
              cv::Scalar(first[0], first[1], first[2]));
  const auto damaged = [] { return damaged_error("a BMP whose runs leave the picture"); };
  int x = 0, y = 0;
  const auto put = [&](uint8_t index) {
    if (y >= rgb.rows) return false;
    if (x < rgb.cols) rgb.at<cv::Vec3b>(y, x++) = palette[index];  // what is beyond the row is dropped, as elsewhere
    return true;
  };
  const auto nibble = [&](uint8_t byte, size_t i) -> uint8_t {
    return !nibbles ? byte : i % 2 == 0 ? byte >> 4 : byte & 15;
  };
  for (size_t at = bmp.pixels_at;;) {
    const bool whole = y >= rgb.rows || (y == rgb.rows - 1 && x == rgb.cols);
    if (whole && !reader.has(at, 2)) return rgb;  // only the end's code is missing
    const size_t count = reader.u8(at);
    const uint8_t value = reader.u8(at + 1);
    at += 2;
    if (count > 0) {
      for (size_t i = 0; i < count; ++i) {
        if (!put(nibble(value, i))) return damaged();
      }
    } else if (value == 0) {
      x = 0;
      ++y;
    } else if (value == 1) {
      return rgb;
    } else if (value == 2) {
      x = std::min<int>(rgb.cols, x + reader.u8(at));
      y += reader.u8(at + 1);
      at += 2;
      if (y > rgb.rows) return damaged();
    } else {
      const size_t length = nibbles ? (value + 1) / 2 : value;
      const auto colours = reader.slice(at, length);
      for (size_t i = 0; i < value; ++i) {
        if (!put(nibble(colours[nibbles ? i / 2 : i], i))) return damaged();
      }
      at += length + length % 2;
    }
  }
}

}  // namespace

Result<StoredPicture> read_bmp(std::span<const uint8_t> bytes, const Probe&) {
  const ByteReader reader(bytes, /*big_endian=*/false);
  const BmpHeader bmp = read_bmp_header(bytes);
  StoredPicture picture;
  try {
    if (bmp.packed()) {
      auto runs = read_runs(reader, bmp);
      if (!runs.ok()) return runs.error();
      picture.pixels = runs.value();
    } else {
      picture.pixels = bmp.bits == 16 || bmp.bits == 32 ? read_masked(reader, bmp) : read_unpacked(reader, bmp);
    }
  } catch (const EndOfData&) {
    return truncated_error();
  }
  if (!bmp.top_down) cv::flip(picture.pixels, picture.pixels, 0);
  return picture;
}

}  // namespace swiftavatar
