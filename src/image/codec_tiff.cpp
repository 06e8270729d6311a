// libtiff unpacks; what the samples mean is said here, as its own RGBA reader knows neither alpha of 16-bit grey nor
// the white of L*a*b*, and takes every fourth sample for alpha.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

#include <tiffio.h>
#include <opencv2/imgproc.hpp>

#include "image/codec.h"
#include "image/color_profile.h"

namespace swiftavatar {

namespace {

constexpr tmsize_t kMaxAllocation = tmsize_t{1} << 30;

/// A file in memory, and what libtiff says of it.
struct Source {
  std::span<const uint8_t> bytes;
  size_t at = 0;
  bool failed = false, doubtful = false;  ///< errors that it goes on after, and warnings
};

Source& source_of(thandle_t handle) { return *static_cast<Source*>(handle); }

tmsize_t read_source(thandle_t handle, void* to, tmsize_t size) {
  Source& source = source_of(handle);
  if (source.at >= source.bytes.size()) return 0;
  const size_t count = std::min(static_cast<size_t>(size), source.bytes.size() - source.at);
  std::memcpy(to, source.bytes.data() + source.at, count);
  source.at += count;
  return static_cast<tmsize_t>(count);
}

toff_t seek_source(thandle_t handle, toff_t offset, int from) {
  Source& source = source_of(handle);
  const size_t base = from == SEEK_SET ? 0 : from == SEEK_CUR ? source.at : source.bytes.size();
  return source.at = base + static_cast<size_t>(offset);
}

struct Close {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};
using Tiff = std::unique_ptr<TIFF, Close>;

Tiff open(Source& source) {
  const auto fail = [](TIFF*, void* to, const char*, const char*, va_list) {
    source_of(to).failed = true;
    return 1;
  };
  const auto doubt = [](TIFF*, void* to, const char*, const char*, va_list) {
    source_of(to).doubtful = true;
    return 1;
  };
  const std::unique_ptr<TIFFOpenOptions, Close> options(TIFFOpenOptionsAlloc());
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxAllocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), fail, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), doubt, &source);
  return Tiff(TIFFClientOpenExt(
      "photo", "rhm", &source, read_source, [](thandle_t, void*, tmsize_t) { return tmsize_t{0}; }, seek_source,
      [](thandle_t) { return 0; }, [](thandle_t handle) { return static_cast<toff_t>(source_of(handle).bytes.size()); },
      nullptr, nullptr, options.get()));
}

