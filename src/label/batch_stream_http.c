#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/log.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/batch.h"
#include "label/batch_db.h"
#include "label/label.h"
#include "label/label_http.h"
#include "label/label_values.h"

// A batch as it is drawn: a page of its numbers is read, drawn by the crew, sent, and the next is
// read when the client has taken it. A client that reads slowly slows the drawing; one that leaves
// ends it.

// A part is drawn while its neighbours are read and sent; small ones leave the crew to others.
enum { PARTS = 3, PART = 50, STREAMS_MAX = 4 };

static atomic_int streams; // of all loops

struct row {
    const char *number;
    struct label_row of; // without facts: not to be seen
};

struct rows { // input of a part
    int count;
    struct row list[PART];
};

struct stream {
    struct request *req;
    struct label_batch *batch; // NULL: not begun, or over
    uint8_t id[UUID_BYTES];
    struct label_asker who;
    struct label_links links;
    struct label_source source;
    struct label_way way;
    int total, read, drawn;
    bool begun, whole;
    enum err err; // why it could not be read
    json_t *failed;
};

struct page { // that is being read
    struct stream *stream;
    struct label_part *part;
    struct label_batch_page place;
};

// --- in ------------------------------------------------------------------------------------------

static const void *copied(struct arena *arena, const struct db_result *result, int row, int col,
                          size_t *len)
{
    if (db_is_null(result, row, col))
        return NULL;
    *len = db_len(result, row, col);
    return arena_copy(arena, db_text(result, row, col), *len);
}

static void row_read(struct arena *arena, const struct db_result *result, int at, struct row *row)
{
    row->number = arena_strdup(arena, db_text(result, at, 0));
    if (!db_is_null(result, at, 1)) {
        const char *facts = db_json(result, at, 1, &row->of.facts_len);
        row->of.facts = arena_copy(arena, facts, row->of.facts_len);
    }
    row->of.sealed = copied(arena, result, at, 2, &row->of.sealed_len);
    row->of.key = copied(arena, result, at, 3, &row->of.key_len);
}

// Without its labels the stream cannot be whole.
static void page_failed(struct page *page, enum err err)
{
    page->stream->err = err;
    label_batch_stop(page->stream->batch);
    label_batch_filled(page->part);
}

static void page_read(void *arg, const struct db_result *result)
{
    struct page *page = arg;
    struct label_part *part = page->part;
    if (result->err != ERR_OK) {
        page_failed(page, result->err);
        return;
    }
    struct rows *rows = arena_alloc(&part->arena, sizeof *rows);
    for (; rows->count < result->rows && rows->count < PART; rows->count++)
        row_read(&part->arena, result, rows->count, &rows->list[rows->count]);
    part->input = rows->count > 0 ? rows : NULL;
    label_batch_filled(part);
}

static void page_noted(void *arg, const struct db_result *result)
{
    struct page *page = arg;
    struct stream *stream = page->stream;
    if (result->err != ERR_OK)
        page_failed(page, result->err);
    else
        batch_db_page(stream->req->app->db, &page->place, &stream->who, page_read, page);
}

static void stream_fill(void *arg, struct label_part *part)
{
    struct stream *stream = arg;
    if (stream->read >= stream->total) {
        label_batch_filled(part);
        return;
    }
    struct page *page = arena_alloc(&part->arena, sizeof *page);
    *page = (struct page){stream, part, {stream->id, stream->read, part->room, stream->drawn}};
    stream->read += part->room;
    batch_db_note(stream->req->app->db, &page->place, &stream->who, page_noted, page);
}

// On the crew. What is wrong with a label here is a row of the table of problems.
static void stream_make(void *arg, struct label_part *part)
{
    const struct stream *stream = arg;
    const struct rows *rows = part->input;
    for (int i = 0; i < rows->count; i++) {
        const struct row *row = &rows->list[i];
        struct label_data *data = arena_alloc(&part->arena, sizeof *data);
        if (!row->of.facts)
            label_part_refuse(part, row->number, err_row(ERR_NOT_FOUND)->slug);
        else if (label_row_values(&part->arena, stream->way.t, &row->of, &stream->source, data))
            label_part_add(part, row->number, data);
        else
            label_part_refuse(part, row->number, err_row(ERR_INTERNAL)->slug);
    }
}

// --- out -----------------------------------------------------------------------------------------

// The client has taken what there was, or has left.
static void stream_room(void *arg)
{
    struct stream *stream = arg;
    if (stream->batch && stream->req->conn)
        label_batch_go_on(stream->batch);
    else if (stream->batch)
        label_batch_stop(stream->batch);
}

