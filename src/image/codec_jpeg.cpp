#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <jerror.h>  // by what jpeglib.h defines

#include "image/codec.h"

namespace swiftavatar {

namespace {

/// libjpeg's decoder, silent, and what it complained of.
struct Decoder {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  std::jmp_buf failed{};
  bool damaged = false;  ///< data are missing or wrong, and something was put in their place
};

[[noreturn]] void fail(j_common_ptr info) { std::longjmp(static_cast<Decoder*>(info->client_data)->failed, 1); }

/// Level -1 are warnings; most speak of what does no harm, such as stray bytes between segments.
void note(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_MUST_RESYNC:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE: static_cast<Decoder*>(info->client_data)->damaged = true;
  }
}

/// False where libjpeg gives up. Only trivial objects: it leaves this function by longjmp.
bool decode(Decoder& decoder, std::span<const uint8_t> bytes, cv::Mat& pixels) {
  jpeg_decompress_struct& info = decoder.info;
  info.err = jpeg_std_error(&decoder.errors);
  decoder.errors.error_exit = fail;
  decoder.errors.emit_message = note;
  decoder.errors.output_message = [](j_common_ptr) {};
  info.client_data = &decoder;
  if (setjmp(decoder.failed)) return false;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_read_header(&info, TRUE);
  if (info.image_width != static_cast<unsigned>(pixels.cols) ||
      info.image_height != static_cast<unsigned>(pixels.rows) || info.num_components != pixels.channels()) {
    return false;
  }
  info.out_color_space = pixels.channels() == 1 ? JCS_GRAYSCALE : pixels.channels() == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels.ptr(static_cast<int>(info.output_scanline));
    jpeg_read_scanlines(&info, &row, 1);
  }
  return true;
}

/// As Adobe stores them: 255 is no ink.
cv::Mat rgb_of_inks(const cv::Mat& inks) {
  cv::Mat rgb(inks.size(), CV_8UC3);
  for (int y = 0; y < inks.rows; ++y) {
    const auto* ink = inks.ptr<cv::Vec4b>(y);
    auto* pixel = rgb.ptr<cv::Vec3b>(y);
    for (int x = 0; x < inks.cols; ++x) {
      for (int channel = 0; channel < 3; ++channel)
        pixel[x][channel] = static_cast<uint8_t>((ink[x][channel] * ink[x][3] + 127) / 255);
    }
  }
  return rgb;
}

}  // namespace

Result<StoredPicture> read_jpeg(std::span<const uint8_t> bytes, const Probe& probe) {
  StoredPicture picture{.pixels = cv::Mat(probe.info.height, probe.info.width, CV_8UC(probe.channels))};
  Decoder decoder;
  const bool decoded = decode(decoder, bytes, picture.pixels);
  jpeg_destroy_decompress(&decoder.info);
  if (probe.unended && (!decoded || decoder.damaged)) return truncated_error();
  if (!decoded) return damaged_error("its picture data cannot be decoded");
  if (probe.unended) {
    picture.warnings.push_back("The end of the JPEG is missing, but no part of the picture.");
  } else if (decoder.damaged) {
    picture.warnings.push_back("The JPEG's picture data are damaged; parts of the picture may be wrong.");
  }
  if (probe.channels == 4) {
    picture.pixels = rgb_of_inks(picture.pixels);
    picture.warnings.push_back("The photo is in printing colours (CMYK); its colours are approximate.");
  }
  return picture;
}

}  // namespace swiftavatar
