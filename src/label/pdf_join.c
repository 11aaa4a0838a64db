#include "label/pdf_join.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "label/pdf_part.h"

enum { ROOT = 1, CATALOG, INFO, RESERVED = INFO };

static void place_set(struct pdf_join *join, int number, uint64_t at)
{
    uint32_t place = (uint32_t)at;
    memcpy(join->places.data + (size_t)(number - 1) * sizeof place, &place, sizeof place);
}

static int place_new(struct pdf_join *join)
{
    uint32_t none = 0;
    buf_add(&join->places, &none, sizeof none);
    return (int)(join->places.len / sizeof none);
}

static uint32_t at_index(const struct buf *list, size_t index)
{
    uint32_t value;
    memcpy(&value, list->data + index * sizeof value, sizeof value);
    return value;
}

static void object_open(struct pdf_join *join, int number, size_t before, struct buf *out)
{
    place_set(join, number, join->at + out->len - before);
    buf_printf(out, "%d 0 obj\n", number);
}

void pdf_join_begin(struct pdf_join *join, struct buf *out)
{
    size_t before = out->len;
    *join = (struct pdf_join){0};
    for (int i = 0; i < RESERVED; i++)
        (void)place_new(join);
    buf_text(out, "%PDF-1.4\n%\xb5\xed\xae\xfb\n");
    join->at = out->len - before;
}

// --- a part --------------------------------------------------------------------------------------

static void add_object(const struct pdf_part *part, const struct pdf_object *object,
                       const int *numbers, struct buf *out)
{
    size_t at = object->at;
    for (int i = 0; i < object->ref_count; i++) {
        const struct pdf_ref *ref = &part->refs[object->ref + i];
        buf_add(out, part->data + at, ref->at - at);
        if (ref->length)
            buf_printf(out, "%d", part->objects[ref->number].length);
        else
            buf_printf(out, "%d 0 R", numbers[ref->number]);
        at = ref->end;
    }
    buf_add(out, part->data + at, object->end - at);
    buf_text(out, "endobj\n");
}

static void add_branch(const struct pdf_part *part, const int *numbers, struct buf *out)
{
    const struct pdf_object *pages = &part->objects[part->pages];
    buf_printf(out, "<< /Type /Pages /Parent %d 0 R /Count %d /Kids [", ROOT, pages->ref_count);
    for (int i = 0; i < pages->ref_count; i++)
        buf_printf(out, " %d 0 R", numbers[part->refs[pages->ref + i].number]);
    buf_text(out, " ] >>\nendobj\n");
}

static void add_part(struct pdf_join *join, const struct pdf_part *part, struct buf *out)
{
    size_t before = out->len;
    int *numbers = calloc((size_t)part->count, sizeof *numbers);
    if (!numbers)
        die("out of memory");
    for (int i = 1; i < part->count; i++)
        numbers[i] = part->objects[i].left_out ? 0 : place_new(join);
    for (int i = 1; i < part->count; i++) {
        if (part->objects[i].left_out)
            continue;
        object_open(join, numbers[i], before, out);
        if (i == part->pages)
            add_branch(part, numbers, out);
        else
            add_object(part, &part->objects[i], numbers, out);
    }
    uint32_t branch = (uint32_t)numbers[part->pages];
    buf_add(&join->parts, &branch, sizeof branch);
    join->pages += part->objects[part->pages].ref_count;
    join->at += out->len - before;
    free(numbers);
}

bool pdf_join_add(struct pdf_join *join, const char *data, size_t len, struct buf *out,
                  struct label_fault *fault)
{
    struct pdf_part part;
    bool ok = pdf_part_read(&part, data, len, fault);
    // What is written is hardly longer: a number has a few digits more.
    if (ok && join->at + 2 * (uint64_t)len > UINT32_MAX) {
        label_fault_set(fault, 0, "the PDF grows over 4 GiB");
        ok = false;
    }
    if (ok)
        add_part(join, &part, out);
    pdf_part_finish(&part);
    return ok;
}

// --- the end -------------------------------------------------------------------------------------

static void add_root(struct pdf_join *join, size_t before, struct buf *out)
{
    object_open(join, ROOT, before, out);
    buf_printf(out, "<< /Type /Pages /Count %d /Kids [", join->pages);
    for (size_t i = 0; i < join->parts.len / sizeof(uint32_t); i++)
        buf_printf(out, " %u 0 R", at_index(&join->parts, i));
    buf_text(out, " ] >>\nendobj\n");
    object_open(join, CATALOG, before, out);
    buf_printf(out, "<< /Type /Catalog /Pages %d 0 R >>\nendobj\n", ROOT);
    object_open(join, INFO, before, out);
    buf_text(out, "<< /Producer (dossierpost) >>\nendobj\n");
}

bool pdf_join_end(struct pdf_join *join, struct buf *out)
{
    size_t before = out->len, count = join->places.len / sizeof(uint32_t);
    add_root(join, before, out);
    uint64_t table = join->at + out->len - before;
    if (table > UINT32_MAX)
        return false;
    buf_printf(out, "xref\n0 %zu\n0000000000 65535 f \n", count + 1);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%010u 00000 n \n", at_index(&join->places, i));
    buf_printf(out,
               "trailer\n<< /Size %zu /Root %d 0 R /Info %d 0 R >>\nstartxref\n%llu\n%%%%EOF\n",
               count + 1, CATALOG, INFO, (unsigned long long)table);
    join->at += out->len - before;
    return true;
}

void pdf_join_finish(struct pdf_join *join)
{
    buf_finish(&join->places);
    buf_finish(&join->parts);
}
