#include <inttypes.h>
#include <stdlib.h>

#include "custody/scan.h"

// What the clock of a device is worth. A skew is applied up to a day: beyond, nobody knows what the
// clock said when the scan was made. What is ahead of the receipt after that is cut to it, and what
// comes before that stays before it by a microsecond.

static const int64_t skew_max_ms = INT64_C(24) * 3600 * 1000, cut_max_ms = INT64_C(5) * 60 * 1000;

// In the order in which the device made them; those of one time as it counted, or sent, them.
static int by_making(const void *a, const void *b)
{
    const struct scan *left = *(struct scan *const *)a, *right = *(struct scan *const *)b;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    if (left->device_seq != right->device_seq)
        return left->device_seq < right->device_seq ? -1 : 1;
    return left < right ? -1 : 1;
}

static int good_ones(struct scan *list, int count, struct scan **out)
{
    int found = 0;
    for (int i = 0; i < count; i++) {
        if (!list[i].problem)
            out[found++] = &list[i];
    }
    qsort(out, (size_t)found, sizeof(struct scan *), by_making);
    return found;
}

static void tell(struct arena *arena, struct scan *scan, int64_t moved_ms, int64_t off_ms)
{
    const char *off = off_ms ? arena_printf(arena, "\"clock_off_ms\":%" PRId64, off_ms) : "";
    const char *moved = moved_ms ? arena_printf(arena, "\"skew_ms\":%" PRId64, moved_ms) : "";
    if (off_ms || moved_ms)
        scan->data = arena_printf(arena, "{%s%s%s%s%s", off, off_ms && moved_ms ? "," : "", moved,
                                  scan->data ? "," : "}", scan->data ? scan->data + 1 : "");
}

void scans_of_device(struct arena *arena, struct scan *list, int count, int64_t device,
                     int64_t skew_ms, int64_t received)
{
    bool applied = llabs(skew_ms) <= skew_max_ms;
    int64_t skew = applied ? skew_ms : 0, latest = received;
    struct scan **good = arena_alloc(arena, (size_t)count * sizeof(struct scan *));
    for (int i = good_ones(list, count, good) - 1; i >= 0; i--) {
        struct scan *scan = good[i];
        int64_t at = scan->at + skew * 1000, cut_ms = 0, off = applied ? 0 : skew_ms;
        if (at > latest) {
            cut_ms = (at - latest) / 1000;
            at = latest--;
        }
        if (applied && cut_ms > cut_max_ms)
            off = -cut_ms;
        scan->device = device;
        scan->at = at;
        tell(arena, scan, skew - cut_ms, off);
    }
}
