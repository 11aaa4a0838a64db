#include "custody/custody_http.h"

#include "account/account.h"
#include "custody/custody_db.h"
#include "http/respond.h"

void custody_reply(void *arg, const struct db_result *r)
{
    reply_row(arg, 200, db_row_json(r));
}

void custody_reply_written(void *arg, const struct db_result *r)
{
    custody_poke();
    reply_row(arg, 200, db_row_json(r));
}

void custody_reply_created(void *arg, const struct db_result *r)
{
    custody_poke();
    reply_row(arg, 201, db_row_json(r));
}

static void held_get(struct request *req)
{
    custody_held(req->app->db, &req->who, custody_reply, req);
}

// What stands under a scanner: any shipment or container, with the steps it allows to the asker.
static void thing_get(struct request *req)
{
    char subject[SUBJECT_TEXT];
    enum err err = custody_code_read(req->params[0], subject);
    if (err != ERR_OK)
        reply_problem(req, err, NULL);
    else
        custody_thing(req->app->db, &req->who, subject, custody_reply, req);
}

static void vocabulary_get(struct request *req)
{
    custody_vocabulary(req->app->db, custody_reply, req);
}

const struct route custody_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/custody/held",
     .roles = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR,
     .handle = held_get,
     .text_vi = "Những gì tôi và đơn vị tôi đang giữ.",
     .text_en = "What I, and my unit as a place, hold now."},
    {.method = HTTP_GET,
     .path = "/v1/custody/items/{code}",
     .roles = ROLE_CLERK | ROLE_COURIER | ROLE_HUB | ROLE_OFFICER | ROLE_SUPERVISOR,
     .handle = thing_get,
     .text_vi = "Một bưu gửi hoặc túi, và những thao tác được phép lúc này.",
     .text_en = "One shipment or container, and the scans it allows now."},
    {.method = HTTP_GET,
     .path = "/v1/custody/vocabulary",
     .roles = ROLE_STAFF | ROLE_INTEGRATOR,
     .handle = vocabulary_get,
     .text_vi = "Các loại quét, trạng thái, bước chuyển, cảnh báo và lý do, bằng hai thứ tiếng.",
     .text_en = "Kinds of scan, states, the steps between them, warnings and reasons, in both "
                "languages."},
    {0}};
