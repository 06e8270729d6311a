#pragma once
// The functions of gan.h that need LibTorch, as libswiftavatar-networks.so exports them. Internal to the gan layer.

#include "swiftavatar/gan.h"

namespace swiftavatar {

extern "C" {
decltype(load_generator) swiftavatar_load_generator;
decltype(load_inverter) swiftavatar_load_inverter;
decltype(load_published_generator) swiftavatar_load_published_generator;
}

}  // namespace swiftavatar
