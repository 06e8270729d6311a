#include <png.h>

#include <csetjmp>

#include "image/codec.h"

namespace swiftavatar {

/// libpng's "simplified API" turns every kind of PNG to 8 bits of sRGB, by gAMA or sRGB where the file has them.
Result<StoredPicture> read_png(std::span<const uint8_t> bytes, const Probe& probe) {
  const std::vector<uint8_t> plain = without_png_profile(bytes);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, plain.data(), plain.size())) return damaged_error(image.message);
  if (image.width != static_cast<uint32_t>(probe.info.width) ||
      image.height != static_cast<uint32_t>(probe.info.height)) {
    png_image_free(&image);
    return damaged_error("its picture has another size than its header says");
  }
  StoredPicture picture;
  const bool alpha = image.format & PNG_FORMAT_FLAG_ALPHA, colour = image.format & PNG_FORMAT_FLAG_COLOR;
  try {
    picture.pixels.create(probe.info.height, probe.info.width, alpha ? CV_8UC4 : colour ? CV_8UC3 : CV_8UC1);
  } catch (...) {
    png_image_free(&image);
    throw;
  }
  image.format = alpha ? PNG_FORMAT_RGBA : colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16 bits without gAMA are no linear light
  if (!png_image_finish_read(&image, nullptr, picture.pixels.data, static_cast<int>(picture.pixels.step), nullptr))
    return damaged_error(image.message);
  return picture;
}

namespace {

/// Only trivial objects: libpng leaves it by longjmp.
bool write(png_structp png, png_infop info, const cv::Mat& image, std::vector<uint8_t>& bytes) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_write_fn(
      png, &bytes,
      [](png_structp file, png_bytep data, size_t size) {
        auto& to = *static_cast<std::vector<uint8_t>*>(png_get_io_ptr(file));
        to.insert(to.end(), data, data + size);
      },
      nullptr);
  // Fast rather than small: previews are written once for each face.
  png_set_compression_level(png, 1);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
  png_set_compression_strategy(png, 3 /* Z_RLE */);
  const int type = image.channels() == 1   ? PNG_COLOR_TYPE_GRAY
                   : image.channels() == 3 ? PNG_COLOR_TYPE_RGB
                                           : PNG_COLOR_TYPE_RGB_ALPHA;
  png_set_IHDR(png, info, static_cast<uint32_t>(image.cols), static_cast<uint32_t>(image.rows), 8, type,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (int y = 0; y < image.rows; ++y) png_write_row(png, image.ptr(y));
  png_write_end(png, info);
  return true;
}

}  // namespace

std::vector<uint8_t> swiftavatar_write_png(const cv::Mat& image) {
  const png_error_ptr fail = [](png_structp file, png_const_charp) { png_longjmp(file, 1); };
  const png_error_ptr ignore = [](png_structp, png_const_charp) {};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  std::vector<uint8_t> bytes;
  if (!info || !write(png, info, image, bytes)) bytes.clear();
  png_destroy_write_struct(&png, &info);
  return bytes;
}

}  // namespace swiftavatar
