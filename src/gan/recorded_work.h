#pragma once
// CUDA graphs. Internal to the gan layer.

#include <functional>
#include <memory>
#include <vector>

#include <torch/types.h>

namespace swiftavatar {

/// Work that is done again and again on tensors that keep their places. A step of inversion is about a thousand small
/// kernels, and launching them one by one takes a GPU longer than running them: recorded as a CUDA graph they are one
/// launch.
class RecordedWork {
 public:
  using Work = std::function<std::vector<torch::Tensor>()>;

  /// `record`: false does the work plainly each time; true needs a build with CUDA. The work then must not wait for the
  /// GPU, and reads what it reads from tensors that are changed in place.
  RecordedWork(Work work, bool record);
  RecordedWork(const RecordedWork&) = delete;
  RecordedWork& operator=(const RecordedWork&) = delete;
  ~RecordedWork();

  /// What the work gives. Recorded, the next run overwrites it.
  std::vector<torch::Tensor> run();

 private:
  class Graph;

  Work work_;
  bool record_;
  int runs_ = 0;
  std::unique_ptr<Graph> graph_;
};

}  // namespace swiftavatar
