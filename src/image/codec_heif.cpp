#include "image/codec.h"

#ifdef SWIFTAVATAR_HEIF
#include <libheif/heif.h>

#include <memory>

#include <opencv2/imgproc.hpp>

#include "image/color_profile.h"

namespace swiftavatar {

namespace {

struct Free {
  void operator()(heif_context* context) const { heif_context_free(context); }
  void operator()(heif_image_handle* handle) const { heif_image_handle_release(handle); }
  void operator()(heif_image* image) const { heif_image_release(image); }
  void operator()(heif_color_profile_nclx* colours) const { heif_nclx_color_profile_free(colours); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Error failure(const heif_error& error) {
  std::string message = error.message;
  message.erase(message.find_last_not_of(" \n") + 1);
  if (error.code == heif_error_Unsupported_feature || error.code == heif_error_Unsupported_filetype) {
    return unsupported_error("a HEIC or AVIF picture that libheif cannot read (" + message +
                             "); save it as JPEG or PNG");
  }
  if (error.subcode == heif_suberror_End_of_data) return truncated_error();
  return damaged_error(message);
}

cv::Mat plane_of(heif_image* image, heif_channel channel, int type) {
  int stride = 0;
  uint8_t* data = heif_image_get_plane(image, channel, &stride);
  const int width = heif_image_get_width(image, channel), height = heif_image_get_height(image, channel);
  if (data == nullptr || width <= 0 || height <= 0) return {};
  return cv::Mat(height, width, type, data, static_cast<size_t>(stride));
}

/// A plane of any depth, to 8 bits.
cv::Mat levels_of(heif_image* image, heif_channel channel) {
  const int bits = heif_image_get_bits_per_pixel_range(image, channel);
  cv::Mat levels;
  if (bits < 8 || bits > 16) return levels;
  plane_of(image, channel, bits == 8 ? CV_8UC1 : CV_16UC1).convertTo(levels, CV_8U, 255.0 / ((1 << bits) - 1));
  return levels;
}

/// libheif 1.15 takes the range of grey pictures for full, whatever it is; so they are read without its conversion.
cv::Mat grey_of(heif_image* image) {
  cv::Mat grey = levels_of(image, heif_channel_Y);
  heif_color_profile_nclx* colours = nullptr;
  const bool told = heif_image_get_nclx_color_profile(image, &colours).code == heif_error_Ok;
  const Owned<heif_color_profile_nclx> owner(colours);
  if (told && !colours->full_range_flag) grey.convertTo(grey, CV_8U, 255.0 / 219, -16 * 255.0 / 219);
  const cv::Mat alpha = levels_of(image, heif_channel_Alpha);
  if (!alpha.empty() && alpha.size() == grey.size()) cv::merge(std::vector<cv::Mat>{grey, grey, grey, alpha}, grey);
  return grey;
}

/// ICC, or coded colours from the file's boxes, or those of the coded picture itself.
void read_colours(const heif_image_handle* handle, const heif_image* image, StoredPicture& picture) {
  const size_t length = heif_image_handle_get_raw_color_profile_size(handle);
  if (length > 0 && length <= kMaxProfileBytes) {
    picture.profile.resize(length);
    if (heif_image_handle_get_raw_color_profile(handle, picture.profile.data()).code != heif_error_Ok)
      picture.profile.clear();
    return;
  }
  heif_color_profile_nclx* nclx = nullptr;
  if (heif_image_handle_get_nclx_color_profile(handle, &nclx).code != heif_error_Ok &&
      heif_image_get_nclx_color_profile(image, &nclx).code != heif_error_Ok) {
    return;
  }
  const Owned<heif_color_profile_nclx> owner(nclx);
  const CodedColours colours{nclx->color_primaries, nclx->transfer_characteristics};
  picture.profile = profile_of(colours);
  if (colours.is_hdr()) picture.warnings.push_back(kHdrWarning);
}

}  // namespace

Result<StoredPicture> read_heif(std::span<const uint8_t> bytes, const Probe& probe) {
  const Owned<heif_context> context(heif_context_alloc());
  heif_error error = heif_context_read_from_memory_without_copy(context.get(), bytes.data(), bytes.size(), nullptr);
  if (error.code != heif_error_Ok) return failure(error);
  heif_image_handle* found = nullptr;
  error = heif_context_get_primary_image_handle(context.get(), &found);
  const Owned<heif_image_handle> handle(found);
  if (error.code != heif_error_Ok) return failure(error);
  const Error other_size = damaged_error("its picture has another size than its header says");
  if (heif_image_handle_get_width(found) != probe.info.width ||
      heif_image_handle_get_height(found) != probe.info.height)
    return other_size;

  const bool alpha = heif_image_handle_has_alpha_channel(found);
  heif_image* decoded = nullptr;
  error = heif_decode_image(found, &decoded, probe.grey ? heif_colorspace_undefined : heif_colorspace_RGB,
                            probe.grey ? heif_chroma_undefined
                            : alpha    ? heif_chroma_interleaved_RGBA
                                       : heif_chroma_interleaved_RGB,
                            nullptr);
  const Owned<heif_image> image(decoded);
  if (error.code != heif_error_Ok) return failure(error);
  StoredPicture picture;
  if (!probe.grey) {
    picture.pixels = plane_of(decoded, heif_channel_interleaved, alpha ? CV_8UC4 : CV_8UC3).clone();
  } else if (heif_image_get_colorspace(decoded) == heif_colorspace_monochrome) {
    picture.pixels = grey_of(decoded);
  }
  if (picture.pixels.empty()) return damaged_error("libheif gave no pixels");
  // The coded picture may be of any size.
  if (picture.pixels.cols != probe.info.width || picture.pixels.rows != probe.info.height) return other_size;
  picture.premultiplied = picture.pixels.channels() == 4 && heif_image_handle_is_premultiplied_alpha(found);
  read_colours(found, decoded, picture);
  return picture;
}

}  // namespace swiftavatar

#else

namespace swiftavatar {

Result<StoredPicture> read_heif(std::span<const uint8_t>, const Probe&) {
  return unsupported_error(
      "a HEIC or AVIF picture, which this program was built without (it needs libheif); save it as JPEG or PNG");
}

}  // namespace swiftavatar

#endif
