#include "tracking/track_meter.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"

enum { SETS = 2048, WAYS = 8, REMEMBERED = 32, AGAIN_PARTS = 100, NOTABLE_PARTS = 64 };

static const int64_t minute = 60000000000, microsecond = 1000, millisecond = 1000000;

// Structures of arrays: looking for an address reads one line of memory. who 0: free. asked: of
// each key 31 bits, and whether it was counted as unknown.
struct set {
    pthread_mutex_t lock;
    bool touched;
    uint64_t who[WAYS];
    int64_t full_at[WAYS], spent[WAYS];
    uint8_t next[WAYS];
    uint32_t asked[WAYS][REMEMBERED];
};

struct track_meter {
    int64_t unit, whole, most; // what one number costs, all of it, all that is remembered
    uint64_t secret[2];
    unsigned char key_secret[crypto_shorthash_KEYBYTES];
    int taken; // the set that track_meter_take begins with
    struct set sets[SETS];
};

struct track_meter *track_meter_create(int64_t rate, int64_t burst)
{
    struct track_meter *meter = calloc(1, sizeof *meter);
    if (meter == NULL)
        die("out of memory");
    meter->unit = minute / rate > 0 ? minute / rate : 1;
    meter->whole = meter->unit * burst;
    meter->most = 2 * meter->whole;
    randombytes_buf(meter->secret, sizeof meter->secret);
    randombytes_buf(meter->key_secret, sizeof meter->key_secret);
    for (int i = 0; i < SETS; i++)
        pthread_mutex_init(&meter->sets[i].lock, NULL);
    return meter;
}

void track_meter_destroy(struct track_meter *meter)
{
    for (int i = 0; meter != NULL && i < SETS; i++)
        pthread_mutex_destroy(&meter->sets[i].lock);
    free(meter);
}

int64_t track_meter_most(const struct track_meter *meter)
{
    return meter->most / microsecond;
}

// --- addresses ----------------------------------------------------------------------------------

static const uint64_t of_v4 = 0xffffULL << 32, nowhere = 1;

static bool read_v4(const char *text, uint64_t *out)
{
    uint64_t all = 0;
    for (int part = 0; part < 4; part++) {
        unsigned value = 0;
        const char *from = text;
        while (*text >= '0' && *text <= '9' && text < from + 3)
            value = value * 10 + (unsigned)(*text++ - '0');
        if (text == from || value > 255 || *text++ != (part < 3 ? '.' : '\0'))
            return false;
        all = all << 8 | value;
    }
    *out = of_v4 | all;
    return true;
}

uint64_t track_meter_place(const char *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    uint8_t six[16];
    uint64_t place = 0;
    if (read_v4(address, &place))
        return place;
    if (inet_pton(AF_INET6, address, six) != 1)
        return nowhere;
    bool four = memcmp(six, mapped, sizeof mapped) == 0;
    for (int i = four ? 12 : 0; i < (four ? 16 : 8); i++)
        place = place << 8 | six[i];
    return four ? of_v4 | place : place ? place : nowhere;
}

void track_place_format(uint64_t place, char out[TRACK_PLACE_TEXT])
{
    uint8_t six[16] = {0};
    for (int i = 0; i < 8; i++)
        six[i] = (uint8_t)(place >> (56 - 8 * i));
    if (place >> 32 == of_v4 >> 32)
        snprintf(out, TRACK_PLACE_TEXT, "%u.%u.%u.%u", six[4], six[5], six[6], six[7]);
    else
        (void)inet_ntop(AF_INET6, six, out, TRACK_PLACE_TEXT);
}

// --- the table ----------------------------------------------------------------------------------

static struct set *set_of(struct track_meter *meter, uint64_t place)
{
    uint64_t mixed = (place ^ meter->secret[0]) * (meter->secret[1] | 1);
    mixed ^= mixed >> 29;
    return &meter->sets[mixed * 0x9e3779b97f4a7c15 >> 53];
}
_Static_assert(SETS == 1 << (64 - 53), "the shift gives a set");

static int way_of(const struct set *set, uint64_t place)
{
    for (int i = 0; i < WAYS; i++)
        if (set->who[i] == place)
            return i;
    return -1;
}

// The one whose allowance is whole soonest makes room: of it the least is forgotten.
static int way_for(struct set *set, uint64_t place)
{
    int way = way_of(set, place);
    if (way >= 0)
        return way;
    way = 0;
    for (int i = 1; i < WAYS; i++)
        if (set->full_at[i] < set->full_at[way])
            way = i;
    set->who[way] = place;
    set->full_at[way] = set->spent[way] = 0;
    set->next[way] = 0;
    memset(set->asked[way], 0, sizeof set->asked[way]);
    return way;
}

static int64_t used_of(const struct set *set, int way, int64_t now)
{
    return set->full_at[way] > now ? set->full_at[way] - now : 0;
}

static void spend(const struct track_meter *meter, struct set *set, int way, int64_t cost,
                  int64_t now)
{
    int64_t used = used_of(set, way, now) + cost;
    set->full_at[way] = now + (used < meter->most ? used : meter->most);
    set->spent[way] += cost;
}

