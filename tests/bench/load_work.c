#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "load.h"

enum { COOKIE = 64, SESSIONS_MAX = 4096 };

struct shipment {
    char number[16];
    int events, clerk, hub, passes;
};

static struct shipment *shipments;
static int count, blocks, hot_blocks;
static char sessions[SESSIONS_MAX][COOKIE];
static FILE *ids;
static uint64_t chance = 88172645463325252;

static void read_sessions(void)
{
    FILE *file = opt.sessions ? fopen(opt.sessions, "re") : NULL;
    if (!file)
        die("the sessions cannot be read");
    for (int i = 0; i < SESSIONS_MAX && fscanf(file, "%63s", sessions[i]) == 1; i++)
        ;
    fclose(file);
}

void work_read(void)
{
    int cap = 0;
    struct shipment s = {0};
    while (scanf("%15s %d %d %d", s.number, &s.events, &s.clerk, &s.hub) == 4) {
        if (s.clerk < 0 || s.clerk >= SESSIONS_MAX || s.hub < 0 || s.hub >= SESSIONS_MAX)
            die("no such session");
        if (count == cap) {
            cap = cap ? 2 * cap : 1024;
            shipments = realloc(shipments, (size_t)cap * sizeof *shipments);
            if (!shipments)
                die("out of memory");
        }
        shipments[count++] = s;
    }
    blocks = count / opt.scans;
    hot_blocks = opt.hot ? blocks / 100 : 0;
    if (blocks - hot_blocks < opt.connections || (opt.hot && !hot_blocks))
        die("too few shipments");
    read_sessions();
    ids = opt.ids ? fopen(opt.ids, "we") : NULL;
}

static uint64_t random_next(void)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance;
}

bool work_next(int connection, int *turn, struct block *block)
{
    if (hot_blocks && random_next() % 100 < (uint64_t)opt.hot) {
        int which = (int)(random_next() % (uint64_t)hot_blocks);
        *block = (struct block){which * opt.scans, true};
        return true;
    }
    int own = (blocks - hot_blocks - connection + opt.connections - 1) / opt.connections;
    if (opt.rounds && *turn >= own * opt.rounds)
        return false;
    int which = hot_blocks + connection + *turn % own * opt.connections;
    ++*turn;
    *block = (struct block){which * opt.scans, false};
    return true;
}

static const char *kind_of(int step)
{
    static const char *const loop[] = {"depart", "arrive", "sort", "depart", "arrive"};
    return step == 1 ? "accept" : loop[(step - 2) % 5];
}

static bool at_hub(int step)
{
    int place = (step - 2) % 5;
    return step > 2 && place >= 1 && place <= 3;
}

// As a device that held them sends them: a shipment's own are an hour apart, so that nobody is in
// two places at once, and later than what the data has.
static int64_t time_of(const struct shipment *s)
{
    const int64_t hour = 3600LL * 1000000;
    int64_t now = clock_now(), at = now - 4 * 24 * hour + s->passes * hour;
    return at < now ? at : now;
}

static void add_scan(struct buf *body, struct shipment *s)
{
    uint8_t id[UUID_BYTES];
    char id_text[UUID_TEXT], at[CLOCK_TEXT];
    const char *kind = kind_of(s->events++);
    uuid_v7(id);
    uuid_format(id, id_text);
    clock_format(time_of(s), at);
    s->passes++;
    buf_printf(body, "{\"id\":\"%s\",\"code\":\"%s\",\"kind\":\"%s\",\"at\":\"%s\"}", id_text,
               s->number, kind, at);
    if (ids)
        fprintf(ids, "%s %s %s\n", id_text, s->number, kind);
}

void work_compose(const struct block *block, struct buf *out)
{
    static struct buf body;
    struct shipment *first = &shipments[block->first];
    const char *cookie = sessions[at_hub(first->events) ? first->hub : first->clerk];
    buf_reset(&body);
    buf_text(&body, "{\"scans\":[");
    for (int i = 0; i < opt.scans; i++) {
        if (i > 0)
            buf_byte(&body, ',');
        add_scan(&body, first + i);
    }
    buf_text(&body, "]}");
    buf_reset(out);
    buf_printf(out,
               "POST /v1/custody/scans HTTP/1.1\r\nHost: %s:%d\r\nCookie: dossierpost=%s\r\n"
               "X-Dossierpost: 1\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
               opt.host, opt.port, cookie, body.len);
    buf_add(out, body.data, body.len);
}

const char *work_number(const struct block *block)
{
    return shipments[block->first].number;
}

static int occurrences(const char *text, const char *word)
{
    int found = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        found++;
    return found;
}

bool work_check(const struct block *block, const char *reply, size_t head, size_t body)
{
    (void)body;
    int good = occurrences(reply + head, "\"outcome\":\"recorded\"");
    int odd = block->hot ? occurrences(reply + head, "\"outcome\":\"exception\"") : 0;
    report_scans(good, odd);
    return strncmp(reply, "HTTP/1.1 200 ", 13) == 0 && good + odd == opt.scans;
}

void work_finish(void)
{
    if (ids && fclose(ids) != 0)
        die("the ids cannot be written");
    free(shipments);
}
