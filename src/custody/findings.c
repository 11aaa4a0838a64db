#include "custody/findings.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

static const struct {
    const char *code, *text;
} kinds[FOUND_KINDS] = {
    [FOUND_EVENT_MISSING] = {"event_missing", "event is missing"},
    [FOUND_EVENT_CHANGED] = {"event_changed", "event was changed"},
    [FOUND_EVENT_UNPLACED] = {"event_without_position", "event was inserted without a position"},
    [FOUND_OUT_OF_ORDER] = {"event_out_of_order", "event is out of order: swapped or inserted"},
    [FOUND_ROW_MISSING] = {"row_missing", "position is missing from the log"},
    [FOUND_CHAIN_BROKEN] = {"chain_broken", "chain of the subject is broken"},
    [FOUND_ROOT_DIFFERS] = {"root_differs", "root differs from the checkpoint's"},
    [FOUND_TREE_DIFFERS] = {"tree_differs", "stored tree differs from the log"},
    [FOUND_PROOF_WRONG] = {"proof_wrong", "proof does not lead to the checkpoint's root"},
    [FOUND_LOG_SHORT] = {"log_short", "log is shorter than the checkpoint"},
    [FOUND_SIGNATURE_WRONG] = {"signature_wrong", "checkpoint's signature is wrong"},
    [FOUND_KEY_UNKNOWN] = {"key_unknown", "checkpoint's key is not trusted"},
    [FOUND_OTHER_LOG] = {"other_log", "checkpoint is of another log"},
    [FOUND_MALFORMED] = {"malformed", "cannot be read"},
    [FOUND_PURGE_WRONG] = {"purge_wrong", "purge is not what the log tells"},
    [FOUND_PAYLOAD_WRONG] = {"payload_wrong", "personal payload is not what the event says"},
};

void findings_add(struct findings *f, enum finding what, uint64_t position, const char *subject,
                  const uint8_t *event, const char *fmt, ...)
{
    va_list args;
    if (f->bad++ >= FINDINGS_MAX)
        return;
    struct found *found = &f->list[f->bad - 1];
    *found = (struct found){.what = what, .position = position};
    snprintf(found->subject, sizeof found->subject, "%s", subject ? subject : "");
    if (event)
        uuid_format(event, found->event);
    va_start(args, fmt);
    vsnprintf(found->detail, sizeof found->detail, fmt, args);
    va_end(args);
}

static void print_one(const struct found *found, struct buf *out)
{
    buf_printf(out, "BAD  %s", kinds[found->what].text);
    if (found->position)
        buf_printf(out, ", position %" PRIu64, found->position);
    if (found->subject[0])
        buf_printf(out, ", subject %s", found->subject);
    if (found->event[0])
        buf_printf(out, ", event %s", found->event);
    if (found->detail[0])
        buf_printf(out, ": %s", found->detail);
    buf_byte(out, '\n');
}

void findings_print(const struct findings *f, struct buf *out)
{
    for (uint64_t i = 0; i < f->bad && i < FINDINGS_MAX; i++)
        print_one(&f->list[i], out);
    if (f->bad > FINDINGS_MAX)
        buf_printf(out, "… and %" PRIu64 " more\n", f->bad - FINDINGS_MAX);
    buf_printf(out, "events %" PRIu64 ", verified %" PRIu64, f->events, f->verified);
    if (f->purged)
        buf_printf(out, ", purged: %" PRIu64 " positions, leaf kept", f->purged);
    if (f->uncovered + f->pending)
        buf_printf(out,
                   ", uncovered %" PRIu64
                   " (newer than the last checkpoint; not verified), of them "
                   "%" PRIu64 " without a position yet",
                   f->uncovered + f->pending, f->pending);
    buf_printf(out,
               "\ncheckpoints %" PRIu64 ", the last good one covers %" PRIu64
               " positions; keys: %s\n",
               f->checkpoints, f->covered_to, f->keys ? f->keys : "none needed");
    if (f->payloads + f->erased + f->unopened)
        buf_printf(out,
                   "personal payloads that are what their events say %" PRIu64 ", erased %" PRIu64
                   ", of another key or a purged event and not looked into %" PRIu64 "\n",
                   f->payloads, f->erased, f->unopened);
    if (f->unread)
        buf_printf(out, "lines of checkpoints that cannot be read, passed over: %" PRIu64 "\n",
                   f->unread);
    buf_printf(out, "%s\n", f->bad ? "NOT VERIFIED" : "OK");
}

static json_t *one_json(const struct found *found)
{
    json_t *json = json_pack("{s:s}", "problem", kinds[found->what].code);
    if (found->position)
        json_object_set_new(json, "position", json_integer((json_int_t)found->position));
    if (found->subject[0])
        json_object_set_new(json, "subject", json_string(found->subject));
    if (found->event[0])
        json_object_set_new(json, "event", json_string(found->event));
    json_object_set_new(json, "detail", json_string(found->detail));
    return json;
}

json_t *findings_json(const struct findings *f)
{
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {{"events", f->events},         {"verified", f->verified},
                  {"purged", f->purged},         {"uncovered", f->uncovered + f->pending},
                  {"pending", f->pending},       {"checkpoints", f->checkpoints},
                  {"covered_to", f->covered_to}, {"payloads", f->payloads},
                  {"erased", f->erased},         {"unopened", f->unopened},
                  {"unread", f->unread},         {"bad", f->bad}};
    json_t *list = json_array();
    for (uint64_t i = 0; i < f->bad && i < FINDINGS_MAX; i++)
        json_array_append_new(list, one_json(&f->list[i]));
    json_t *report = json_pack("{s:b, s:s}", "ok", f->bad == 0, "keys", f->keys ? f->keys : "");
    for (size_t i = 0; i < countof(counts); i++)
        json_object_set_new(report, counts[i].name, json_integer((json_int_t)counts[i].count));
    json_object_set_new(report, "findings", list);
    return report;
}

// --- trust ---------------------------------------------------------------------------------------

void trust_add(struct trust *trust, const uint8_t key[SIGN_KEY_PUBLIC])
{
    if (trust->count < KEYRING_MAX)
        memcpy(trust->keys[trust->count++], key, SIGN_KEY_PUBLIC);
}

static bool trusted(const struct trust *trust, const uint8_t key[SIGN_KEY_PUBLIC])
{
    for (int i = 0; i < trust->count; i++) {
        if (memcmp(trust->keys[i], key, SIGN_KEY_PUBLIC) == 0)
            return true;
    }
    return false;
}

bool findings_checkpoint(struct findings *f, struct trust *trust, const struct checkpoint *c,
                         const char *where)
{
    f->checkpoints++;
    if (!checkpoint_check(c)) {
        findings_add(f, FOUND_SIGNATURE_WRONG, 0, NULL, NULL, "%s, of size %" PRIu64, where,
                     c->size);
        return false;
    }
    if (trust->count == 0) {
        trust_add(trust, c->key);
        f->keys = "not told from outside: that of the first checkpoint is believed";
    }
    if (!trusted(trust, c->key)) {
        findings_add(f, FOUND_KEY_UNKNOWN, 0, NULL, NULL, "%s, of size %" PRIu64, where, c->size);
        return false;
    }
    return true;
}
