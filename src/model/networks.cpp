#include "model/networks.h"

#include <cstdlib>

namespace swiftavatar {

const LateLibrary& network_library() {
  static const LateLibrary networks = [] {
    // LibTorch's OpenMP reads this when it is loaded. By its default, threads that wait for each other spin, and where
    // another process wants the cores, they spin away the others' time: an inversion took 64 s beside one busy process,
    // not 3.
    setenv("OMP_WAIT_POLICY", "passive", /*overwrite=*/0);
    return LateLibrary("libswiftavatar-networks.so", "runs the models");
  }();
  return networks;
}

int usable_gpus() { return network_library().call<decltype(usable_gpus)>("swiftavatar_usable_gpus"); }

void limit_threads(int per_call, int per_search) {
  network_library().call<decltype(limit_threads)>("swiftavatar_limit_threads", per_call, per_search);
}

std::string torch_version() { return network_library().call<decltype(torch_version)>("swiftavatar_torch_version"); }

bool uses_tf32() { return network_library().call<decltype(uses_tf32)>("swiftavatar_uses_tf32"); }

std::unique_ptr<FaceDetector> load_detector(const Bundle& bundle, const Device& device) {
  return network_library().call<decltype(load_detector)>("swiftavatar_load_detector", bundle, device);
}

std::unique_ptr<FaceParser> load_parser(const Bundle& bundle, const Device& device) {
  return network_library().call<decltype(load_parser)>("swiftavatar_load_parser", bundle, device);
}

std::unique_ptr<Estimator> load_estimator(const Bundle& bundle, const std::string& engine, const Device& device) {
  return network_library().call<decltype(load_estimator)>("swiftavatar_load_estimator", bundle, engine, device);
}

}  // namespace swiftavatar
