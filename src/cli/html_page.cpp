#include "cli/html_page.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "base/base64.h"
#include "base/files.h"
#include "base/sha256.h"
#include "cli/common.h"
#include "swiftavatar/image.h"

namespace swiftavatar::cli {

namespace {

constexpr int kWebpQuality = 82;

/// The text with the one place of `name` in it filled in.
void fill(std::string& page, std::string_view name, std::string_view text) {
  page.replace(page.find(name), name.size(), text);
}

std::string source_hash(std::string_view source) {
  return "'sha256-" + base64(sha256(std::span(reinterpret_cast<const uint8_t*>(source.data()), source.size()))) + "'";
}

}  // namespace

std::string make_page(const PageSource& source, const nlohmann::ordered_json& data) {
  // In HTML only "<" can end a script element or begin a comment in it; in JSON it stands inside strings alone.
  std::string json;
  for (const char c : json_text(data, false)) c == '<' ? json += "\\u003c" : json += c;
  std::string page(source.html);
  page.reserve(page.size() + source.style.size() + source.script.size() + json.size() + 512);
  fill(page, "{{policy}}",
       "default-src 'none'; img-src data:; style-src " + source_hash(source.style) + "; script-src " +
           source_hash(source.script) + "; base-uri 'none'; form-action 'none'");
  fill(page, "{{style}}", source.style);
  fill(page, "{{script}}", source.script);
  fill(page, "{{data}}", json);
  return page;
}

std::string clipped(std::string_view text, size_t length) {
  if (text.size() <= length) return std::string(text);
  while (length > 0 && (static_cast<uint8_t>(text[length]) & 0xc0) == 0x80) --length;  // not inside a character
  return std::string(text.substr(0, length)) + "...";
}

Result<cv::Mat> read_picture(const std::filesystem::path& file) {
  static const PhotoDecoder decoder;
  const auto bytes = read_file(file, DecodeLimits{}.max_bytes);
  if (!bytes.ok()) return bytes.error();
  auto decoded = decoder.decode(bytes.value(), file.string());
  if (!decoded.ok()) return decoded.error();
  return decoded.value().rgb;
}

std::string picture_uri(const cv::Mat& rgb, int size) {
  cv::Mat small = rgb;
  const double scale = static_cast<double>(size) / std::max(rgb.cols, rgb.rows);
  if (scale < 1) {
    const cv::Size shrunk(std::max(1, cvRound(rgb.cols * scale)), std::max(1, cvRound(rgb.rows * scale)));
    cv::resize(rgb, small, shrunk, 0, 0, cv::INTER_AREA);
  }
  return "data:image/webp;base64," + base64(encode_webp(small, kWebpQuality));
}

}  // namespace swiftavatar::cli
