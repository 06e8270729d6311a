// The semantics of an engine: read, and what its start avatar shows.

#include "fuzz.h"
#include "tiny_engine.h"

using namespace swiftavatar;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Engine& engine = fuzz::tiny_engine();
  const auto semantics = Semantics::parse(fuzz::text_of(data, size), engine);
  if (!semantics.ok()) {
    fuzz::require_error(semantics.error(), 3);
    return 0;
  }
  const Avatar start = semantics.value().start(engine);
  fuzz::require(engine.check(start).ok(), "the start avatar is one of the engine's");
  for (const auto& [attribute, value] : semantics.value().read(start)) {
    fuzz::require(attribute_values().contains(attribute), "only attributes of the vocabulary are shown");
  }
  return 0;
}
