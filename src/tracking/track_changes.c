#include "tracking/track_changes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { SET_BITS = 16, SETS = 1 << SET_BITS, WAYS = 8, LOCKS = 1024 };

// Marks of the last change and of the last one said to wait; the last position.
struct seen {
    uint64_t changed, waits;
    int64_t placed;
};

// who 0: free. gone: the latest of those that made room, which may have been any subject.
struct set {
    uint32_t who[WAYS];
    struct seen of[WAYS], gone;
};

static struct set sets[SETS];
static pthread_mutex_t locks[LOCKS] = {[0 ... LOCKS - 1] = PTHREAD_MUTEX_INITIALIZER};
static _Atomic uint64_t now = 1;
static _Atomic uint64_t all_changed, latest, settled;

// --- marks ---------------------------------------------------------------------------------------

uint64_t changes_mark(void)
{
    return atomic_load(&now);
}

uint64_t changes_tick(void)
{
    return atomic_fetch_add(&now, 1) + 1;
}

void changes_raise(_Atomic uint64_t *mark, uint64_t to)
{
    uint64_t was = atomic_load(mark);
    while (was < to && !atomic_compare_exchange_weak(mark, &was, to))
        ;
}

// --- subjects ------------------------------------------------------------------------------------

// FNV-1a; its high bits, the better ones, choose the set.
uint64_t subject_key(const char *subject, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)subject[i]) * 0x100000001b3;
    return hash;
}

int subject_keys(const char *subjects, uint64_t *out)
{
    int count = 0;
    while (*subjects) {
        size_t len = strcspn(subjects, " ");
        out[count++] = subject_key(subjects, len);
        subjects += len + (subjects[len] == ' ');
    }
    return count;
}

int subject_count(const char *subjects)
{
    int count = *subjects != '\0';
    for (; *subjects; subjects++)
        count += *subjects == ' ';
    return count;
}

static uint32_t who_of(uint64_t subject)
{
    return (uint32_t)subject ? (uint32_t)subject : 1;
}

// --- the table -----------------------------------------------------------------------------------

static struct set *open_set(uint64_t subject)
{
    size_t at = subject >> (64 - SET_BITS);
    pthread_mutex_lock(&locks[at % LOCKS]);
    return &sets[at];
}

static void close_set(const struct set *set)
{
    pthread_mutex_unlock(&locks[(size_t)(set - sets) % LOCKS]);
}

static int way_of(const struct set *set, uint32_t who)
{
    for (int i = 0; i < WAYS; i++)
        if (set->who[i] == who)
            return i;
    return -1;
}

static uint64_t age(const struct seen *one)
{
    return one->changed > one->waits ? one->changed : one->waits;
}

static void forget(struct set *set, int way)
{
    const struct seen *one = &set->of[way];
    struct seen *gone = &set->gone;
    gone->changed = one->changed > gone->changed ? one->changed : gone->changed;
    gone->waits = one->waits > gone->waits ? one->waits : gone->waits;
    gone->placed = one->placed > gone->placed ? one->placed : gone->placed;
}

// Of a subject that comes anew as much is known as of any that went.
static struct seen *seen_of(struct set *set, uint32_t who)
{
    int way = way_of(set, who);
    if (way >= 0)
        return &set->of[way];
    struct seen known = set->gone;
    way = 0;
    for (int i = 1; i < WAYS; i++)
        if (age(&set->of[i]) < age(&set->of[way]))
            way = i;
    forget(set, way);
    set->who[way] = who;
    set->of[way] = known;
    return &set->of[way];
}

static struct seen look(uint64_t subject)
{
    struct set *set = open_set(subject);
    int way = way_of(set, who_of(subject));
    struct seen seen = way >= 0 ? set->of[way] : set->gone;
    close_set(set);
    return seen;
}

// --- changes -------------------------------------------------------------------------------------

void change_waits(uint64_t subject, bool first)
{
    struct set *set = open_set(subject);
    struct seen *one = seen_of(set, who_of(subject));
    one->waits = changes_tick();
    if (first)
        one->changed = one->waits;
    close_set(set);
    if (first)
        changes_raise(&latest, changes_mark());
}

void change_placed(uint64_t subject, int64_t position, bool first)
{
    struct set *set = open_set(subject);
    struct seen *one = seen_of(set, who_of(subject));
    if (one->placed < position)
        one->placed = position;
    if (first)
        one->changed = changes_tick();
    close_set(set);
    if (first)
        changes_raise(&latest, changes_mark());
}

void changes_all(void)
{
    changes_raise(&all_changed, changes_tick());
}

void changes_settled(uint64_t mark)
{
    atomic_store(&settled, mark);
}

// --- answers -------------------------------------------------------------------------------------

bool subjects_hold(const uint64_t *subjects, int count, uint64_t mark)
{
    if (atomic_load(&all_changed) > mark)
        return false;
    bool hold = true, quiet = atomic_load(&latest) <= mark;
    for (int i = 0; !quiet && hold && i < count; i++)
        hold = look(subjects[i]).changed <= mark;
    return hold;
}

bool subjects_hold_position(const uint64_t *subjects, int count, int64_t position)
{
    uint64_t till = atomic_load(&settled);
    bool hold = true;
    for (int i = 0; hold && i < count; i++) {
        struct seen seen = look(subjects[i]);
        hold = seen.placed <= position && seen.waits <= till;
    }
    return hold;
}
