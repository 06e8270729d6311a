#include <utility>

#include "base/program_files.h"
#include "image/decode.h"
#include "image/decoder_process.h"
#include "swiftavatar/image.h"

namespace swiftavatar {

namespace {

DecoderOptions with_program(DecoderOptions options) {
  if (options.program.empty()) options.program = helper_program("swiftavatar-decode", "reads photos");
  return options;
}

}  // namespace

PhotoDecoder::PhotoDecoder(DecoderOptions options) : options_(with_program(std::move(options))) {
  idle_.push_back(std::make_unique<DecoderProcess>(options_));
}

PhotoDecoder::~PhotoDecoder() = default;

Result<DecodedImage> PhotoDecoder::decode(std::span<const uint8_t> bytes, const std::string& name) const {
  if (bytes.size() > options_.limits.max_bytes) return decode_image(bytes, name, options_.limits);  // refuses it unseen
  std::unique_ptr<DecoderProcess> process;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      process = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!process) process = std::make_unique<DecoderProcess>(options_);
  auto image = process->decode(bytes);
  if (process->is_usable()) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(process));
  }
  return under_name(std::move(image), name);
}

}  // namespace swiftavatar
