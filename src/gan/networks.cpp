#include "gan/networks.h"

#include "model/networks.h"

namespace swiftavatar {

std::unique_ptr<Generator> load_generator(const Bundle& bundle, const std::string& role, const Device& device) {
  return network_library().call<decltype(load_generator)>("swiftavatar_load_generator", bundle, role, device);
}

std::unique_ptr<Inverter> load_inverter(const Bundle& bundle, const Device& device) {
  return network_library().call<decltype(load_inverter)>("swiftavatar_load_inverter", bundle, device);
}

std::unique_ptr<Generator> load_published_generator(const Bundle& bundle, const Device& device) {
  return network_library().call<decltype(load_published_generator)>("swiftavatar_load_published_generator", bundle,
                                                                    device);
}

}  // namespace swiftavatar
