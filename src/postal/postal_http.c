#include <string.h>

#include "account/account.h"
#include "base/clock.h"
#include "http/respond.h"
#include "http/server.h"
#include "postal/calendar_http.h"
#include "postal/lease_http.h"
#include "postal/postal.h"
#include "postal/postal_db.h"
#include "postal/recompute.h"

enum {
    LIMIT = 100,
    LIMIT_MAX = 500,
    WEIGHT_MAX = 30000,
    NAME_MAX_TEXT = 100,
    CONDITION_MAX = 40,
    CONDITIONS_MAX = 10,
    COPIES_MAX = 100
};

static const char *const kinds[] = {"province_post", "hub", "post_office", "agency", NULL};
static const char *const services[] = {"send", "receive", "both", "none", NULL};
static const char *const extras[] = {"appointment_note", NULL};

static const struct json_field condition_item = {
    .kind = JSON_KIND_TEXT, .least = 1, .greatest = CONDITION_MAX};
static const struct json_field fees_shape[] = {
    {.name = "when",
     .kind = JSON_KIND_ARRAY,
     .greatest = CONDITIONS_MAX,
     .item = &condition_item,
     .text = "Conditions of the procedure's fees that hold"},
    {.name = "copies",
     .kind = JSON_KIND_INT,
     .least = 1,
     .greatest = COPIES_MAX,
     .text = "Of the result, where each is paid for"},
    {0}};
static const struct json_field extra_item = {.kind = JSON_KIND_ENUM, .choices = extras};

static const struct json_field quote_body[] = {
    {.name = "procedure",
     .kind = JSON_KIND_TEXT,
     .required = true,
     .least = 8,
     .greatest = 40,
     .text = "Code of the procedure"},
    {.name = "from",
     .kind = JSON_KIND_TEXT,
     .required = true,
     .least = 5,
     .greatest = 5,
     .text = "Code of the applicant's commune"},
    {.name = "to",
     .kind = JSON_KIND_TEXT,
     .required = true,
     .least = 2,
     .greatest = 20,
     .text = "Code of the agency"},
    {.name = "receiving",
     .kind = JSON_KIND_TEXT,
     .least = 2,
     .greatest = 20,
     .text = "Code of the one-stop department that takes the papers over for the agency"},
    {.name = "weight_g",
     .kind = JSON_KIND_INT,
     .required = true,
     .least = 1,
     .greatest = WEIGHT_MAX,
     .text = "Weight of the papers in grams"},
    {.name = "service",
     .kind = JSON_KIND_ENUM,
     .required = true,
     .choices = services,
     .text = "send the dossier, receive the result, both, or none: all on line or at the agency"},
    {.name = "extras",
     .kind = JSON_KIND_ARRAY,
     .greatest = 1,
     .item = &extra_item,
     .text = "appointment_note: the appointment note comes back by post"},
    {.name = "fees",
     .kind = JSON_KIND_OBJECT,
     .shape = fees_shape,
     .text = "Which of the agency's fees"},
    {.name = "online", .kind = JSON_KIND_BOOL, .text = "Filed on line, which may cost less"},
    {0}};

static const struct json_field units_query[] = {
    {.name = "kind", .kind = JSON_KIND_ENUM, .choices = kinds, .text = "Kind of unit"},
    {.name = "q",
     .kind = JSON_KIND_TEXT,
     .greatest = NAME_MAX_TEXT,
     .text = "Words of the name, code or address; diacritics do not matter"},
    {.name = "near",
     .kind = JSON_KIND_TEXT,
     .least = 5,
     .greatest = 5,
     .text = "Code of a commune: nearest first"},
    {.name = "limit",
     .kind = JSON_KIND_INT,
     .least = 1,
     .greatest = LIMIT_MAX,
     .text = "Most rows"},
    {0}};

static const struct json_field communes_query[] = {
    {.name = "q",
     .kind = JSON_KIND_TEXT,
     .greatest = NAME_MAX_TEXT,
     .text = "Words of the name or the code; diacritics do not matter"},
    {.name = "province",
     .kind = JSON_KIND_TEXT,
     .least = 2,
     .greatest = 2,
     .text = "Code of the province"},
    {.name = "limit",
     .kind = JSON_KIND_INT,
     .least = 1,
     .greatest = LIMIT_MAX,
     .text = "Most rows"},
    {0}};

