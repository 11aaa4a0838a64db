#include "paper/draw_http.h"

#include <string.h>

#include "base/log.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/label.h"
#include "paper/people.h"

struct page {
    struct page *next;
    const char *text;
    size_t len;
};

struct reading {
    struct request *req;
    struct paper_wish wish;
    json_t *args; // with where the next page begins; NULL behind the last
    struct page *first, **last;
};

struct paper_wish paper_wish_of(struct request *req, bool dossier, const json_t *args)
{
    return (struct paper_wish){.dossier = dossier,
                               .name = req->params[dossier ? 1 : 0],
                               .of = req->params[dossier ? 0 : 1],
                               .args = args ? json_line(&req->arena, args, 0) : "{}"};
}

// --- on the crew ---------------------------------------------------------------------------------

// The rows and people of a further page behind those before; what only the last one says.
static bool page_join(json_t *document, json_t *page)
{
    json_t *facts = json_object_get(document, "facts"), *more = json_object_get(page, "facts");
    json_t *rows = json_object_get(facts, "rows"), *people = json_object_get(document, "people");
    return json_array_extend(rows, json_object_get(more, "rows")) == 0 &&
           json_array_extend(people, json_object_get(page, "people")) == 0 &&
           json_object_update_missing(facts, more) == 0;
}

static json_t *pages_join(const struct page *page)
{
    json_t *document = json_loadb(page->text, page->len, 0, NULL);
    while (document && (page = page->next)) {
        json_t *further = json_loadb(page->text, page->len, 0, NULL);
        if (!page_join(document, further)) {
            json_decref(document);
            document = NULL;
        }
        json_decref(further);
    }
    return document;
}

static json_t *paper_make(struct arena *arena, void *arg)
{
    const struct reading *reading = arg;
    json_t *document = pages_join(reading->first);
    if (document && paper_people_join(arena, document))
        return document;
    log_error("paper", reading->req->subject, "%s: personal data cannot be opened",
              reading->wish.name);
    json_decref(document);
    return NULL;
}

// --- on the loop ---------------------------------------------------------------------------------

static void page_drawn(void *arg, const struct db_result *r);
static void page_recorded(void *arg, const struct db_result *r);

static bool reading_failed(struct reading *reading, const struct db_result *r)
{
    if (r->err == ERR_OK)
        return false;
    json_decref(reading->args);
    reply_problem_raised(reading->req, r->err, r->detail);
    return true;
}

// Nobody waits for the rest.
static void reading_left(struct reading *reading)
{
    json_decref(reading->args);
    reply_problem(reading->req, ERR_BUSY, NULL);
}

static void page_ask(struct reading *reading)
{
    struct request *req = reading->req;
    reading->wish.args = json_line(&req->arena, reading->args, 0);
    paper_draw(req->app->db, &req->who, &reading->wish, page_drawn, reading);
}

static void page_keep(struct reading *reading, const struct db_result *r)
{
    struct arena *arena = &reading->req->arena;
    struct page *page = arena_alloc(arena, sizeof *page);
    const char *text = db_json(r, 0, DRAW_PAGE, &page->len);
    page->text = arena_copy(arena, text, page->len);
    *reading->last = page;
    reading->last = &page->next;
}

static void page_drawn(void *arg, const struct db_result *r)
{
    struct reading *reading = arg;
    struct request *req = reading->req;
    size_t len;
    if (reading_failed(reading, r))
        return;
    page_keep(reading, r);
    if (db_is_null(r, 0, DRAW_NEXT)) {
        json_decref(reading->args);
        reading->args = NULL;
    } else {
        json_object_set_new(reading->args, "next", json_string(db_text(r, 0, DRAW_NEXT)));
    }
    if (db_is_null(r, 0, DRAW_DOSSIERS)) {
        page_recorded(reading, r);
        return;
    }
    const char *ids = db_json(r, 0, DRAW_DOSSIERS, &len);
    paper_read(req->app->db, &req->who, reading->wish.name, arena_copy(&req->arena, ids, len),
               page_recorded, reading);
}

static void page_recorded(void *arg, const struct db_result *r)
{
    struct reading *reading = arg;
    if (reading_failed(reading, r))
        return;
    if (reading->args && reading->req->conn)
        page_ask(reading);
    else if (reading->args)
        reading_left(reading);
    else
        label_form_reply(reading->req, paper_make, reading);
}

void paper_reply(struct request *req, bool dossier)
{
    struct reading *reading = arena_alloc(&req->arena, sizeof *reading);
    *reading = (struct reading){.req = req, .wish = paper_wish_of(req, dossier, NULL)};
    reading->last = &reading->first;
    reading->args = req->args ? json_copy(req->args) : json_object();
    page_ask(reading);
}
