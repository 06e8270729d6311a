// A result's avatar, as `render` reads and draws it.

#include "fuzz.h"
#include "tiny_engine.h"

using namespace swiftavatar;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto document = nlohmann::json::parse(data, data + size, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("avatar")) return 0;
  const Engine& engine = fuzz::tiny_engine();
  const auto avatar = avatar_from_json(document["avatar"]);
  if (!avatar.ok()) {
    fuzz::require_error(avatar.error(), 2);
    return 0;
  }
  const auto checked = engine.check(avatar.value());
  if (!checked.ok()) {
    fuzz::require_error(checked.error(), 3);
    return 0;
  }
  const std::string svg = engine.svg(checked.value());
  const auto again = engine.check(avatar_from_json(to_json(checked.value())).value());
  fuzz::require(again.ok() && engine.svg(again.value()) == svg, "what was written is drawn the same");
  return 0;
}