uint16_t tag_of(TIFF* tiff, uint32_t tag) {
  uint16_t value = 0;
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

/// How a page stores its pixels.
struct Layout {
  explicit Layout(TIFF* tiff)
      : bits(tag_of(tiff, TIFFTAG_BITSPERSAMPLE)),
        samples(tag_of(tiff, TIFFTAG_SAMPLESPERPIXEL)),
        photometric(tag_of(tiff, TIFFTAG_PHOTOMETRIC)),
        compression(tag_of(tiff, TIFFTAG_COMPRESSION)),
        planar(tag_of(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE) {
    colours = photometric == PHOTOMETRIC_MINISWHITE || photometric == PHOTOMETRIC_MINISBLACK ||
                      photometric == PHOTOMETRIC_PALETTE
                  ? 1
                  : 3;
    uint16_t count = 0;
    const uint16_t* kinds = nullptr;
    TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds);
    for (uint16_t i = count; i-- > 0;) {
      if (kinds[i] != EXTRASAMPLE_UNSPECIFIED) alpha_kind = kinds[i], alpha_at = colours + i;
    }
    if (count == 0 && samples == colours + 1) alpha_kind = EXTRASAMPLE_UNASSALPHA, alpha_at = colours;
    if (alpha_at >= samples) alpha_kind = EXTRASAMPLE_UNSPECIFIED;
  }

  uint16_t bits, samples, photometric, compression;
  bool planar;
  int colours = 0;
  int alpha_kind = EXTRASAMPLE_UNSPECIFIED, alpha_at = 0;  ///< of the first extra sample that is alpha

  bool has_alpha() const { return alpha_kind != EXTRASAMPLE_UNSPECIFIED; }
  bool is_lab() const { return photometric == PHOTOMETRIC_CIELAB || photometric == PHOTOMETRIC_ICCLAB; }
};

/// What a sample of each value becomes in 8 bits: a level, or an index into the palette.
std::vector<uint8_t> levels_of(const Layout& layout, bool inverted) {
  const uint32_t most = (1U << layout.bits) - 1;
  std::vector<uint8_t> levels(most + 1);
  for (uint32_t value = 0; value <= most; ++value) {
    const uint32_t level = layout.photometric == PHOTOMETRIC_PALETTE ? value
                           : layout.is_lab()                         ? value >> (layout.bits - 8)
                                                                     : (value * 255 + most / 2) / most;
    levels[value] = static_cast<uint8_t>(inverted ? 255 - level : level);
  }
  return levels;
}

/// Copies samples out of libtiff's rows into the channels that the picture keeps: its colours, then alpha.
class Unpacker {
 public:
  Unpacker(const Layout& layout, cv::Mat& pixels)
      : layout_(layout), colours_(levels_of(layout, layout.photometric == PHOTOMETRIC_MINISWHITE)), pixels_(pixels) {
    Layout alpha = layout;
    alpha.photometric = PHOTOMETRIC_MINISBLACK;
    alpha_ = levels_of(alpha, false);
  }

  /// `row` holds `columns` pixels from (x, y) on; of all samples, or of `plane` where they lie in planes.
  void put(const uint8_t* row, int x, int y, int columns, int plane) {
    const int channels = pixels_.channels();
    const size_t stride = layout_.planar ? 1 : layout_.samples;
    for (int channel = 0; channel < channels; ++channel) {
      const int sample = channel < layout_.colours ? channel : layout_.alpha_at;
      if (layout_.planar && sample != plane) continue;
      const uint8_t* levels = channel < layout_.colours ? colours_.data() : alpha_.data();
      uint8_t* to = pixels_.ptr(y, x) + channel;
      const size_t first = layout_.planar ? 0 : static_cast<size_t>(sample);
      for (int i = 0; i < columns; ++i, to += channels)
        *to = levels[value_at(row, static_cast<size_t>(i) * stride + first)];
    }
  }

 private:
  uint32_t value_at(const uint8_t* row, size_t index) const {
    if (layout_.bits == 8) return row[index];
    if (layout_.bits == 16) {
      uint16_t value = 0;
      std::memcpy(&value, row + 2 * index, 2);
      return value;
    }
    const size_t bit = index * layout_.bits;  // 1, 2 and 4 bits never straddle bytes
    return row[bit / 8] >> (8 - layout_.bits - bit % 8) & ((1U << layout_.bits) - 1);
  }

  const Layout& layout_;
  std::vector<uint8_t> colours_, alpha_;
  cv::Mat& pixels_;
};

bool unpack(TIFF* tiff, const Layout& layout, cv::Mat& pixels) {
  Unpacker unpacker(layout, pixels);
  const bool tiled = TIFFIsTiled(tiff) != 0;
  uint32_t width = static_cast<uint32_t>(pixels.cols), height = 1;
  if (tiled && (!TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width) || !TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height)))
    return false;
  const tmsize_t row_bytes = tiled ? TIFFTileRowSize(tiff) : TIFFScanlineSize(tiff);
  const tmsize_t bytes = tiled ? TIFFTileSize(tiff) : row_bytes;
  const size_t needed = (static_cast<size_t>(width) * layout.bits * (layout.planar ? 1 : layout.samples) + 7) / 8;
  if (width == 0 || height == 0 || bytes <= 0 || bytes > kMaxAllocation || static_cast<size_t>(row_bytes) < needed ||
      static_cast<size_t>(bytes) / height < needed) {
    return false;
  }
  std::vector<uint8_t> block(static_cast<size_t>(bytes));
  for (int plane = 0; plane < (layout.planar ? layout.samples : 1); ++plane) {
    if (plane >= layout.colours && !(layout.has_alpha() && plane == layout.alpha_at)) continue;
    const auto number = static_cast<uint16_t>(plane);
    for (uint32_t y = 0; y < static_cast<uint32_t>(pixels.rows); y += height) {
      for (uint32_t x = 0; x < static_cast<uint32_t>(pixels.cols); x += width) {
        const tmsize_t read =
            tiled ? TIFFReadTile(tiff, block.data(), x, y, 0, number) : TIFFReadScanline(tiff, block.data(), y, number);
        if (read < (tiled ? bytes : 1)) return false;
        const uint32_t rows = std::min(height, static_cast<uint32_t>(pixels.rows) - y);
        const uint32_t columns = std::min(width, static_cast<uint32_t>(pixels.cols) - x);
        for (uint32_t i = 0; i < rows; ++i) {
          unpacker.put(block.data() + static_cast<size_t>(row_bytes) * i, static_cast<int>(x), static_cast<int>(y + i),
                       static_cast<int>(columns), plane);
        }
      }
    }
  }
  return true;
}

bool apply_palette(TIFF* tiff, cv::Mat& pixels) {
  const uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
  if (!TIFFGetField(tiff, TIFFTAG_COLORMAP, &red, &green, &blue)) return false;
  const size_t count = size_t{1} << tag_of(tiff, TIFFTAG_BITSPERSAMPLE);
  // Some writers fill 8 of the 16 bits.
  const bool small = std::all_of(red, red + count, [](uint16_t v) { return v < 256; }) &&
                     std::all_of(green, green + count, [](uint16_t v) { return v < 256; }) &&
                     std::all_of(blue, blue + count, [](uint16_t v) { return v < 256; });
  const int shift = small ? 0 : 8;
  cv::Mat table(1, 256, CV_8UC3, cv::Scalar::all(0)), rgb;
  for (size_t i = 0; i < count; ++i) {
    table.at<cv::Vec3b>(static_cast<int>(i)) = {static_cast<uint8_t>(red[i] >> shift),
                                                static_cast<uint8_t>(green[i] >> shift),
                                                static_cast<uint8_t>(blue[i] >> shift)};
  }
  cv::Mat indices;
  cv::extractChannel(pixels, indices, 0);
  cv::cvtColor(indices, rgb, cv::COLOR_GRAY2RGB);
  cv::LUT(rgb, table, rgb);
  if (pixels.channels() == 2) {
    cv::Mat alpha;
    cv::extractChannel(pixels, alpha, 1);
    cv::merge(std::vector<cv::Mat>{rgb, alpha}, rgb);
  }
  pixels = rgb;
  return true;
}

