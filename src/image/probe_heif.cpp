// HEIC and AVIF: ISO/IEC 23008-12 boxes checked for completeness here, the rest by libheif where it is built in.

#include <memory>

#include "image/byte_reader.h"
#include "image/probe.h"

#ifdef SWIFTAVATAR_HEIF
#include <libheif/heif.h>
#endif

namespace swiftavatar {

#ifndef SWIFTAVATAR_HEIF

Result<Probe> probe_heif(std::span<const uint8_t>) {
  return Error{ErrorCode::unsupported_format,
               "is a HEIC or AVIF picture, which this program was built without (it needs "
               "libheif); save it as JPEG or PNG."};
}

Result<cv::Mat> decode_heif(std::span<const uint8_t> bytes) { return probe_heif(bytes).error(); }

#else

namespace {

struct Free {
  void operator()(heif_context* context) const { heif_context_free(context); }
  void operator()(heif_image_handle* handle) const { heif_image_handle_release(handle); }
  void operator()(heif_image* image) const { heif_image_release(image); }
};

struct Picture {
  std::unique_ptr<heif_context, Free> context;
  std::unique_ptr<heif_image_handle, Free> handle;
};

Error heif_failure(const heif_error& error) {
  if (error.code == heif_error_Unsupported_feature || error.code == heif_error_Unsupported_filetype) {
    return {ErrorCode::unsupported_format, std::string("is a HEIC or AVIF picture that libheif cannot read (") +
                                               error.message + "); save it as JPEG or PNG."};
  }
  if (error.subcode == heif_suberror_End_of_data) return truncated_error();
  return damaged_error(error.message);
}

Result<std::shared_ptr<Picture> > open_primary(std::span<const uint8_t> bytes) {
  auto picture = std::make_shared<Picture>();
  picture->context.reset(heif_context_alloc());
  heif_error error =
      heif_context_read_from_memory_without_copy(picture->context.get(), bytes.data(), bytes.size(), nullptr);
  if (error.code != heif_error_Ok) return heif_failure(error);
  heif_image_handle* handle = nullptr;
  error = heif_context_get_primary_image_handle(picture->context.get(), &handle);
  if (error.code != heif_error_Ok) return heif_failure(error);
  picture->handle.reset(handle);
  return picture;
}

/// The top-level boxes fill the file exactly, or the last one says "to the end".
bool boxes_complete(std::span<const uint8_t> bytes) {
  const ByteReader reader(bytes);
  size_t at = 0;
  while (at < reader.size()) {
    if (!reader.has(at, 8)) return false;
    uint64_t length = reader.u32(at);
    if (length == 0) return true;
    if (length == 1) {
      if (!reader.has(at, 16)) return false;
      length = reader.u64(at + 8);
    }
    if (length < 8 || !reader.has(at, length)) return false;
    at += length;
  }
  return true;
}

}  // namespace

Result<Probe> probe_heif(std::span<const uint8_t> bytes) {
  if (!boxes_complete(bytes)) return truncated_error();
  const auto picture = open_primary(bytes);
  if (!picture.ok()) return picture.error();
  const heif_image_handle* handle = picture.value()->handle.get();
  Probe probe{.info = {.format = ImageFormat::heif}};
  probe.info.width = heif_image_handle_get_width(handle);
  probe.info.height = heif_image_handle_get_height(handle);
  const size_t length = heif_image_handle_get_raw_color_profile_size(handle);
  const auto type = heif_image_handle_get_color_profile_type(handle);
  if ((type == heif_color_profile_type_prof || type == heif_color_profile_type_rICC) && length <= kMaxProfileBytes) {
    probe.profile.resize(length);
    if (heif_image_handle_get_raw_color_profile(handle, probe.profile.data()).code != heif_error_Ok)
      probe.profile.clear();
  }
  return probe;
}

Result<cv::Mat> decode_heif(std::span<const uint8_t> bytes) {
  const auto picture = open_primary(bytes);
  if (!picture.ok()) return picture.error();
  heif_image* decoded = nullptr;
  const heif_error error = heif_decode_image(picture.value()->handle.get(), &decoded, heif_colorspace_RGB,
                                             heif_chroma_interleaved_RGBA, nullptr);
  if (error.code != heif_error_Ok) return heif_failure(error);
  const std::unique_ptr<heif_image, Free> image(decoded);
  int stride = 0;
  uint8_t* plane = heif_image_get_plane(image.get(), heif_channel_interleaved, &stride);
  const int width = heif_image_get_width(image.get(), heif_channel_interleaved);
  const int height = heif_image_get_height(image.get(), heif_channel_interleaved);
  if (plane == nullptr || width <= 0 || height <= 0) return damaged_error("libheif gave no pixels");
  // The limits were checked against what the boxes say; the coded picture may be of any size.
  const heif_image_handle* handle = picture.value()->handle.get();
  if (width != heif_image_handle_get_width(handle) || height != heif_image_handle_get_height(handle)) {
    return damaged_error("its picture has another size than its header says");
  }
  return cv::Mat(height, width, CV_8UC4, plane, static_cast<size_t>(stride)).clone();
}

#endif

}  // namespace swiftavatar
