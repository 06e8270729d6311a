#pragma once

#include <cstdint>
#include <span>

#include "image/probe.h"

namespace swiftavatar {

/// Reads the orientation (tag 0x0112 of IFD0) of an Exif block: a TIFF structure, with or without "Exif\0\0" before it.
/// Garbage changes nothing and gives a warning.
void read_exif_orientation(std::span<const uint8_t> exif, Probe& probe);

/// Takes the value where it is 1..8; otherwise warns.
void set_orientation(uint32_t value, Probe& probe);

}  // namespace swiftavatar
