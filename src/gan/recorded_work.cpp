#include "gan/recorded_work.h"

#include <utility>

#ifdef SWIFTAVATAR_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace swiftavatar {

namespace {

/// TorchScript compiles for the shapes of the first runs; compiling cannot be recorded.
constexpr int kPlainRuns = 3;

}  // namespace

#ifdef SWIFTAVATAR_CUDA

class RecordedWork::Graph {
 public:
  explicit Graph(const Work& work) {
    c10::cuda::getCurrentCUDAStream().synchronize();                         // the inputs are on the GPU
    const c10::cuda::CUDAStreamGuard aside(c10::cuda::getStreamFromPool());  // the usual stream cannot be recorded
    // Other threads go on using the GPU meanwhile; only this one is limited to what can be recorded.
    graph_.capture_begin(/*pool=*/{0, 0}, cudaStreamCaptureModeThreadLocal);
    try {
      results_ = work();
    } catch (...) {
      try {
        graph_.capture_end();
      } catch (const std::exception&) {  // it says only that the recording is void; the cause is thrown next
      }
      throw;
    }
    graph_.capture_end();
  }

  std::vector<torch::Tensor> replay() {
    graph_.replay();
    return results_;
  }

 private:
  at::cuda::CUDAGraph graph_;
  std::vector<torch::Tensor> results_;
};

#else

class RecordedWork::Graph {
 public:
  explicit Graph(const Work&) { TORCH_CHECK(false, "this build cannot record work for a GPU"); }
  std::vector<torch::Tensor> replay() { return {}; }
};

#endif

RecordedWork::RecordedWork(Work work, bool record) : work_(std::move(work)), record_(record) {}

RecordedWork::~RecordedWork() = default;

std::vector<torch::Tensor> RecordedWork::run() {
  if (!record_ || runs_++ < kPlainRuns) return work_();
  if (!graph_) graph_ = std::make_unique<Graph>(work_);
  return graph_->replay();
}

}  // namespace swiftavatar
