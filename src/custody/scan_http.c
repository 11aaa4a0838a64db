#include "custody/scan_http.h"

#include <string.h>

#include "account/account.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "custody/checkpoint_maker.h"
#include "custody/receipt.h"
#include "custody/receipt_db.h"
#include "custody/receipt_wait.h"
#include "custody/scan_db.h"
#include "http/respond.h"

// POST /v1/custody/scans. Each scan goes to the loop's batcher by itself; the reply leaves when the
// last of them is durable. A scan that is malformed is refused alone. A device is looked up before,
// and gets a receipt after, once the log has passed what it sent: others do not wait for that.

enum { SCANS_MAX = 500, BODY_MAX = 1048576 };

static int slot;

struct scans {
    struct request *req;
    uint8_t key[UUID_BYTES]; // of the device
    int64_t received;
    int64_t device, skew_ms; // 0: none
    bool wants_receipt;
    int count, waiting;
    enum err err; // the first write that did not end well
    struct scan list[];
};

static const struct json_field scan_item = {.kind = JSON_KIND_OBJECT, .shape = scan_shape};
static const struct json_field scans_body[] = {
    {"scans", JSON_KIND_ARRAY, true, 1, SCANS_MAX, .item = &scan_item,
     .text = "In any order; each has its own outcome"},
    {"device", JSON_KIND_UUID,
     .text = "Id of the registered device, where no token of it is shown"},
    {"sent_at", JSON_KIND_TIME,
     .text =
         "The device's clock at sending: what it is off by, the times of its scans are moved by"},
    {0},
};
static const struct json_field scans_query[] = {
    {"receipt", JSON_KIND_INT, false, 0, 1, .text = "1: a signed receipt also without a device"},
    {0},
};

static void scans_heard(void *arg, const struct db_result *r);
static void submit(struct scans *all);
static void finish(struct scans *all);
static void reply(struct scans *all, struct receipt *receipt);

static void scans_post(struct request *req)
{
    size_t count = json_array_size(json_object_get(req->body, "scans"));
    const char *device = json_text(req->body, "device"), *sent = json_text(req->body, "sent_at");
    struct scans *all = arena_alloc(&req->arena, sizeof *all + count * sizeof all->list[0]);
    *all = (struct scans){.req = req, .count = (int)count, .waiting = 1, .received = clock_now()};
    int64_t sent_at, skew_ms = 0;
    all->wants_receipt = json_int(req->args, "receipt", 0) == 1;
    if (!device && !req->who.device) {
        submit(all);
        return;
    }
    bool told = sent && clock_parse(sent, &sent_at);
    if (told)
        skew_ms = (all->received - sent_at) / 1000;
    bool named = device && uuid_parse(device, all->key);
    all->wants_receipt = true;
    device_heard(req->app->db, &req->who, named ? all->key : NULL, told ? &skew_ms : NULL,
                 scans_heard, all);
}

static void scans_heard(void *arg, const struct db_result *r)
{
    struct scans *all = arg;
    if (r->err != ERR_OK) {
        reply_problem_raised(all->req, r->err, r->detail);
        return;
    }
    all->device = db_int8(r, 0, 0);
    memcpy(all->key, db_uuid(r, 0, 1), sizeof all->key);
    all->skew_ms = db_int8(r, 0, 2);
    submit(all);
}

static void read_all(struct scans *all)
{
    const json_t *list = json_object_get(all->req->body, "scans");
    for (int i = 0; i < all->count; i++) {
        all->list[i].all = all;
        if (!scan_read(all->req, json_array_get(list, (size_t)i), &all->list[i]))
            continue; // it has a problem now
    }
    if (all->device)
        scans_of_device(&all->req->arena, all->list, all->count, all->device, all->skew_ms,
                        all->received);
}

