#pragma once
// Items and their parts through the stages of a run on a few threads: each item alone gives its parts; each part alone,
// several of any items together, each alone again; then its parts make the item whole, and items are done in the order
// in which they came.

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace swiftavatar {

struct StagedLimits {
  size_t threads = 1;  ///< 1: everything happens on the caller's thread, one part after the other
  size_t batch = 1;    ///< largest number of parts in a call of `together`
  bool one_batch_at_a_time = false;
};

/// What is done to items and parts. `next` and `done` are called by one thread at a time, the others by several at
/// once, but never two for the same part or item. Items and parts carry their own errors; an exception of any stage
/// ends the run: no further item starts, and `run` throws it once what is in hand is put down. Items that got through
/// `close` by then are still `done`.
template <class Item, class Part>
struct Stages {
  std::function<std::optional<Item>()> next;     ///< the next item, or nothing: no more will start
  std::function<std::vector<Part>(Item&)> open;  ///< its parts, in their order; none: `close` comes next
  std::function<bool(Part&)> before;             ///< false: the part is through
  std::function<void(const std::vector<Part*>&)> together;
  std::function<void(Part&)> after;
  std::function<void(Item&, std::vector<Part>)> close;  ///< all its parts are through
  std::function<void(Item&)> done;
};

/// Every thread takes the work that is furthest along, so that parts and items leave as fast as they come and few are
/// in memory. Between the beginning of `before` and the end of `after` are at most two parts for each thread and two
/// batches; between `next` and `done` are as many items. No item starts while a part of another waits for `before`.
template <class Item, class Part>
class StagedRun {
 public:
  StagedRun(StagedLimits limits, Stages<Item, Part> stages)
      : limits_(limits),
        stages_(std::move(stages)),
        most_(limits.threads == 1 && limits.batch == 1 ? 1 : 2 * limits.threads + 2 * limits.batch) {}

  void run() {
    std::vector<std::jthread> helpers;
    for (size_t i = 1; i < limits_.threads; ++i) helpers.emplace_back([this] { work(); });
    work();
    helpers.clear();                   // joins
    for (const auto& slot : slots_) {  // only after an exception are there any: what is whole is still done
      if (slot->phase == Phase::closed && !done_failed_) call_done(*slot);
    }
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  enum class State { waits_before, before, waits_together, together, waits_after, after, through };
  enum class Phase { opening, open, closing, closed };
  struct Slot {
    Item item;
    Phase phase = Phase::opening;
    std::vector<Part> parts;
    std::vector<State> states;  // of the parts
    size_t left = 0;            // parts that are not through
  };
  struct Place {
    Slot* slot = nullptr;
    size_t index = 0;
    Part& part() const { return slot->parts[index]; }
    State& state() const { return slot->states[index]; }
  };

  void work() {
    std::unique_lock lock(mutex_);
    while (!failure_) {
      if (Slot* const whole = first_whole()) {
        close(lock, *whole);
      } else if (const auto last = first_in(State::waits_after)) {
        last->state() = State::after;
        if (unlocked(lock, [&] { stages_.after(last->part()); })) put_down(*last);
      } else if (const std::vector<Place> batch = take_batch(); !batch.empty()) {
        go_together(lock, batch);
      } else if (const auto fresh = first_in(State::waits_before); fresh && in_hand_ < most_) {
        go_before(lock, *fresh);
      } else if (may_start()) {
        start(lock);
      } else if (ended_ && slots_.empty()) {
        break;
      } else {
        changed_.wait(lock);
      }
    }
    changed_.notify_all();
  }

  void start(std::unique_lock<std::mutex>& lock) {
    std::optional<Item> item;
    try {
      item = stages_.next();
    } catch (...) {
      fail();
    }
    if (!item) {
      ended_ = true;
      changed_.notify_all();
      return;
    }
    Slot& slot = *slots_.emplace_back(std::make_unique<Slot>(Slot{.item = std::move(*item)}));
    std::vector<Part> parts;
    if (!unlocked(lock, [&] { parts = stages_.open(slot.item); })) return;
    slot.parts = std::move(parts);
    slot.states.assign(slot.parts.size(), State::waits_before);
    slot.left = slot.parts.size();
    slot.phase = Phase::open;
    changed_.notify_all();
  }

  void go_before(std::unique_lock<std::mutex>& lock, const Place& part) {
    part.state() = State::before;
    ++in_hand_;
    bool goes_on = false;
    if (!unlocked(lock, [&] { goes_on = stages_.before(part.part()); })) return;
    if (!goes_on) return put_down(part);
    part.state() = State::waits_together;
    changed_.notify_all();
  }

  void go_together(std::unique_lock<std::mutex>& lock, const std::vector<Place>& batch) {
    std::vector<Part*> parts;
    for (const Place& member : batch) parts.push_back(&member.part());
    if (!unlocked(lock, [&] { stages_.together(parts); })) return;
    for (const Place& member : batch) member.state() = State::waits_after;
    changed_.notify_all();
  }

  /// A part is through.
  void put_down(const Place& part) {
    part.state() = State::through;
    --part.slot->left;
    --in_hand_;
    changed_.notify_all();
  }

  void close(std::unique_lock<std::mutex>& lock, Slot& slot) {
    slot.phase = Phase::closing;
    if (!unlocked(lock, [&] { stages_.close(slot.item, std::exchange(slot.parts, {})); })) return;
    slot.phase = Phase::closed;
    while (!failure_ && !slots_.empty() && slots_.front()->phase == Phase::closed) {
      call_done(*slots_.front());
      slots_.pop_front();
    }
    changed_.notify_all();
  }

  bool may_start() const {
    return !ended_ && slots_.size() < most_ && in_hand_ < most_ && !first_in(State::waits_before);
  }

  /// A full batch, or what there is once nothing more can join it.
  std::vector<Place> take_batch() {
    std::vector<Place> batch;
    if (limits_.one_batch_at_a_time && first_in(State::together)) return batch;
    each_part([&](const Place& part) {
      if (part.state() == State::waits_together) batch.push_back(part);
      return batch.size() == limits_.batch;
    });
    if (batch.size() < limits_.batch && more_may_come()) return {};
    for (const Place& member : batch) member.state() = State::together;
    return batch;
  }

  /// Whether the next part that waits for a batch may come without one being taken.
  bool more_may_come() const {
    const bool opening =
        std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) { return slot->phase == Phase::opening; });
    return opening || first_in(State::before) || may_start() || (in_hand_ < most_ && first_in(State::waits_before));
  }

  std::optional<Place> first_in(State state) const {
    std::optional<Place> found;
    each_part([&](const Place& part) {
      if (part.state() == state) found = part;
      return found.has_value();
    });
    return found;
  }

  Slot* first_whole() const {
    for (const auto& slot : slots_) {
      if (slot->phase == Phase::open && slot->left == 0) return slot.get();
    }
    return nullptr;
  }

  /// Shows `visit` the parts that are not through, in their order, until it returns true.
  template <class Visit>
  void each_part(const Visit& visit) const {
    for (const auto& slot : slots_) {
      if (slot->phase != Phase::open || slot->left == 0) continue;
      for (size_t i = 0; i < slot->parts.size(); ++i) {
        if (slot->states[i] != State::through && visit(Place{slot.get(), i})) return;
      }
    }
  }

  void call_done(Slot& slot) {
    try {
      stages_.done(slot.item);
    } catch (...) {
      done_failed_ = true;
      fail();
    }
  }

  /// Whether the action came to its end.
  template <class Action>
  bool unlocked(std::unique_lock<std::mutex>& lock, const Action& action) {
    lock.unlock();
    try {
      action();
      lock.lock();
      return true;
    } catch (...) {
      lock.lock();
      fail();
      return false;
    }
  }

  /// The exception in flight ends the run.
  void fail() {
    if (!failure_) failure_ = std::current_exception();
    changed_.notify_all();
  }

  const StagedLimits limits_;
  const Stages<Item, Part> stages_;
  const size_t most_;  // parts in hand, and items
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Slot>> slots_;  // in the order in which they came
  size_t in_hand_ = 0;                       // parts between `before` and `after`
  bool ended_ = false;                       // `next` has no more
  bool done_failed_ = false;
  std::exception_ptr failure_;
};

}  // namespace swiftavatar
