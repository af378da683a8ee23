// Power cuts: a recorded run is replayed to a random moment; what was synced is there, of the rest nothing,
// some of it, or a torn part.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/faults/log.hpp"
#include "test/faults/work.hpp"

namespace qingyuan::faults {

namespace fs = std::filesystem;

namespace {

struct Event {
    OpHead head;
    std::string bytes;
};

std::vector<Event> read_log(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::vector<Event> out;
    OpHead head{};
    while (in.read(reinterpret_cast<char*>(&head), sizeof head)) {
        Event event{head, std::string(head.length, '\0')};
        if (!in.read(event.bytes.data(), head.length)) break;
        out.push_back(std::move(event));
    }
    return out;
}

/// A disk while power lasts: of each file what is surely on it, and what is on its way.
class Disk {
 public:
    void take(std::size_t number, const Event& event);
    /// Writes the files as a cut at this moment may leave them.
    void leave(const fs::path& from, const fs::path& to, Random& random) const;

 private:
    struct Pending {
        std::size_t number;
        const Event* event;
    };
    struct File {
        std::string durable;
        std::vector<Pending> pending;
    };
    static void apply(std::string& image, const Event& event, std::size_t length);
    static std::string image_of(const File& file, Random& random);

    std::map<std::string, std::uint32_t> names_;
    std::vector<Pending> renames_;  ///< not yet made durable by a sync of the directory
    std::map<std::uint32_t, File> files_;
};

void Disk::apply(std::string& image, const Event& event, std::size_t length) {
    const auto offset = static_cast<std::size_t>(event.head.offset);
    if (event.head.op == Op::truncate) {
        image.resize(offset);
        return;
    }
    if (image.size() < offset + length) image.resize(offset + length);
    std::memcpy(image.data() + offset, event.bytes.data(), length);
}

void Disk::take(std::size_t number, const Event& event) {
    const OpHead& head = event.head;
    const auto before = [&](const Pending& one) {
        return one.number < static_cast<std::size_t>(head.offset);
    };
    switch (head.op) {
        case Op::open:
            names_[event.bytes] = head.file;
            if (head.offset == 1)
                files_[head.file] = {};
            else
                files_.try_emplace(head.file);
            break;
        case Op::write:
        case Op::truncate: files_[head.file].pending.push_back({number, &event}); break;
        case Op::sync: {
            File& file = files_[head.file];
            const auto late = std::stable_partition(file.pending.begin(), file.pending.end(), before);
            for (auto one = file.pending.begin(); one != late; ++one)
                apply(file.durable, *one->event, one->event->bytes.size());
            file.pending.erase(file.pending.begin(), late);
            break;
        }
        case Op::rename: renames_.push_back({number, &event}); break;
        case Op::directory:
            for (const Pending& one : renames_) {
                const std::string from = one.event->bytes.c_str(),
                                  to = one.event->bytes.substr(from.size() + 1);
                const auto found = names_.find(from);
                if (found == names_.end()) continue;
                names_[to] = found->second;
                names_.erase(found);
            }
            renames_.clear();
            break;
        case Op::remove: names_.erase(event.bytes); break;
        case Op::ack: break;
    }
}

std::string Disk::image_of(const File& file, Random& random) {
    std::string image = file.durable;
    const std::uint64_t mode = random.below(3);
    if (mode == 0) return image;  // nothing that was not synced survived
    constexpr std::size_t sector = 512;
    for (const Pending& one : file.pending) {
        const Event& event = *one.event;
        const std::uint64_t chance = random.below(100);
        if (mode == 1) {
            // Any of them, in part: a disk writes sectors in the order it likes.
            if (chance < 40) continue;
            const bool torn = chance < 70 && event.bytes.size() > sector;
            apply(image, event,
                  torn ? sector * random.below(event.bytes.size() / sector + 1) : event.bytes.size());
        } else {
            if (chance < 2) break;  // a prefix
            apply(image, event, event.bytes.size());
        }
    }
    return image;
}

void Disk::leave(const fs::path& from, const fs::path& to, Random& random) const {
    fs::remove_all(to);
    std::map<std::string, std::uint32_t> names = names_;
    for (const Pending& one : renames_) {
        if (random.below(2) == 0) break;
        const std::string old_name = one.event->bytes.c_str(),
                          new_name = one.event->bytes.substr(old_name.size() + 1);
        if (const auto found = names.find(old_name); found != names.end()) {
            names[new_name] = found->second;
            names.erase(old_name);
        }
    }
    fs::create_directories(to);
    for (const auto& [name, number] : names) {
        const auto file = files_.find(number);
        if (file == files_.end()) continue;
        const fs::path target = to / fs::path(name).lexically_relative(from);
        fs::create_directories(target.parent_path());
        std::ofstream(target, std::ios::binary) << image_of(file->second, random);
    }
}

struct Losses {
    int lost = 0;     ///< cuts after which an acknowledged fact was gone
    int refused = 0;  ///< cuts after which the journal would not open
    std::string first;
};

Losses cut(const fs::path& work, Setting setting, int count) {
    const fs::path directory = work / "run", image = work / "cut", log = work / "log";
    fs::remove_all(directory);
    fs::create_directories(directory);
    const fs::path recorder = fs::read_symlink("/proc/self/exe").parent_path() / "recorder.so";
    const Run run = run_writer(directory, setting, 6, 7, 0,
                               {"LD_PRELOAD=" + recorder.string(), "FAULTS_ROOT=" + directory.string(),
                                "FAULTS_LOG=" + log.string()});
    Losses losses;
    const std::vector<Event> events = read_log(log);
    const auto first_ack = std::find_if(events.begin(), events.end(),
                                        [](const Event& event) { return event.head.op == Op::ack; });
    if (run.status != 0 || run.acknowledged.empty() || first_ack == events.end()) {
        losses.lost = count;
        losses.first = fmt::format("the writer ended with {} after {} acknowledgements and {} events",
                                   run.status, run.acknowledged.size(), events.size());
        return losses;
    }
    Random random(11);
    std::vector<std::size_t> moments;
    const auto from = static_cast<std::size_t>(first_ack - events.begin());
    for (int i = 0; i < count; ++i) moments.push_back(from + 1 + random.below(events.size() - from));
    std::sort(moments.begin(), moments.end());
    Disk disk;
    std::vector<std::string> acknowledged;
    std::size_t at = 0;
    for (const std::size_t moment : moments) {
        for (; at < moment; ++at) {
            disk.take(at, events[at]);
            if (events[at].head.op == Op::ack)
                acknowledged.push_back(events[at].bytes.substr(0, events[at].bytes.size() - 1));
        }
        disk.leave(directory, image, random);
        const auto found = read_facts(image);
        const auto gone = [&](const std::string& name) { return !found->contains(name); };
        const bool refused = !found,
                   lost = found && std::any_of(acknowledged.begin(), acknowledged.end(), gone);
        losses.refused += refused;
        losses.lost += lost;
        if (losses.first.empty() && (refused || lost))
            losses.first = fmt::format("cut at event {} of {}: {}", moment, events.size(),
                                       refused ? found.error().text() : "an acknowledged fact is gone");
    }
    fmt::print("{} cuts over {} events and {} acknowledgements: {} lost, {} refused\n", count, events.size(),
               run.acknowledged.size(), losses.lost, losses.refused);
    return losses;
}

}  // namespace

Tally cuts(const fs::path& work, int count) {
    Tally tally;
    const Losses sound = cut(work, {}, count);
    tally.passed += count - sound.lost - sound.refused;
    tally.failed += sound.lost + sound.refused;
    if (!sound.first.empty()) fmt::print("{}\n", sound.first);
    // A harness that finds no loss where there must be some proves nothing. A start that refuses has seen
    // the loss itself, by the signed checkpoint.
    const int controls = count / 3;
    const Losses loose = cut(work, {.database_durable = false, .head_durable = false}, controls);
    tally.note(loose.lost + loose.refused > controls / 2,
               "control: with synchronous=NORMAL and no sync of the head hardly any loss was seen");
    // With the head synced alone, a database that lost more than the head carries is refused, never served.
    const Losses head_only = cut(work, {.database_durable = false, .head_durable = true}, controls);
    tally.note(head_only.lost == 0 && head_only.refused > 0,
               fmt::format("control: {} losses went unnoticed by journal.head", head_only.lost));
    return tally;
}

}  // namespace qingyuan::faults
