#include "base/npy.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <string_view>

#include "base/files.h"

namespace swiftavatar {

static_assert(std::endian::native == std::endian::little, "arrays are read and written as they lie in memory");

namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr size_t kMaxAxes = 8;
constexpr size_t kMaxFile = size_t{4} << 30;
constexpr size_t kAlignment = 64;  // of the data within the file

Error refuse(const std::string& name, const std::string& what) {
  return {ErrorCode::usage, name + ": " + what + "; give a .npy file of float32 in C order, as numpy.save writes it."};
}

/// The header's text after `'key': `, or empty. The dictionary that numpy writes holds no nested quotes.
std::string_view value_of(std::string_view header, std::string_view key) {
  const std::string quoted = "'" + std::string(key) + "':";
  const size_t at = header.find(quoted);
  if (at == std::string_view::npos) return {};
  header.remove_prefix(at + quoted.size());
  const size_t start = header.find_first_not_of(' ');
  return start == std::string_view::npos ? std::string_view() : header.substr(start);
}

/// "(2, 3)", "(4,)" or "()" to axis lengths; nullopt for anything else.
std::optional<std::vector<int64_t>> parse_shape(std::string_view text) {
  if (!text.starts_with('(')) return std::nullopt;
  text.remove_prefix(1);
  std::vector<int64_t> shape;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.starts_with(')')) return shape;
    int64_t axis = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), axis);
    if (error != std::errc() || axis < 0 || shape.size() == kMaxAxes) return std::nullopt;
    shape.push_back(axis);
    text.remove_prefix(static_cast<size_t>(rest - text.data()));
    if (text.starts_with(','))
      text.remove_prefix(1);
    else if (!text.starts_with(')'))
      return std::nullopt;
  }
}

/// Number of elements, or nullopt where it is beyond what a file can hold.
std::optional<size_t> element_count(const std::vector<int64_t>& shape) {
  size_t count = 1;
  for (const int64_t axis : shape) {
    if (__builtin_mul_overflow(count, static_cast<size_t>(axis), &count) || count > kMaxFile) return std::nullopt;
  }
  return count;
}

template <class T>
void copy_floats(std::span<const uint8_t> bytes, std::vector<float>& out) {
  for (size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    out[i] = static_cast<float>(value);
  }
}

}  // namespace

Result<Tensor> parse_npy(std::span<const uint8_t> bytes, const std::string& name) {
  if (bytes.size() < 10 || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
    return refuse(name, "is not a NumPy array");
  }
  const uint8_t version = bytes[6];
  if (version < 1 || version > 3)
    return refuse(name, "has .npy version " + std::to_string(version) + ", which is unknown");
  const size_t length_bytes = version == 1 ? 2 : 4;
  size_t header_length = 0;
  if (bytes.size() < 8 + length_bytes) return refuse(name, "ends inside its header");
  std::memcpy(&header_length, bytes.data() + 8, length_bytes);
  bytes = bytes.subspan(8 + length_bytes);
  if (header_length > bytes.size()) return refuse(name, "ends inside its header");
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()), header_length);
  bytes = bytes.subspan(header_length);

  const std::string_view dtype = value_of(header, "descr");
  size_t width = 0;
  if (dtype.starts_with("'<f4'"))
    width = 4;
  else if (dtype.starts_with("'<f8'"))
    width = 8;
  else
    return refuse(name, "holds another type than float32");
  if (!value_of(header, "fortran_order").starts_with("False")) return refuse(name, "is in Fortran order");
  auto shape = parse_shape(value_of(header, "shape"));
  if (!shape) return refuse(name, "has no readable shape");
  const auto count = element_count(*shape);
  if (!count) return refuse(name, "declares more elements than a file can hold");

  if (bytes.size() / width < *count) {
    return Error{ErrorCode::truncated, name + ": ends early, " + std::to_string(bytes.size()) + " of " +
                                           std::to_string(*count * width) + " bytes are there; write the array again."};
  }
  if (bytes.size() != *count * width) return refuse(name, "is longer than its header says");
  Tensor tensor{std::move(*shape), std::vector<float>(*count)};
  width == 4 ? copy_floats<float>(bytes, tensor.data) : copy_floats<double>(bytes, tensor.data);
  return tensor;
}

std::vector<uint8_t> encode_npy(const Tensor& tensor) {
  std::string shape = "(";
  for (size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    shape += (axis == 0 ? "" : " ") + std::to_string(tensor.shape[axis]) + ",";
  }
  if (tensor.shape.size() > 1) shape.pop_back();  // only a single axis keeps its comma
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "), }";
  const size_t unpadded = kMagic.size() + 4 + header.size() + 1;
  header.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  header += '\n';

  std::vector<uint8_t> bytes(kMagic.begin(), kMagic.end());
  bytes.insert(bytes.end(),
               {1, 0, static_cast<uint8_t>(header.size() & 255), static_cast<uint8_t>(header.size() >> 8)});
  bytes.insert(bytes.end(), header.begin(), header.end());
  const auto* data = reinterpret_cast<const uint8_t*>(tensor.data.data());
  bytes.insert(bytes.end(), data, data + tensor.data.size() * sizeof(float));
  return bytes;
}

Result<Tensor> read_npy(const std::filesystem::path& path) {
  const auto bytes = read_file(path, kMaxFile);
  if (!bytes.ok()) return bytes.error();
  return parse_npy(bytes.value(), path.string());
}

std::optional<Error> write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  return write_file(path, encode_npy(tensor));
}

}  // namespace swiftavatar
