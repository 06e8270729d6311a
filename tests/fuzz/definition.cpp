// An engine's definition: read, and its default avatar drawn as SVG.

#include "fuzz.h"
#include "swiftavatar/avatar.h"

using namespace swiftavatar;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto engine = Engine::parse(fuzz::text_of(data, size), "fuzz");
  if (!engine.ok()) {
    fuzz::require_error(engine.error(), 3);
    return 0;
  }
  const auto avatar = engine.value().check(engine.value().default_avatar());
  fuzz::require(avatar.ok(), "an engine's default avatar is one of its avatars");
  const std::string svg = engine.value().svg(avatar.value());
  fuzz::require(!svg.empty(), "an avatar can be drawn");
  fuzz::require(svg.find('\x01') == std::string::npos, "every name has the hash of the drawing");
  engine.value().anchors(avatar.value());
  return 0;
}