// --- what was asked about lately ----------------------------------------------------------------

static uint32_t print_of(const struct track_meter *meter, const void *key, size_t len)
{
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, key, len, meter->key_secret);
    uint32_t print = (uint32_t)hash & ~1u;
    return print ? print : 2;
}

// No early end, so that the compiler compares several at a time.
static bool asked_lately(const uint32_t asked[REMEMBERED], uint32_t print)
{
    uint32_t found = 0;
    for (int i = 0; i < REMEMBERED; i++)
        found |= (asked[i] & ~1u) == print;
    return found != 0;
}

static void remember(struct set *set, int way, uint32_t print)
{
    set->asked[way][set->next[way]] = print;
    set->next[way] = (uint8_t)((set->next[way] + 1) % REMEMBERED);
}

// False when it was counted before. Of what is no longer remembered nobody knows.
static bool first_time_unknown(struct set *set, int way, uint32_t print)
{
    for (int i = 0; i < REMEMBERED; i++) {
        uint32_t *one = &set->asked[way][i];
        if ((*one & ~1u) == print) {
            bool first = (*one & 1) == 0;
            *one |= 1;
            return first;
        }
    }
    return true;
}

// --- asking -------------------------------------------------------------------------------------

static enum track_admission judged(const struct track_meter *meter, int64_t used, int *wait)
{
    int64_t half = meter->whole / 2;
    *wait = 0;
    if (used <= half)
        return TRACK_ADMIT;
    double part = (double)(used - half) / (double)(meter->whole - half);
    *wait = part < 1 ? 1 + (int)(part * (TRACK_SLOW_MS - 1)) : TRACK_SLOW_MS;
    return TRACK_SLOW;
}

static enum track_admission ask(struct track_meter *meter, struct set *set, int way, uint32_t print,
                                int64_t now, int *wait)
{
    bool again = asked_lately(set->asked[way], print);
    int64_t cost = again ? meter->unit / AGAIN_PARTS : meter->unit;
    int64_t over = used_of(set, way, now) + cost - meter->whole;
    set->touched = true;
    if (over > 0 && !again) {
        *wait = (int)(over / millisecond < INT32_MAX ? over / millisecond + 1 : INT32_MAX);
        return TRACK_REFUSE;
    }
    spend(meter, set, way, cost, now);
    if (!again)
        remember(set, way, print);
    return judged(meter, used_of(set, way, now), wait);
}

enum track_admission track_meter_ask(struct track_meter *meter, uint64_t place, const void *key,
                                     size_t len, int64_t now, int *wait)
{
    uint32_t print = print_of(meter, key, len);
    struct set *set = set_of(meter, place);
    pthread_mutex_lock(&set->lock);
    enum track_admission admission = ask(meter, set, way_for(set, place), print, now, wait);
    pthread_mutex_unlock(&set->lock);
    return admission;
}

void track_meter_unknown(struct track_meter *meter, uint64_t place, const void *key, size_t len,
                         int64_t now)
{
    uint32_t print = print_of(meter, key, len);
    struct set *set = set_of(meter, place);
    pthread_mutex_lock(&set->lock);
    int way = way_for(set, place);
    if (first_time_unknown(set, way, print))
        spend(meter, set, way, (TRACK_UNKNOWN_COST - 1) * meter->unit, now);
    pthread_mutex_unlock(&set->lock);
}

// --- together with others -----------------------------------------------------------------------

// Where the allowance is whole again nothing needs to be told.
static int take_set(const struct track_meter *meter, struct set *set, int64_t now,
                    struct track_use *out)
{
    int count = 0;
    for (int way = 0; way < WAYS; way++) {
        if (set->full_at[way] <= now)
            set->spent[way] = 0;
        if (set->spent[way] * NOTABLE_PARTS < meter->whole || set->spent[way] == 0)
            continue;
        out[count++] = (struct track_use){set->who[way], set->spent[way] / microsecond};
        set->spent[way] = 0;
    }
    return count;
}

int track_meter_take(struct track_meter *meter, int64_t now, struct track_use *out, int most)
{
    int count = 0, first = meter->taken;
    for (int i = 0; i < SETS && count + WAYS <= most; i++) {
        struct set *set = &meter->sets[(first + i) % SETS];
        meter->taken = (first + i + 1) % SETS;
        pthread_mutex_lock(&set->lock);
        if (set->touched)
            count += take_set(meter, set, now, out + count);
        set->touched = false;
        pthread_mutex_unlock(&set->lock);
    }
    return count;
}

void track_meter_learn(struct track_meter *meter, const struct track_use *use, int64_t now)
{
    struct set *set = set_of(meter, use->place);
    pthread_mutex_lock(&set->lock);
    int way = way_for(set, use->place);
    int64_t limit = track_meter_most(meter);
    int64_t used = (use->used < limit ? use->used : limit) * microsecond + set->spent[way];
    if (used > used_of(set, way, now))
        set->full_at[way] = now + (used < meter->most ? used : meter->most);
    pthread_mutex_unlock(&set->lock);
}
