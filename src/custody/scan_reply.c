#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "custody/scan.h"

static void print_text(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, ",\"%s\":", name);
    if (text)
        buf_json_string(out, text, strlen(text));
    else
        buf_text(out, "null");
}

// Whoever scanned, or their unit: the database leaves out what we know.
static void print_own(struct buf *out, const struct principal *who, bool person)
{
    if (person)
        buf_printf(out, ",\"id\":\"%" PRId64 "\"", who->account);
    else
        print_text(out, "id", who->unit_code);
    print_text(out, "name", person ? who->name : who->unit_name);
}

static void print_holder(struct buf *out, const struct request *req, const struct scan *scan)
{
    if (!scan->holder_kind) {
        buf_text(out, ",\"holder\":null");
        return;
    }
    buf_text(out, ",\"holder\":{\"kind\":");
    buf_json_string(out, scan->holder_kind, strlen(scan->holder_kind));
    if (scan->holder_ref) {
        print_text(out, "id", scan->holder_ref);
        print_text(out, "name", scan->holder_name);
    } else {
        print_own(out, &req->who, strcmp(scan->holder_kind, "person") == 0);
    }
    buf_byte(out, '}');
}

static void print_problem(struct buf *out, const struct request *req, const struct scan *scan)
{
    const struct err_row *row = err_row(scan->problem);
    bool en = req->lang == LANG_EN;
    const char *fault = en ? scan->fault_en : scan->fault_vi;
    buf_printf(out, ",\"problem\":{\"type\":\"/problems/%s\",\"status\":%d", row->slug,
               row->status);
    print_text(out, "title", en ? row->title_en : row->title_vi);
    print_text(out, "detail", fault ? fault : en ? row->text_en : row->text_vi);
    buf_byte(out, '}');
}

void scan_print(struct buf *out, const struct request *req, const struct scan *scan)
{
    buf_text(out, "{\"id\":");
    buf_json_string(out, scan->sent_id, strlen(scan->sent_id));
    print_text(out, "outcome", scan->problem ? "refused" : scan->outcome);
    print_text(out, "shipment", scan->subject[0] ? scan->subject : NULL);
    print_text(out, "state", scan->state);
    print_holder(out, req, scan);
    buf_text(out, ",\"warnings\":");
    buf_text(out, scan->warnings ? scan->warnings : "[]");
    if (scan->first) {
        buf_text(out, ",\"first\":");
        buf_text(out, scan->first);
    }
    if (scan->problem)
        print_problem(out, req, scan);
    buf_byte(out, '}');
}
