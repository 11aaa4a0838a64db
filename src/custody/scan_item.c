#include <stdio.h>
#include <string.h>

#include "custody/delivery_item.h"
#include "custody/scan.h"

// Only the structure is checked by the table. What may be wrong with the content of one scan is
// looked at here, because it must not hurt the others.

enum { SEQ_MAX = 2147483647 };

// A clock that was reset shows 1970: what was scanned then is a fact all the same.
static const int64_t at_min = 0, at_max = INT64_C(7258118400) * 1000000 - 1;

// What is sealed apart from the event, so that it can be erased: it says who, where exactly, or
// something in somebody's words. code_of: the kind of which it is a code that rules go by instead.
static const struct {
    const char *name, *code_of;
} personal_members[] = {{"place", NULL}, {"position", NULL}, {"recipient", NULL},
                        {"proof", NULL}, {"reason", "fail"}, {"next_action", "fail"}};

const struct json_field scan_shape[] = {
    {"id", JSON_KIND_TEXT, true, 1, 64, .text = "UUID version 7, made by the device"},
    {"code", JSON_KIND_TEXT, true, 1, 400,
     .text = "What the scanner read: number, signed QR, tracking link, receptacle"},
    {"kind", JSON_KIND_TEXT, true, 1, 40, .text = "Kind of scan, see /v1/custody/vocabulary"},
    {"at", JSON_KIND_TEXT, true, 1, 64, .text = "When it happened, RFC 3339 with offset"},
    {"place", JSON_KIND_TEXT, false, 1, 40, .text = "Where, when it is not the unit itself"},
    {"container", JSON_KIND_TEXT, false, 1, 64, .text = "The bag it goes into"},
    {"reason", JSON_KIND_TEXT, false, 0, 200, .text = "Code of a failure's reason; else free text"},
    {"next_action", JSON_KIND_TEXT, false, 0, 40, .text = "What follows a failed delivery"},
    {"recipient", JSON_KIND_OBJECT, .shape = delivery_recipient, .text = "Who took a delivery"},
    {"proof", JSON_KIND_OBJECT, .shape = delivery_proof,
     .text = "Proof of a delivery, or a picture of a damage"},
    {"target", JSON_KIND_TEXT, false, 1, 64,
     .text = "Unit, person or trip it is meant for; of an arrival the trip it came off"},
    {"refers", JSON_KIND_TEXT, false, 1, 64, .text = "The scan that undo or reverse takes back"},
    {"seal", JSON_KIND_TEXT, false, 1, 40, .text = "Number of the seal"},
    {"until", JSON_KIND_TEXT, false, 10, 10, .text = "The day (YYYY-MM-DD) until which it is held"},
    {"device_seq", JSON_KIND_INT, false, 0, SEQ_MAX, .text = "Counts the device's scans"},
    {"position", JSON_KIND_ANY_OBJECT, .text = "{lat, lon} in degrees"},
    {0},
};

static bool fault(struct scan *scan, enum err err, const char *vi, const char *en)
{
    scan->problem = err;
    scan->fault_vi = vi;
    scan->fault_en = en;
    return false;
}

static bool read_ids(const json_t *item, struct scan *scan)
{
    const char *refers = json_text(item, "refers");
    if (!uuid_parse(scan->sent_id, scan->id))
        return fault(scan, ERR_INVALID_FIELDS, "\"id\" phải là UUID.", "\"id\" must be a UUID.");
    scan->has_refers = refers != NULL;
    if (refers && !uuid_parse(refers, scan->refers))
        return fault(scan, ERR_INVALID_FIELDS, "\"refers\" phải là UUID.",
                     "\"refers\" must be a UUID.");
    if (!clock_parse(json_text(item, "at"), &scan->at))
        return fault(scan, ERR_INVALID_FIELDS, "\"at\" phải là thời gian RFC 3339 có múi giờ.",
                     "\"at\" must be an RFC 3339 time with an offset.");
    if (scan->at < at_min || scan->at > at_max)
        return fault(scan, ERR_INVALID_FIELDS, "\"at\" phải từ năm 1970 đến năm 2199.",
                     "\"at\" must be in the years 1970 to 2199.");
    return true;
}

static bool read_codes(const json_t *item, struct scan *scan)
{
    const char *container = json_text(item, "container");
    enum err err = custody_label_read(json_text(item, "code"), scan->subject, &scan->label);
    if (err != ERR_OK) {
        scan->subject[0] = '\0';
        return fault(scan, err, NULL, NULL);
    }
    if (!container)
        return true;
    if (custody_code_read(container, scan->container_id) != ERR_OK ||
        !custody_is_container(scan->container_id))
        return fault(scan, ERR_BAD_CODE, "\"container\" không phải mã túi.",
                     "\"container\" is not a receptacle.");
    scan->container = scan->container_id;
    return true;
}

