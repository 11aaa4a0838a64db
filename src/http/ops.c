#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/metrics.h"
#include "http/conn.h"
#include "http/respond.h"
#include "http/route.h"

// For those who run the service.

static void healthz_get(struct request *req)
{
    static const char ok[] = "{\"status\":\"ok\"}\n";
    reply_header(req, "Cache-Control", "no-store");
    reply_bytes(req, 200, "application/json", ok, sizeof ok - 1);
}

static bool listed(const char *list, const char *address)
{
    size_t len = strlen(address);
    while (*list != '\0') {
        list += strspn(list, ", ");
        size_t item = strcspn(list, ", ");
        if (item == len && strncmp(list, address, len) == 0)
            return true;
        list += item;
    }
    return false;
}

// Not public: others are told that there is nothing.
static void metrics_get(struct request *req)
{
    if (!listed(conf.metrics_allow, req->peer)) {
        reply_problem(req, ERR_NOT_FOUND, NULL);
        return;
    }
    struct buf out = {0};
    metrics_print(&out);
    reply_header(req, "Cache-Control", "no-store");
    reply_bytes(req, 200, "text/plain; version=0.0.4; charset=utf-8", out.data, out.len);
    buf_finish(&out);
}

const struct route ops_routes[] = {
    {HTTP_GET, "/healthz", ROUTE_PUBLIC, healthz_get, .text_vi = "Tiến trình còn chạy.",
     .text_en = "The process lives."},
    {HTTP_GET, "/metrics", ROUTE_PUBLIC, metrics_get,
     .text_vi = "Số đo cho Prometheus; chỉ cho các địa chỉ được phép.",
     .text_en = "Measurements for Prometheus; only for the addresses allowed."},
    {0},
};
