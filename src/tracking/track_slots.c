#include "tracking/track_slots.h"

#include <stdatomic.h>
#include <string.h>

static _Atomic uint64_t now = 1;
static _Atomic uint64_t all_changed, settled;
static _Atomic uint64_t changed[TRACK_SLOTS], waits[TRACK_SLOTS];
static _Atomic int64_t placed[TRACK_SLOTS];

// FNV-1a; its high bits are the better ones.
uint32_t slot_of(const char *subject, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)subject[i]) * 0x100000001b3;
    return (uint32_t)(hash >> 40) % TRACK_SLOTS;
}

int slots_of(const char *subjects, uint32_t *out)
{
    int count = 0;
    while (*subjects) {
        size_t len = strcspn(subjects, " ");
        out[count++] = slot_of(subjects, len);
        subjects += len + (subjects[len] == ' ');
    }
    return count;
}

uint64_t slots_mark(void)
{
    return atomic_load(&now);
}

uint64_t slots_tick(void)
{
    return atomic_fetch_add(&now, 1) + 1;
}

void slots_raise(_Atomic uint64_t *mark, uint64_t to)
{
    uint64_t was = atomic_load(mark);
    while (was < to && !atomic_compare_exchange_weak(mark, &was, to))
        ;
}

void slot_waits(uint32_t slot, bool first)
{
    uint64_t at = slots_tick();
    slots_raise(&waits[slot], at);
    if (first)
        slots_raise(&changed[slot], at);
}

void slot_placed(uint32_t slot, int64_t position, bool first)
{
    if (atomic_load(&placed[slot]) < position)
        atomic_store(&placed[slot], position);
    if (first)
        slots_raise(&changed[slot], slots_tick());
}

void slots_all_changed(void)
{
    slots_raise(&all_changed, slots_tick());
}

void slots_settled(uint64_t mark)
{
    atomic_store(&settled, mark);
}

bool slots_hold(const uint32_t *slots, int count, uint64_t mark)
{
    bool hold = atomic_load(&all_changed) <= mark;
    for (int i = 0; hold && i < count; i++)
        hold = atomic_load(&changed[slots[i]]) <= mark;
    return hold;
}

bool slots_hold_position(const uint32_t *slots, int count, int64_t position)
{
    uint64_t till = atomic_load(&settled);
    bool hold = true;
    for (int i = 0; hold && i < count; i++)
        hold = atomic_load(&placed[slots[i]]) <= position && atomic_load(&waits[slots[i]]) <= till;
    return hold;
}
