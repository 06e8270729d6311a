#pragma once
// CUDA graphs. Internal to the gan layer.

#include <functional>
#include <memory>
#include <vector>

#include <torch/types.h>

namespace swiftavatar {

/// Work that is repeated on tensors whose memory stays the same. A step of inversion is about a thousand small kernels.
/// To launch them one by one takes longer than to run them; recorded as a CUDA graph, they are launched once together.
class RecordedWork {
 public:
  using Work = std::function<std::vector<torch::Tensor>()>;

  /// `record`: false runs the work each time; true needs a build with CUDA. The work then must not wait for the GPU,
  /// and its inputs must be tensors that are changed in place.
  RecordedWork(Work work, bool record);
  RecordedWork(const RecordedWork&) = delete;
  RecordedWork& operator=(const RecordedWork&) = delete;
  ~RecordedWork();

  /// The results. If recorded, the next run overwrites them.
  std::vector<torch::Tensor> run();

 private:
  class Graph;

  Work work_;
  bool record_;
  int runs_ = 0;
  std::unique_ptr<Graph> graph_;
};

}  // namespace swiftavatar
