#include "account/account.h"
#include "container/container_http.h"
#include "container/sorting_db.h"
#include "http/respond.h"
#include "http/server.h"

static const struct json_field get_query[] = {
    {"from", JSON_KIND_TEXT, false, 2, 20, .text = "Code of the unit; one's own when absent"},
    {"commune", JSON_KIND_TEXT, false, 5, 5, .text = "Code of the commune where it is to end"},
    {"number", JSON_KIND_TEXT, false, 1, 400, .text = "A scanned shipment or container, instead"},
    {0},
};

static void only_one(struct request *req)
{
    struct json_errors errors = {0};
    json_error_add(&errors, "/number", "required", "Phải nêu một trong hai: commune hoặc number.",
                   "One of commune and number must be there.");
    reply_problem_fields(req, ERR_INVALID_FIELDS, &errors);
}

static void get(struct request *req)
{
    const char *from = json_text(req->args, "from");
    const char *commune = json_text(req->args, "commune");
    const char *code = json_text(req->args, "number");
    char subject[SUBJECT_TEXT];
    enum err err = code ? custody_code_read(code, subject) : ERR_OK;
    if (!commune == !code)
        only_one(req);
    else if (err != ERR_OK)
        reply_problem(req, err, NULL);
    else
        sorting_get(req->app->db, from ? from : req->who.unit_code, commune, code ? subject : NULL,
                    container_reply, req);
}

const struct route sorting_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/sorting",
     .roles = ROLE_STAFF,
     .handle = get,
     .query = get_query,
     .text_vi = "Hướng chia chọn: tại đơn vị này, bưu gửi vào túi nào.",
     .text_en = "The sorting plan: into which bag something goes at a unit."},
    {0}};