static const struct json_field calendar_query[] = {{.name = "year",
                                                    .kind = JSON_KIND_INT,
                                                    .least = 2000,
                                                    .greatest = 2100,
                                                    .text = "Year; this one when absent"},
                                                   {.name = "unit",
                                                    .kind = JSON_KIND_TEXT,
                                                    .least = 2,
                                                    .greatest = 20,
                                                    .text = "Code of a unit: with its own days"},
                                                   {0}};

static int32_t limit_of(const struct request *req)
{
    return (int32_t)json_int(req->args, "limit", LIMIT);
}

static void replied(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

static void quotes_post(struct request *req)
{
    const json_t *fees = json_object_get(req->body, "fees");
    struct postal_quote quote = {
        .procedure = json_text(req->body, "procedure"),
        .from = json_text(req->body, "from"),
        .to = json_text(req->body, "to"),
        .receiving = json_text(req->body, "receiving"),
        .service = json_text(req->body, "service"),
        .weight_g = (int32_t)json_int(req->body, "weight_g", 0),
        .online = json_bool(req->body, "online"),
        .fees = fees ? json_line(&req->arena, fees, 0) : NULL,
        .appointment_note = json_array_size(json_object_get(req->body, "extras")) > 0,
    };
    postal_quote(req->app->db, &quote, replied, req);
}

static void units_get(struct request *req)
{
    postal_units(req->app->db, json_text(req->args, "kind"), json_text(req->args, "q"),
                 json_text(req->args, "near"), (req->who.roles & ROLE_STAFF) != 0, limit_of(req),
                 replied, req);
}

static void communes_get(struct request *req)
{
    postal_communes(req->app->db, json_text(req->args, "q"), json_text(req->args, "province"),
                    limit_of(req), replied, req);
}

static int32_t this_year(void)
{
    char now[CLOCK_TEXT];
    clock_format(clock_now(), now);
    return (now[0] - '0') * 1000 + (now[1] - '0') * 100 + (now[2] - '0') * 10 + now[3] - '0';
}

static void calendar_get(struct request *req)
{
    postal_calendar(req->app->db, (int32_t)json_int(req->args, "year", this_year()),
                    json_text(req->args, "unit"), replied, req);
}

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/tariff/quotes",
     .roles = ROUTE_PUBLIC,
     .handle = quotes_post,
     .body = quote_body,
     .text_vi = "Giá cước, phí, lệ phí và ngày hồ sơ đến cơ quan.",
     .text_en = "Postage, fees and the day the papers arrive."},
    {.method = HTTP_GET,
     .path = "/v1/units",
     .roles = ROUTE_PUBLIC,
     .handle = units_get,
     .query = units_query,
     .text_vi = "Bưu cục, cơ quan một cửa và các đơn vị khác.",
     .text_en = "Post offices, one-stop departments and other units."},
    {.method = HTTP_GET,
     .path = "/v1/communes",
     .roles = ROUTE_PUBLIC,
     .handle = communes_get,
     .query = communes_query,
     .text_vi = "Xã, phường và tỉnh, thành phố theo tên.",
     .text_en = "Communes and their provinces by name."},
    {.method = HTTP_GET,
     .path = "/v1/calendar",
     .roles = ROUTE_PUBLIC,
     .handle = calendar_get,
     .query = calendar_query,
     .text_vi = "Ngày nghỉ, ngày nghỉ bù và ngày làm bù trong năm.",
     .text_en = "Days off, days in lieu and Saturdays worked in a year."},
    {0}};

static bool setup(void)
{
    route_add(lease_routes);
    route_add(calendar_routes);
    recompute_setup();
    return true;
}

const struct capability postal_capability = {.name = "postal",
                                             .routes = routes,
                                             .setup = setup,
                                             .open = recompute_open,
                                             .close = recompute_close};
