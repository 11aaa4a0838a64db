#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "http/conn.h"
#include "http/respond.h"
#include "http/route.h"

// Problem documents (RFC 9457). The wording of a kind is its row in base/err.def.

static bool wants_page(const struct request *req)
{
    const char *accept = request_header(req, "Accept");
    bool of_people = req->method == HTTP_GET || (req->route != NULL && req->route->form_body);
    return of_people && !request_under_v1(req) && accept != NULL &&
           strstr(accept, "text/html") != NULL;
}

static json_t *document_of(struct request *req, enum err err, const char *detail)
{
    const struct err_row *row = err_row(err);
    bool en = req->lang == LANG_EN;
    const char *type = arena_printf(&req->arena, "/problems/%s", row->slug);
    return json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", type, "title",
                     en ? row->title_en : row->title_vi, "status", row->status, "detail",
                     detail ? detail : (en ? row->text_en : row->text_vi), "instance", req->id);
}

static void add_headers(struct request *req, const struct err_row *row)
{
    if ((row->status == 503 || row->status == 429) && !reply_has_header(req, "Retry-After"))
        reply_header(req, "Retry-After", row->status == 503 ? "1" : "60");
    if (row->status == 401)
        reply_header(req, "WWW-Authenticate", "Bearer realm=\"dossierpost\"");
    reply_header(req, "Content-Language", req->lang == LANG_EN ? "en" : "vi");
    reply_header(req, "Vary", "Accept-Language");
}

static void send_problem(struct request *req, enum err err, json_t *document)
{
    const struct err_row *row = err_row(err);
    add_headers(req, row);
    if (wants_page(req)) {
        reply_problem_page(req, row, document);
        return;
    }
    char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;
    json_decref(document);
    const char *body = text ? text : "{}";
    reply_bytes(req, row->status, "application/problem+json", body, strlen(body));
    free(text);
}

void reply_problem(struct request *req, enum err err, const char *detail_fmt, ...)
{
    const char *detail = NULL;
    if (detail_fmt != NULL) {
        char *text = NULL;
        va_list args;
        va_start(args, detail_fmt);
        if (vasprintf(&text, detail_fmt, args) >= 0)
            detail = arena_strdup(&req->arena, text);
        va_end(args);
        free(text);
    }
    send_problem(req, err, document_of(req, err, detail));
}

void reply_problem_fields(struct request *req, enum err err, const struct json_errors *errors)
{
    json_t *list = json_array();
    for (int i = 0; i < errors->count && i < JSON_ERRORS_MAX; i++) {
        const struct json_error *e = &errors->list[i];
        const char *detail = req->lang == LANG_EN ? e->detail_en : e->detail_vi;
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "pointer", e->pointer, "code",
                                              e->code, "detail", detail ? detail : ""));
    }
    json_t *document = document_of(req, err, NULL);
    json_object_set_new(document, "errors", list);
    send_problem(req, err, document);
}

void reply_problem_with(struct request *req, enum err err, const char *detail, json_t *members)
{
    json_t *document = document_of(req, err, detail);
    json_object_update_missing(document, members);
    json_decref(members);
    send_problem(req, err, document);
}

// The members detail and detail_vi are one text in two languages; an error of a list likewise.
static const char *localised(const struct request *req, const json_t *object)
{
    const char *vi = json_string_value(json_object_get(object, "detail_vi"));
    const char *en = json_string_value(json_object_get(object, "detail_en"));
    const char *any = json_string_value(json_object_get(object, "detail"));
    if (req->lang == LANG_EN)
        return en ? en : any;
    return vi ? vi : any;
}

static void localise_errors(const struct request *req, json_t *errors)
{
    size_t index;
    json_t *error;
    json_array_foreach(errors, index, error)
    {
        const char *detail = localised(req, error);
        if (detail != NULL)
            json_object_set_new(error, "detail", json_string(detail));
        json_object_del(error, "detail_vi");
        json_object_del(error, "detail_en");
    }
}

void reply_problem_raised(struct request *req, enum err err, const char *detail_json)
{
    json_t *members = detail_json ? json_loads(detail_json, 0, NULL) : NULL;
    if (members == NULL || !json_is_object(members)) {
        json_decref(members);
        reply_problem(req, err, NULL);
        return;
    }
    const char *detail = localised(req, members);
    detail = detail ? arena_strdup(&req->arena, detail) : NULL;
    localise_errors(req, json_object_get(members, "errors"));
    json_object_del(members, "detail");
    json_object_del(members, "detail_vi");
    json_object_del(members, "detail_en");
    reply_problem_with(req, err, detail, members);
}

bool request_uuid(struct request *req, uint8_t id[UUID_BYTES])
{
    if (uuid_parse(req->params[0], id))
        return true;
    reply_problem(req, ERR_NOT_FOUND, NULL);
    return false;
}