static void submit(struct scans *all)
{
    struct db_batch *batch = all->req->app->cap[slot];
    read_all(all);
    for (int i = 0; i < all->count && all->err == ERR_OK; i++) {
        if (all->list[i].problem)
            continue;
        if (scan_submit(batch, &all->list[i]))
            all->waiting++;
        else
            all->err = ERR_BUSY;
    }
    if (--all->waiting == 0)
        finish(all);
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
        finish(all);
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

static void receipted(void *arg, enum err err, const char *detail, int64_t position);

// "Busy" says that nothing was done, so it is no answer when a part was.
static enum err told(const struct scans *all, enum err err)
{
    for (int i = 0; err == ERR_BUSY && i < all->count; i++) {
        if (all->list[i].outcome)
            return ERR_OUTCOME_UNKNOWN;
    }
    return err;
}

static bool nothing_could_be_written(const struct scans *all)
{
    int failed = 0;
    for (int i = 0; i < all->count; i++)
        failed += all->list[i].problem == ERR_INTERNAL;
    return failed == all->count;
}

static void (*heard)(const char *subject);

void custody_on_event(void (*hears)(const char *subject))
{
    heard = hears;
}

static void say_whose(const struct scans *all)
{
    for (int i = 0; heard && i < all->count; i++) {
        if (all->list[i].subject[0])
            heard(all->list[i].subject);
    }
}

// When one outcome is not known the whole request is: sent again, what was written is a duplicate.
// A fault of ours that met every scan is no answer about any: who trusts a 200 would forget them.
static void finish(struct scans *all)
{
    custody_poke();
    say_whose(all);
    if (all->err == ERR_OK && nothing_could_be_written(all))
        all->err = ERR_INTERNAL;
    if (all->err != ERR_OK)
        reply_problem(all->req, told(all, all->err), NULL);
    else if (all->wants_receipt)
        receipt_wait(all->req, all->device, all->list, all->count, receipted, all);
    else
        reply(all, NULL);
}

// What the database could not write is not on it: the device keeps it.
static int receipt_lines(const struct scans *all, struct receipt_line *lines)
{
    int count = 0;
    for (int i = 0; i < all->count; i++) {
        const struct scan *scan = &all->list[i];
        if (scan->problem == ERR_INTERNAL || (!scan->problem && !scan->outcome))
            continue;
        lines[count++] =
            (struct receipt_line){scan->sent_id, scan->problem ? "refused" : scan->outcome};
    }
    return count;
}

static void receipted(void *arg, enum err err, const char *detail, int64_t position)
{
    struct scans *all = arg;
    struct request *req = all->req;
    if (err != ERR_OK) {
        reply_problem_raised(req, told(all, err), detail);
        return;
    }
    size_t size = (size_t)all->count * sizeof(struct receipt_line);
    struct receipt_line *lines = arena_alloc(&req->arena, size);
    struct receipt receipt = {.at = clock_now(), .lines = lines, .position = position};
    receipt.count = receipt_lines(all, lines);
    if (all->device)
        uuid_format(all->key, receipt.device);
    reply(all, &receipt);
}

static void reply(struct scans *all, struct receipt *receipt)
{
    struct request *req = all->req;
    struct buf out = {0};
    buf_text(&out, "{\"results\":[");
    for (int i = 0; i < all->count; i++) {
        if (i)
            buf_byte(&out, ',');
        scan_print(&out, req, &all->list[i]);
        count(&all->list[i]);
    }
    buf_byte(&out, ']');
    if (receipt) {
        buf_text(&out, ",\"receipt\":");
        receipt_print(receipt, checkpoint_maker_key(), &out);
    }
    buf_byte(&out, '}');
    reply_json_text(req, 200, out.data, out.len);
    buf_finish(&out);
}

bool scan_setup(void)
{
    slot = capability_slot();
    return receipt_wait_setup();
}

bool scan_open(struct app_loop *app)
{
    app->cap[slot] = scan_batch_create(app->db);
    return receipt_wait_open(app);
}

void scan_close(struct app_loop *app)
{
    receipt_wait_close(app);
    db_batch_destroy(app->cap[slot]);
}

const struct route scan_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/custody/scans",
     .roles = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR,
     .handle = scans_post,
     .body = scans_body,
     .body_max = BODY_MAX,
     .query = scans_query,
     .says_itself = true,
     .text_vi = "Ghi nhận từ 1 đến 500 lượt quét; mỗi lượt có kết quả riêng, không ghi hai lần.",
     .text_en = "Records 1 to 500 scans; each has its own outcome and is never recorded twice."},
    {0}};