static bool in_range(const json_t *object, const char *name, double limit)
{
    const json_t *value = json_object_get(object, name);
    return json_is_number(value) && json_number_value(value) >= -limit &&
           json_number_value(value) <= limit;
}

static bool read_position(const json_t *item, struct scan *scan)
{
    const json_t *position = json_object_get(item, "position");
    if (!position || (json_object_size(position) == 2 && in_range(position, "lat", 90) &&
                      in_range(position, "lon", 180)))
        return true;
    return fault(scan, ERR_INVALID_FIELDS, "\"position\" phải có lat và lon.",
                 "\"position\" must have lat and lon.");
}

// JSON text with sorted members: the same content always gives the same bytes.
static const char *canonical(struct arena *arena, const json_t *document)
{
    return json_line(arena, document, JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
}

// What is not personal and has no column of its own.
static bool read_data(struct arena *arena, json_t *item, struct scan *scan, json_t *data)
{
    static const char *const members[] = {"seal", "until"};
    int64_t at;
    const char *until = json_text(item, "until");
    if (until && !clock_parse(arena_printf(arena, "%sT00:00:00+07:00", until), &at))
        return fault(scan, ERR_INVALID_FIELDS, "\"until\" phải là ngày, dạng YYYY-MM-DD.",
                     "\"until\" must be a day, as YYYY-MM-DD.");
    for (size_t i = 0; i < countof(members); i++) {
        if (json_object_get(item, members[i]))
            json_object_set(data, members[i], json_object_get(item, members[i]));
    }
    if (!delivery_read(item, data))
        return fault(scan, ERR_INVALID_FIELDS, "\"attachment\" phải là SHA-256 dạng thập lục phân.",
                     "\"attachment\" must be a SHA-256 in hex.");
    return true;
}

static bool is_personal(const struct scan *scan, size_t member)
{
    const char *code_of = personal_members[member].code_of;
    return !code_of || strcmp(scan->kind, code_of) != 0;
}

// Who scanned belongs to the content: nobody repeats another's scan. What is sealed is told only by
// name: after its erasure nothing here confirms a guess. Nor does it tell a one-time code.
static void make_digest(struct arena *arena, const json_t *open, struct scan *scan)
{
    const char *text = arena_printf(arena, "%lld\n%s\n%s", (long long)scan->account,
                                    canonical(arena, open), scan->data ? scan->data : "");
    seal_digest(text, strlen(text), scan->digest);
}

static void split(struct arena *arena, json_t *item, struct scan *scan)
{
    json_t *personal = json_object(), *open = json_copy(item);
    for (size_t i = 0; i < countof(personal_members); i++) {
        const char *name = personal_members[i].name;
        json_t *value = json_object_get(item, name);
        if (!value || !is_personal(scan, i))
            continue;
        json_object_set(personal, name, value);
        json_object_set_new(open, name, json_true());
    }
    if (json_object_size(personal)) {
        scan->plain = canonical(arena, personal);
        seal_close(arena, scan->plain, strlen(scan->plain), &scan->personal);
    }
    scan->reason = json_string_value(json_object_get(open, "reason"));
    scan->next_action = json_string_value(json_object_get(open, "next_action"));
    make_digest(arena, open, scan);
    json_decref(personal);
    json_decref(open);
}

static void keep_data(struct arena *arena, const json_t *data, struct scan *scan)
{
    if (json_object_size(data))
        scan->data = canonical(arena, data);
}

// Behind the digest: it has the code itself, and a key may be revoked before the scan is repeated.
static void add_label(const struct custody_label *label, json_t *data)
{
    if (label->copy)
        json_object_set_new(data, "label_copy", json_integer(label->copy));
    if (label->revoked)
        json_object_set_new(data, "label_revoked", json_true());
}

static bool read_content(struct arena *arena, json_t *item, struct scan *scan)
{
    char code[DELIVERY_CODE_HEX];
    json_t *data = json_object();
    bool coded = delivery_take_code(item, scan->subject, code);
    bool good = read_data(arena, item, scan, data);
    if (good) {
        keep_data(arena, data, scan);
        split(arena, item, scan);
        if (coded)
            json_object_set_new(data, "code", json_string(code));
        add_label(&scan->label, data);
        keep_data(arena, data, scan);
    }
    json_decref(data);
    return good;
}

bool scan_read(struct request *req, json_t *item, struct scan *scan)
{
    scan->sent_id = json_text(item, "id");
    scan->kind = json_text(item, "kind");
    scan->target = json_text(item, "target");
    scan->device_seq = json_int(item, "device_seq", 0);
    scan->account = scan->device = req->who.account;
    scan->unit = req->who.unit;
    scan->roles = (int32_t)req->who.roles;
    if (!read_ids(item, scan) || !read_codes(item, scan) || !read_position(item, scan))
        return false;
    if (!read_content(&req->arena, item, scan))
        return false;
    snprintf(scan->item.key, sizeof scan->item.key, "%s", scan->subject);
    return true;
}
