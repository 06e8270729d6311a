#include "avatar/component_range.h"

#include <cmath>
#include <cstdint>

#include "avatar/svg_text.h"

namespace swiftavatar {
namespace {

// Names are ASCII, so bytes are the UTF-16 units that the hash is defined over.
uint32_t fnv1a(const std::string& text) {
  uint32_t hash = 2166136261u;
  for (const unsigned char c : text) hash = (hash ^ c) * 16777619u;
  return hash;
}

// First output of the generator Mulberry32, as a fraction in [0, 1).
double first_fraction(uint32_t seed) {
  const uint32_t state = seed + 0x6d2b79f5u;
  uint32_t mixed = (state ^ state >> 15) * (state | 1u);
  mixed ^= mixed + (mixed ^ mixed >> 7) * (mixed | 61u);
  return (mixed ^ mixed >> 14) / 4294967296.0;
}

double rounded(double value, double unit) { return std::floor(value * unit + 0.5) / unit; }

// Five decimals, as DiceBear's cores write them: the same text makes the same pixels.
std::string number(double value) { return format_number(rounded(value, 1e5)); }

}  // namespace

double drawn_value(const std::string& key, const ValueRange& range) {
  const double fraction = first_fraction(fnv1a(":" + key));
  const double width = range.max - range.min;
  if (range.step <= 0) return rounded(range.min + fraction * width, 1e4);
  return rounded(range.min + std::floor(fraction * (std::floor(width / range.step) + 1)) * range.step, 1e4);
}

ArtTransform drawn_transform(const std::string& name, const ComponentRanges& ranges, double width, double height) {
  const double x = drawn_value(name + "TranslateX", ranges.translate_x) / 100 * width;
  const double y = drawn_value(name + "TranslateY", ranges.translate_y) / 100 * height;
  const double degrees = drawn_value(name + "Rotate", ranges.rotate),
               factor = drawn_value(name + "Scale", ranges.scale);
  const std::string centre = number(width / 2) + ", " + number(height / 2);
  ArtTransform transform;
  std::string& text = transform.text;
  const auto add = [&text](const std::string& step) { text += (text.empty() ? "" : " ") + step; };
  if (x != 0 || y != 0) add("translate(" + number(x) + ", " + number(y) + ")");
  if (degrees != 0) add("rotate(" + number(degrees) + ", " + centre + ")");
  if (factor != 1) {
    add("translate(" + centre + ") scale(" + number(factor) + ") translate(" + number(-width / 2) + ", " +
        number(-height / 2) + ")");
  }
  transform.matrix = *parse_transform(text);
  return transform;
}

}  // namespace swiftavatar
