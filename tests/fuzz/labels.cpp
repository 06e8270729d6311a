// A table of labels, as `evaluate` reads it.

#include "evaluate/evaluation.h"
#include "fuzz.h"
#include "swiftavatar/avatar.h"

using namespace swiftavatar;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = fuzz::text_of(data, size);
  for (const char* by : {"", "file"}) {
    const auto photos = read_labels(text, "labels.csv", by);
    if (!photos.ok()) {
      fuzz::require_error(photos.error(), 2);
      continue;
    }
    for (const LabelledPhoto& photo : photos.value()) fuzz::require(!photo.file.empty(), "a labelled photo has a name");
  }
  return 0;
}
