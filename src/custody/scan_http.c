#include "custody/scan_http.h"

#include <string.h>

#include "account/account.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "custody/scan_db.h"
#include "http/respond.h"

// POST /v1/custody/scans. Each scan goes to the loop's batcher by itself; the reply leaves when the
// last of them is durable. A scan that is malformed is refused alone.

enum { SCANS_MAX = 500, BODY_MAX = 1048576 };

static int slot;

struct scans {
    struct request *req;
    int count, waiting;
    enum err err; // the first write that did not end well
    struct scan list[];
};

static const struct json_field scan_item = {.kind = JSON_KIND_OBJECT, .shape = scan_shape};
static const struct json_field scans_body[] = {
    {"scans", JSON_KIND_ARRAY, true, 1, SCANS_MAX, .item = &scan_item,
     .text = "In any order; each has its own outcome"},
    {0},
};

static void reply(struct scans *all);

static void scans_post(struct request *req)
{
    const json_t *list = json_object_get(req->body, "scans");
    size_t count = json_array_size(list);
    struct scans *all = arena_alloc(&req->arena, sizeof *all + count * sizeof all->list[0]);
    struct db_batch *batch = req->app->cap[slot];
    *all = (struct scans){.req = req, .count = (int)count, .waiting = 1};
    for (int i = 0; i < all->count; i++) {
        struct scan *scan = &all->list[i];
        scan->all = all;
        if (!scan_read(req, json_array_get(list, (size_t)i), scan) || all->err != ERR_OK)
            continue;
        if (scan_submit(batch, scan))
            all->waiting++;
        else
            all->err = ERR_BUSY;
    }
    if (--all->waiting == 0)
        reply(all);
}

void scan_recorded(struct scan *scan)
{
    struct scans *all = scan->all;
    if (scan->err == ERR_INTERNAL) {
        // Alone in its batch and still refused by the database: it must not hold up the others.
        log_error("custody", all->req->subject, "scan of %s could not be written", scan->subject);
        scan->problem = ERR_INTERNAL;
    } else if (scan->err != ERR_OK && all->err != ERR_OUTCOME_UNKNOWN) {
        all->err = scan->err;
    }
    if (--all->waiting == 0)
        reply(all);
}

struct arena *scan_arena(const struct scan *scan)
{
    return &scan->all->req->arena;
}

static void count(const struct scan *scan)
{
    if (scan->problem || !scan->outcome)
        metric_add(METRIC_scans_refused, 1);
    else if (strcmp(scan->outcome, "recorded") == 0)
        metric_add(METRIC_scans_recorded, 1);
    else if (strcmp(scan->outcome, "duplicate") == 0)
        metric_add(METRIC_scans_duplicate, 1);
    else if (strcmp(scan->outcome, "exception") == 0)
        metric_add(METRIC_scans_exception, 1);
}

// When one outcome is not known the whole request is: sent again, what was written is a duplicate.
static void reply(struct scans *all)
{
    struct request *req = all->req;
    struct buf out = {0};
    custody_poke();
    if (all->err != ERR_OK) {
        reply_problem(req, all->err, NULL);
        return;
    }
    buf_text(&out, "{\"results\":[");
    for (int i = 0; i < all->count; i++) {
        if (i)
            buf_byte(&out, ',');
        scan_print(&out, req, &all->list[i]);
        count(&all->list[i]);
    }
    buf_text(&out, "]}");
    reply_json_text(req, 200, out.data, out.len);
    buf_finish(&out);
}

bool scan_setup(void)
{
    slot = capability_slot();
    return true;
}

bool scan_open(struct app_loop *app)
{
    app->cap[slot] = scan_batch_create(app->db);
    return true;
}

void scan_close(struct app_loop *app)
{
    db_batch_destroy(app->cap[slot]);
}

const struct route scan_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/custody/scans",
     .roles = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR,
     .handle = scans_post,
     .body = scans_body,
     .body_max = BODY_MAX,
     .text_vi = "Ghi nhận từ 1 đến 500 lượt quét; mỗi lượt có kết quả riêng, không ghi hai lần.",
     .text_en = "Records 1 to 500 scans; each has its own outcome and is never recorded twice."},
    {0}};
