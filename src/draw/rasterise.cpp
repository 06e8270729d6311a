#include "draw/rasterise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include <cairo.h>
#include <librsvg/rsvg.h>

namespace swiftavatar {
namespace {

constexpr int kMaxSide = 8192;  // no document is more than this many times as long as wide

struct Free {
  void operator()(RsvgHandle* handle) const { g_object_unref(handle); }
  void operator()(GError* error) const { g_error_free(error); }
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Error failure(GError* error, const std::string& otherwise) {
  const Owned<GError> owned(error);
  return {ErrorCode::render_failed,
          "the avatar's SVG cannot be drawn: " + std::string(error ? error->message : otherwise)};
}

// Width over height of the document, from its size or its viewBox.
double aspect_ratio(RsvgHandle* handle) {
  gboolean has_width = 0, has_height = 0, has_box = 0;
  RsvgLength width{}, height{};
  RsvgRectangle box{};
  rsvg_handle_get_intrinsic_dimensions(handle, &has_width, &width, &has_height, &height, &has_box, &box);
  if (has_box && box.width > 0 && box.height > 0) return box.width / box.height;
  const bool pixels = has_width && has_height && width.unit == RSVG_UNIT_PX && height.unit == RSVG_UNIT_PX;
  return pixels && width.length > 0 && height.length > 0 ? width.length / height.length : 1;
}

using Pixel = std::array<uint8_t, 4>;

// Cairo keeps colours multiplied by alpha, in native byte order (0xAARRGGBB).
Pixel straight(uint32_t pixel) {
  const uint32_t alpha = pixel >> 24;
  const auto byte = [pixel](int shift) { return static_cast<uint8_t>(pixel >> shift & 255); };
  if (alpha == 255) return {byte(16), byte(8), byte(0), 255};  // nearly all pixels are this or the next: no division
  if (alpha == 0) return {0, 0, 0, 0};
  const auto channel = [alpha](uint32_t value) {
    return static_cast<uint8_t>(std::min<uint32_t>(255, (value * 255 + alpha / 2) / alpha));
  };
  return {channel(pixel >> 16 & 255), channel(pixel >> 8 & 255), channel(pixel & 255), static_cast<uint8_t>(alpha)};
}

// Without a base URI and from memory, librsvg loads no other file.
Owned<RsvgHandle> read(const std::string& svg, GError** error) {
  return Owned<RsvgHandle>(rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(), error));
}

}  // namespace

Result<Picture> rasterise(const std::string& svg, int size) {
  GError* error = nullptr;
  const Owned<RsvgHandle> handle = read(svg, &error);
  if (!handle) return failure(error, "not SVG");
  const double ratio = std::clamp(aspect_ratio(handle.get()), 1.0 / kMaxSide, double{kMaxSide});
  const int width = ratio >= 1 ? size : std::max(1, static_cast<int>(std::lround(size * ratio)));
  const int height = ratio >= 1 ? std::max(1, static_cast<int>(std::lround(size / ratio))) : size;

  const Owned<cairo_surface_t> surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height));
  const Owned<cairo_t> context(cairo_create(surface.get()));
  const RsvgRectangle viewport{0, 0, static_cast<double>(width), static_cast<double>(height)};
  if (!rsvg_handle_render_document(handle.get(), context.get(), &viewport, &error))
    return failure(error, "no reason given");
  if (cairo_status(context.get()) != CAIRO_STATUS_SUCCESS) {
    return failure(nullptr, cairo_status_to_string(cairo_status(context.get())));
  }
  cairo_surface_flush(surface.get());

  Picture picture{height, width, std::vector<uint8_t>(size_t{4} * static_cast<size_t>(height) * width)};
  const unsigned char* data = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  auto* to = reinterpret_cast<Pixel*>(picture.rgba.data());
  for (int y = 0; y < height; ++y, to += width) {
    const auto* row = reinterpret_cast<const uint32_t*>(data + static_cast<ptrdiff_t>(y) * stride);
    std::transform(row, row + width, to, straight);
  }
  return picture;
}

Result<Box> measure(const std::string& svg, const std::string& id, double width, double height) {
  GError* error = nullptr;
  const Owned<RsvgHandle> handle = read(svg, &error);
  if (!handle) return failure(error, "not SVG");
  RsvgRectangle ink{}, box{};
  const RsvgRectangle viewport{0, 0, width, height};
  if (!rsvg_handle_get_geometry_for_layer(handle.get(), ("#" + id).c_str(), &viewport, &ink, &box, &error)) {
    return failure(error, "no reason given");
  }
  return Box{box.x, box.y, box.width, box.height};
}

}  // namespace swiftavatar
