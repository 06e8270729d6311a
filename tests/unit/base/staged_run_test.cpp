#include "base/staged_run.h"

#include <atomic>
#include <chrono>
#include <numeric>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

struct Item {
  int number = 0;
  bool alone = false;  ///< does not want `together`
  int stages = 0;
};

/// Records what happens to items 0 .. count - 1.
struct Recorder {
  explicit Recorder(int count) : count(count) {}

  Stages<Item> stages() {
    return {.next = [this]() -> std::optional<Item> {
              if (started == count) return std::nullopt;
              in_hand = std::max(in_hand, ++started - static_cast<int>(done.size()));
              return Item{started - 1, (started - 1) % 7 == 3};
            },
            .before =
                [](Item& item) {
                  std::this_thread::sleep_for(std::chrono::microseconds(item.number % 5 * 300));  // later ones overtake
                  ++item.stages;
                },
            .wants_together = [](const Item& item) { return !item.alone; },
            .together =
                [this](const std::vector<Item*>& items) {
                  ++batches_now;
                  if (batches_now > 1) overlapped = true;
                  const std::lock_guard lock(mutex);
                  batch_sizes.push_back(items.size());
                  for (Item* item : items) ++item->stages;
                  std::this_thread::sleep_for(std::chrono::microseconds(200));
                  --batches_now;
                },
            .after =
                [this](Item& item) {
                  if (item.number == fails_at) throw std::runtime_error("no room");
                  ++item.stages;
                },
            .done =
                [this](Item& item) {
                  EXPECT_EQ(item.stages, item.alone ? 2 : 3) << item.number;
                  done.push_back(item.number);
                }};
  }

  int count, started = 0, in_hand = 0, fails_at = -1;
  std::mutex mutex;
  std::atomic<int> batches_now = 0;
  bool overlapped = false;
  std::vector<size_t> batch_sizes;
  std::vector<int> done;
};

std::vector<int> first(int count) {
  std::vector<int> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(StagedRun, EveryItemIsDoneOnceAndInOrderWithAnyLimits) {
  for (const size_t threads : {1, 2, 5}) {
    for (const size_t batch : {1, 4}) {
      Recorder recorder(60);
      StagedRun<Item>({.threads = threads, .batch = batch}, recorder.stages()).run();
      EXPECT_EQ(recorder.done, first(60)) << threads << " threads, batches of " << batch;
      EXPECT_LE(recorder.in_hand, static_cast<int>(2 * threads + 2 * batch));
      for (const size_t size : recorder.batch_sizes) EXPECT_LE(size, batch);
    }
  }
}

TEST(StagedRun, OneThreadAndNoBatchesIsOneItemAfterTheOther) {
  Recorder recorder(5);
  StagedRun<Item>({}, recorder.stages()).run();
  EXPECT_EQ(recorder.in_hand, 1);
}

TEST(StagedRun, BatchesAreFullUntilTheLast) {
  Recorder recorder(26);  // 22 want to go together
  StagedRun<Item>({.threads = 3, .batch = 5}, recorder.stages()).run();
  EXPECT_EQ(std::accumulate(recorder.batch_sizes.begin(), recorder.batch_sizes.end(), size_t{0}), 22u);
  EXPECT_LE(recorder.batch_sizes.size(), 6u);
}

TEST(StagedRun, BatchesCanBeKeptFromOverlapping) {
  Recorder recorder(40);
  StagedRun<Item>({.threads = 4, .batch = 2, .one_batch_at_a_time = true}, recorder.stages()).run();
  EXPECT_FALSE(recorder.overlapped);
  EXPECT_EQ(recorder.done, first(40));
}

TEST(StagedRun, NothingToDoEnds) {
  Recorder recorder(0);
  StagedRun<Item>({.threads = 3, .batch = 8}, recorder.stages()).run();
  EXPECT_TRUE(recorder.done.empty());
}

TEST(StagedRun, AnExceptionEndsTheRunAndIsThrown) {
  for (const size_t threads : {1, 4}) {
    Recorder recorder(200);
    recorder.fails_at = 20;
    StagedRun<Item> run({.threads = threads, .batch = 2}, recorder.stages());
    EXPECT_THROW(run.run(), std::runtime_error);
    EXPECT_LT(recorder.started, 60) << "no further item starts";
    const std::set<int> done(recorder.done.begin(), recorder.done.end());
    for (int number = 0; number < 12; ++number) EXPECT_TRUE(done.contains(number)) << number;
    EXPECT_FALSE(done.contains(20));
    EXPECT_TRUE(std::is_sorted(recorder.done.begin(), recorder.done.end()));
  }
}

}  // namespace
}  // namespace swiftavatar
