#include "custody/bundle.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/seal.h"
#include "custody/canon.h"

// One event of a bundle, as it goes through the checks.
struct item {
    const json_t *json;
    struct canon_event event;
    const char *subject;
    uint64_t position;
    struct merkle_hash prev, joined, hash;
    bool purged; // only its leaf is left
};

struct pass {
    const struct checkpoint *checkpoint;
    struct findings *f;
    struct buf scratch;
    bool good; // the checkpoint
};

static bool item_read(const json_t *json, const char *subject, struct item *out)
{
    *out = (struct item){.json = json, .subject = subject};
    out->position = (uint64_t)json_int(json, "position", 0);
    out->purged = json_bool(json, "purged");
    const char *id = json_text(json, "event");
    return json_int(json, "position", 0) > 0 &&
           canon_hash_read(json_text(json, "prev"), &out->prev) &&
           canon_hash_read(json_text(json, "hash"), &out->hash) &&
           (out->purged ? id && uuid_parse(id, out->event.id)
                        : canon_read(json_object_get(json, "fields"), &out->event)) &&
           (!out->event.texts[CANON_CONTAINER].data ||
            canon_hash_read(json_text(json, "joined"), &out->joined));
}

static bool proof_read(const json_t *list, struct merkle_proof *out)
{
    size_t i;
    json_t *hex;
    out->count = 0;
    if (!json_is_array(list) || json_array_size(list) > MERKLE_PROOF_MAX)
        return false;
    json_array_foreach(list, i, hex)
    {
        if (!canon_hash_read(json_string_value(hex), &out->list[out->count++]))
            return false;
    }
    return true;
}

static void bad(struct pass *pass, enum finding what, const struct item *item, const char *detail)
{
    findings_add(pass->f, what, item->position, item->subject, item->event.id, "%s", detail);
}

// Whether the fields are of this subject and give the hash.
static bool content_check(struct pass *pass, const struct item *item)
{
    const struct canon_text *subject = &item->event.texts[CANON_SUBJECT];
    struct merkle_hash hash = canon_hash(item->prev, item->joined, &item->event, &pass->scratch);
    if (strcmp(subject->data, item->subject) != 0) {
        bad(pass, FOUND_EVENT_CHANGED, item, "it names another subject");
        return false;
    }
    if (!merkle_equal(hash, item->hash)) {
        bad(pass, FOUND_EVENT_CHANGED, item, "its fields do not give its hash");
        return false;
    }
    return true;
}

// The content where it is there, then the leaf, then the way to the root.
static bool item_check(struct pass *pass, const struct item *item)
{
    struct merkle_proof proof;
    if (!item->purged && !content_check(pass, item))
        return false;
    struct merkle_hash leaf = canon_leaf(item->position, item->subject, strlen(item->subject),
                                         item->event.id, item->hash);
    if (!proof_read(json_object_get(item->json, "proof"), &proof) ||
        !merkle_check_inclusion(leaf, item->position - 1, pass->checkpoint->size, &proof,
                                pass->checkpoint->root)) {
        bad(pass, FOUND_PROOF_WRONG, item, "not in the log that the checkpoint signed");
        return false;
    }
    return true;
}

// What was sealed beside the event, where it is told. That it was erased is no fault.
static void payload_check(struct pass *pass, const struct item *item)
{
    struct merkle_hash salt, mac;
    const json_t *payload = json_object_get(item->json, "payload");
    const json_t *text = json_object_get(payload, "text");
    if (!payload)
        return;
    if (json_bool(payload, "erased"))
        pass->f->erased++;
    else if (json_bool(payload, "unopened"))
        pass->f->unopened++;
    else if (json_is_string(text) && canon_hash_read(json_text(payload, "salt"), &salt) &&
             canon_hash_read(item->event.texts[CANON_MAC].data, &mac) &&
             seal_fits(json_string_value(text), json_string_length(text), salt.bytes, mac.bytes))
        pass->f->payloads++;
    else
        bad(pass, FOUND_PAYLOAD_WRONG, item, "text and salt do not give the event's mac");
}

// An event that begins what is told of a subject: of a whole chain its first.
static bool linked(const struct item *before, const struct item *item, bool whole)
{
    static const struct merkle_hash none;
    if (before->json)
        return item->position > before->position &&
               (!whole || merkle_equal(item->prev, before->hash));
    return !whole || merkle_equal(item->prev, none);
}

static void subject_check(struct pass *pass, const json_t *json)
{
    size_t i;
    json_t *event;
    struct item item, before = {0};
    const char *subject = json_text(json, "subject");
    const json_t *events = json_object_get(json, "events");
    bool whole = json_bool(json, "whole");
    if (!subject || !json_is_array(events)) {
        findings_add(pass->f, FOUND_MALFORMED, 0, subject, NULL, "a subject without events");
        return;
    }
    pass->f->uncovered += (uint64_t)json_int(json, "uncovered", 0);
    json_array_foreach(events, i, event)
    {
        bool purged = json_bool(event, "purged");
        pass->f->events += !purged;
        if (!item_read(event, subject, &item)) {
            findings_add(pass->f, FOUND_MALFORMED, item.position, subject, NULL, "event %zu",
                         i + 1);
            continue;
        }
        bool chained = linked(&before, &item, whole);
        if (!chained)
            bad(pass, FOUND_CHAIN_BROKEN, &item, "an event before it was left out or changed");
        payload_check(pass, &item);
        if (item_check(pass, &item) && chained && pass->good) {
            pass->f->verified += !purged;
            pass->f->purged += purged;
        }
        before = item;
    }
}

static void outside_check(struct pass *pass, const struct checkpoint *outside)
{
    const struct checkpoint *c = pass->checkpoint;
    bool same = strcmp(outside->origin, c->origin) == 0 && outside->size == c->size;
    if (same && merkle_equal(outside->root, c->root))
        return;
    pass->good = false;
    if (same)
        findings_add(pass->f, FOUND_ROOT_DIFFERS, 0, NULL, NULL, "from the one held outside");
    else
        findings_add(pass->f, FOUND_OTHER_LOG, 0, NULL, NULL,
                     "the one held outside is of size %" PRIu64 ": ask for the evidence with "
                     "?size=%" PRIu64,
                     outside->size, outside->size);
}

void bundle_verify(const json_t *bundle, const struct checkpoint *outside, struct trust *trust,
                   struct findings *f)
{
    size_t i;
    json_t *subject;
    struct checkpoint c;
    struct pass pass = {.checkpoint = &c, .f = f};
    const json_t *subjects = json_object_get(bundle, "subjects");
    const char *format = json_text(bundle, "format");
    if (!format || strcmp(format, "dossierpost evidence 1") != 0 || !json_is_array(subjects) ||
        !checkpoint_read(json_object_get(bundle, "checkpoint"), &c)) {
        findings_add(f, FOUND_MALFORMED, 0, NULL, NULL, "not an evidence bundle");
        return;
    }
    pass.good = findings_checkpoint(f, trust, &c, "the bundle's");
    if (outside)
        outside_check(&pass, outside);
    f->covered_to = pass.good ? c.size : 0;
    json_array_foreach(subjects, i, subject) subject_check(&pass, subject);
    buf_finish(&pass.scratch);
}