/// Colours that are no levels of red, green and blue become such; CIELAB's a* and b* are signed, ICCLAB's are not.
bool to_rgb(TIFF* tiff, const Layout& layout, cv::Mat& pixels) {
  if (layout.photometric == PHOTOMETRIC_PALETTE) return apply_palette(tiff, pixels);
  if (layout.is_lab()) {
    if (layout.photometric == PHOTOMETRIC_CIELAB) cv::bitwise_xor(pixels, cv::Scalar(0, 128, 128), pixels);
    lab_to_srgb(pixels);
  } else if (pixels.channels() == 2) {
    cv::Mat grey, alpha;
    cv::extractChannel(pixels, grey, 0);
    cv::extractChannel(pixels, alpha, 1);
    cv::merge(std::vector<cv::Mat>{grey, grey, grey, alpha}, pixels);
  }
  return true;
}

/// Subsampled colour differences: libtiff's own reader, without its turning by the orientation.
bool read_rgba(TIFF* tiff, cv::Mat& pixels) {
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  cv::Mat rgba(pixels.size(), CV_8UC4);
  if (!TIFFReadRGBAImageOriented(tiff, static_cast<uint32_t>(rgba.cols), static_cast<uint32_t>(rgba.rows),
                                 rgba.ptr<uint32_t>(), ORIENTATION_TOPLEFT, /*stop_on_error=*/1)) {
    return false;
  }
  cv::cvtColor(rgba, pixels, cv::COLOR_RGBA2RGB);  // its numbers are ABGR, so their bytes are RGBA
  return true;
}

bool is_supported(const Layout& layout) {
  const bool bits = layout.bits == 1 || layout.bits == 2 || layout.bits == 4 || layout.bits == 8 || layout.bits == 16;
  switch (layout.photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_RGB: return bits;
    case PHOTOMETRIC_PALETTE: return bits && layout.bits <= 8;
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB: return (layout.bits == 8 || layout.bits == 16) && !layout.has_alpha();
    case PHOTOMETRIC_YCBCR: return layout.bits == 8 && layout.samples == 3;
    default: return false;
  }
}

}  // namespace

Result<StoredPicture> read_tiff(std::span<const uint8_t> bytes, const Probe& probe) {
  Source source{bytes};
  const Tiff tiff = open(source);
  if (!tiff || !TIFFSetSubDirectory(tiff.get(), probe.page_at)) return damaged_error("a TIFF that libtiff cannot open");
  uint32_t width = 0, height = 0;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  if (width != static_cast<uint32_t>(probe.info.width) || height != static_cast<uint32_t>(probe.info.height))
    return damaged_error("its picture has another size than its header says");

  Layout layout(tiff.get());
  if (!is_supported(layout) || layout.samples < layout.colours) {
    return unsupported_error("a TIFF with pixels of a rare kind (photometric " + std::to_string(layout.photometric) +
                             ", " + std::to_string(layout.samples) + " samples of " + std::to_string(layout.bits) +
                             " bits); save it as 8-bit RGB");
  }
  if (!TIFFIsCODECConfigured(layout.compression)) {
    return unsupported_error("a TIFF of a rare compression (" + std::to_string(layout.compression) +
                             "); save it without compression");
  }
  if (layout.photometric == PHOTOMETRIC_YCBCR && layout.compression == COMPRESSION_JPEG && !layout.planar) {
    TIFFSetField(tiff.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    layout.photometric = PHOTOMETRIC_RGB;
  }

  StoredPicture picture{.premultiplied = layout.alpha_kind == EXTRASAMPLE_ASSOCALPHA};
  const int channels = layout.colours + (layout.has_alpha() ? 1 : 0);
  picture.pixels.create(probe.info.height, probe.info.width, CV_8UC(channels));
  source.failed = source.doubtful = false;  // of tags that do not matter
  const bool read = layout.photometric == PHOTOMETRIC_YCBCR
                        ? read_rgba(tiff.get(), picture.pixels)
                        : unpack(tiff.get(), layout, picture.pixels) && to_rgb(tiff.get(), layout, picture.pixels);
  if (!read || source.failed) return damaged_error("its picture data cannot be decoded");
  if (source.doubtful)
    picture.warnings.push_back("The TIFF's picture data are damaged; parts of the picture may be wrong.");
  return picture;
}

}  // namespace swiftavatar
