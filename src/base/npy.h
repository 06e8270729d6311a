#pragma once
// NumPy's .npy format, versions 1.0 to 3.0 (numpy.lib.format), for float arrays.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swiftavatar/result.h"
#include "swiftavatar/tensor.h"

namespace swiftavatar {

/// Reads an untrusted array: dtype "<f4" or "<f8" (rounded to float32), C order, at most 8 axes. `name` is used in
/// messages. Errors: usage (not such an array), truncated (fewer bytes than the header says).
Result<Tensor> parse_npy(std::span<const uint8_t> bytes, const std::string& name);

/// The array as version 1.0, dtype "<f4", C order: byte for byte what numpy.save writes.
std::vector<uint8_t> encode_npy(const Tensor& tensor);

/// Errors of read_file and of parse_npy.
Result<Tensor> read_npy(const std::filesystem::path& path);

/// Returns the error of write_file, if any.
[[nodiscard]] std::optional<Error> write_npy(const std::filesystem::path& path, const Tensor& tensor);

}  // namespace swiftavatar
