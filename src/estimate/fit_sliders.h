#pragma once
// Sliders disturb each other's measures: a wider face makes the same eyes look close together.

#include <map>
#include <string>

#include "swiftavatar/avatar.h"

namespace swiftavatar {

/// Moves the sliders named in `positions` (0..1 of their range) until the measure of each, taken on the drawn avatar's
/// anchors, is about what it would be at that position on the engine's default avatar. The further a slider would have
/// to move, the more of the way it leaves: it never comes to its end. Sliders whose measure the engine's anchors cannot
/// tell keep their position. Throws Failure engine_invalid where the avatar does not pass Engine::check.
void fit_sliders(const Engine& engine, const std::map<std::string, double>& positions, Avatar& avatar);

}  // namespace swiftavatar
