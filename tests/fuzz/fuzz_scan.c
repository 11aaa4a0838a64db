#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "custody/scan.h"
#include "fuzz.h"

// The first byte chooses. 'c': what a scanner read; it becomes a number or a receptacle that reads
// as itself, or nothing. Else: one scan as JSON; what is read has all that a row needs, what is
// refused says why, and either is printed as valid JSON.

static void must(bool good)
{
    if (!good)
        abort();
}

static void try_code(const char *text)
{
    char subject[SUBJECT_TEXT], again[SUBJECT_TEXT];
    if (custody_code_read(text, subject) != ERR_OK)
        return;
    size_t len = strlen(subject);
    must(len == 13 || len == SUBJECT_TEXT - 1);
    must(custody_is_container(subject) == (len != 13));
    must(custody_code_read(subject, again) == ERR_OK && strcmp(subject, again) == 0);
}

static void check_print(struct request *req, const struct scan *scan)
{
    struct buf out = {0};
    scan_print(&out, req, scan);
    json_t *printed = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
    must(printed && json_text(printed, "id") && json_object_get(printed, "warnings"));
    json_decref(printed);
    buf_finish(&out);
}

static void check_read(const struct scan *scan)
{
    must(scan->problem == ERR_OK && scan->subject[0] && scan->kind[0]);
    must(strlen(scan->item.key) == strlen(scan->subject));
    must((scan->personal.len == 0) == (scan->personal.data == NULL));
    must((scan->personal.len == 0) == (scan->plain == NULL));
    must(strcmp(scan->kind, "fail") == 0 || (!scan->reason && !scan->next_action));
    must(!scan->container || custody_is_container(scan->container));
}

static void try_scan(const char *data, size_t len)
{
    struct request req = {.who = {.account = 7, .unit = 11, .roles = 6}};
    struct json_errors errors;
    struct scan scan = {0};
    json_t *item;
    arena_init(&req.arena);
    if (json_read(&req.arena, data, len, scan_shape, &item, &errors) == ERR_OK) {
        if (scan_read(&req, item, &scan))
            check_read(&scan);
        else
            must(scan.problem != ERR_OK);
        check_print(&req, &scan);
    }
    json_decref(item);
    arena_finish(&req.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    must(sodium_init() >= 0);
    if (size < 1)
        return 0;
    char *text = malloc(size);
    must(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (data[0] == 'c')
        try_code(text);
    else
        try_scan(text, size - 1);
    free(text);
    return 0;
}
