#include "account/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { PLACES = 4096 };

struct entry {
    uint8_t hash[TOKEN_HASH];
    int64_t until;
    struct principal who; // its texts are ours
};

struct seen {
    uint64_t generation;
    struct entry *places[PLACES];
};

static void *or_die(void *memory)
{
    if (!memory)
        die("out of memory");
    return memory;
}

static char *copy(const char *text)
{
    return text ? or_die(strdup(text)) : NULL;
}

static void entry_destroy(struct entry *entry)
{
    if (!entry)
        return;
    free((char *)entry->who.login);
    free((char *)entry->who.name);
    free((char *)entry->who.unit_code);
    free((char *)entry->who.unit_name);
    free(entry);
}

static struct entry **place_of(struct seen *seen, const uint8_t hash[TOKEN_HASH])
{
    return &seen->places[(hash[0] | hash[1] << 8) % PLACES];
}

struct seen *seen_create(void)
{
    return or_die(calloc(1, sizeof(struct seen)));
}

void seen_destroy(struct seen *seen)
{
    if (!seen)
        return;
    seen_forget(seen);
    free(seen);
}

bool seen_find(struct seen *seen, const uint8_t hash[TOKEN_HASH], int64_t now, struct arena *arena,
               struct principal *who)
{
    const struct entry *entry = *place_of(seen, hash);
    if (!entry || entry->until <= now || memcmp(entry->hash, hash, TOKEN_HASH) != 0)
        return false;
    *who = entry->who;
    who->login = who->login ? arena_strdup(arena, who->login) : NULL;
    who->name = who->name ? arena_strdup(arena, who->name) : NULL;
    who->unit_code = who->unit_code ? arena_strdup(arena, who->unit_code) : NULL;
    who->unit_name = who->unit_name ? arena_strdup(arena, who->unit_name) : NULL;
    return true;
}

void seen_keep(struct seen *seen, uint64_t generation, const uint8_t hash[TOKEN_HASH],
               const struct principal *who, int64_t until)
{
    if (generation != seen->generation)
        return;
    struct entry **place = place_of(seen, hash);
    struct entry *entry = or_die(calloc(1, sizeof(*entry)));
    memcpy(entry->hash, hash, TOKEN_HASH);
    entry->until = until;
    entry->who = *who;
    entry->who.login = copy(who->login);
    entry->who.name = copy(who->name);
    entry->who.unit_code = copy(who->unit_code);
    entry->who.unit_name = copy(who->unit_name);
    entry_destroy(*place);
    *place = entry;
}

void seen_forget(struct seen *seen)
{
    seen->generation++;
    for (int i = 0; i < PLACES; i++) {
        entry_destroy(seen->places[i]);
        seen->places[i] = NULL;
    }
}

uint64_t seen_generation(const struct seen *seen)
{
    return seen->generation;
}