static void stream_begin(struct stream *stream)
{
    struct request *req = stream->req;
    char id[UUID_TEXT];
    uuid_format(stream->id, id);
    stream->begun = true;
    reply_header(req, "Cache-Control", "no-store");
    reply_header(req, "Content-Disposition",
                 arena_printf(&req->arena, "inline; filename=\"%s.%s\"", id,
                              label_format_name(stream->way.format)));
    reply_begin(req, 200, label_format_type(stream->way.format), stream_room, stream);
}

static enum label_put stream_put(void *arg, const void *data, size_t len, int drawn)
{
    struct stream *stream = arg;
    if (!stream->begun)
        stream_begin(stream);
    stream->drawn = drawn;
    enum reply_flow flow = reply_part(stream->req, data, len);
    return flow == REPLY_GO_ON  ? LABEL_PUT_GO_ON
           : flow == REPLY_WAIT ? LABEL_PUT_WAIT
                                : LABEL_PUT_STOP;
}

static void stream_problem(void *arg, const char *number, const char *problem)
{
    struct stream *stream = arg;
    bool known = err_by_slug(problem) != ERR_OK;
    const char *slug = known ? problem : err_row(ERR_INTERNAL)->slug;
    if (!known)
        log_error("label", stream->req->subject, "%s: %s", number, problem);
    json_array_append_new(stream->failed,
                          json_pack("{s:s, s:s}", "number", number, "problem",
                                    arena_printf(&stream->req->arena, "/problems/%s", slug)));
}

static void stream_recorded(void *arg, const struct db_result *result);

static void stream_done(void *arg, bool whole)
{
    struct stream *stream = arg;
    stream->batch = NULL;
    stream->whole = whole && stream->err == ERR_OK;
    char *failed = json_dumps(stream->failed, JSON_COMPACT);
    batch_db_ended(stream->req->app->db, stream->id, stream->drawn,
                   stream->whole ? "drawn" : "stopped", failed ? failed : "[]", stream_recorded,
                   stream);
    free(failed);
}

static void stream_recorded(void *arg, const struct db_result *result)
{
    struct stream *stream = arg;
    if (result->err != ERR_OK)
        log_error("label", stream->req->subject, "how the batch ended is not recorded");
    json_decref(stream->failed);
    atomic_fetch_sub(&streams, 1);
    if (stream->begun)
        reply_end(stream->req, stream->whole);
    else
        reply_problem(stream->req, stream->err != ERR_OK ? stream->err : ERR_NOT_FOUND, NULL);
}

// --- begin ---------------------------------------------------------------------------------------

static const struct label_batch_calls calls = {stream_fill, stream_make, stream_put, stream_problem,
                                               stream_done};

// From what SQL tells of the batch. False: it is not one of this format, or its template is gone.
static bool plan_read(struct stream *stream, const struct row_json *row)
{
    json_t *batch = json_loadb(row->json, row->len, 0, NULL);
    const char *format = json_text(batch, "format");
    const char *path = stream->req->route->path;
    const char *template = json_text(batch, "template");
    stream->way.format = label_format_named(format);
    stream->way.dpi = (int)json_int(batch, "dpi", 0);
    stream->way.t = label_template_named(template, &label_words);
    stream->total = (int)json_int(batch, "total", 0);
    bool ok = strcmp(strrchr(path, '.') + 1, format) == 0 && stream->way.t;
    json_decref(batch);
    return ok;
}

static void stream_found(void *arg, const struct db_result *result)
{
    struct stream *stream = arg;
    struct request *req = stream->req;
    struct row_json row = db_row_json(result);
    if (row.err != ERR_OK || !row.json || !plan_read(stream, &row)) {
        atomic_fetch_sub(&streams, 1);
        if (row.err == ERR_OK)
            reply_problem(req, ERR_NOT_FOUND, NULL);
        else
            reply_row(req, 200, row);
        return;
    }
    label_links_make(&stream->links, request_url(req, ""));
    stream->source = (struct label_source){label_keys(), &stream->links, clock_now(), conf.demo,
                                           request_url(req, "")};
    stream->failed = json_array();
    struct label_batch_plan plan = {.way = stream->way,
                                    .loop = &req->app->loop,
                                    .crew = req->app->crew,
                                    .parts = PARTS,
                                    .size = label_part_size(&stream->way, PART),
                                    .calls = &calls,
                                    .arg = stream};
    stream->batch = label_batch_begin(&plan);
}

void batch_stream_get(struct request *req)
{
    struct stream *stream = arena_alloc(&req->arena, sizeof *stream);
    *stream = (struct stream){.req = req, .who = {req->who.account, req->who.unit, req->who.roles}};
    if (!request_uuid(req, stream->id))
        return;
    if (atomic_fetch_add(&streams, 1) >= STREAMS_MAX) {
        atomic_fetch_sub(&streams, 1);
        reply_problem(req, ERR_BUSY, NULL);
    } else {
        batch_db_begin(req->app->db, stream->id, req->who.account, stream_found, stream);
    }
}
