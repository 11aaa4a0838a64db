#include "cmd/ready.h"

#include "db/db.h"
#include "http/respond.h"
#include "http/server.h"

static void readyz_get(struct request *req)
{
    bool ready = db_ready(req->app->db);
    reply_header(req, "Cache-Control", "no-store");
    if (!ready)
        reply_header(req, "Retry-After", "2");
    reply_json(req, ready ? 200 : 503,
               json_pack("{s:s}", "status", ready ? "ready" : "waiting for the database"));
}

const struct route ready_routes[] = {
    {HTTP_GET, "/readyz", ROUTE_PUBLIC, readyz_get,
     .text_vi = "Cơ sở dữ liệu đã sẵn sàng và đúng phiên bản.",
     .text_en = "The database is there and of this version."},
    {0},
};
