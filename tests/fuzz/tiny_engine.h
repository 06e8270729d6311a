#pragma once
// The small engine of the tests.

#include "swiftavatar/avatar.h"

namespace swiftavatar::fuzz {

inline const Engine& tiny_engine() {
  static const Engine engine =
      Engine::open(SWIFTAVATAR_SOURCE_DIR "/tests/data/engines/tiny/definition.json", "tiny").value();
  return engine;
}

}  // namespace swiftavatar::fuzz
