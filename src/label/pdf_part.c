#include "label/pdf_part.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "label/pdf_token.h"

enum { OBJECTS_MAX = 1 << 20, ENTRY = 20, TAIL = 64 };

static const char header[] = "%PDF-1.4\n%\xb5\xed\xae\xfb\n";

struct reading {
    struct pdf_part *part;
    size_t len, table; // of the cross-reference table: where it begins, and its entries
    const char *entries;
    struct label_fault *fault;
};

static bool wrong(struct reading *r, const char *what, size_t at)
{
    label_fault_set(r->fault, 0, "the PDF of a part is not as cairo writes it: %s at byte %zu",
                    what, at);
    return false;
}

static void *allocated(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        die("out of memory");
    return memory;
}

static struct pdf_cursor cursor_at(const struct reading *r, size_t at, size_t end)
{
    return (struct pdf_cursor){r->part->data, at, end};
}

// --- the table at the end ------------------------------------------------------------------------

// "startxref\n36056\n%%EOF\n" are the last bytes.
static bool find_table(struct reading *r)
{
    const char *data = r->part->data;
    size_t from = r->len > TAIL ? r->len - TAIL : 0;
    const char *start = memmem(data + from, r->len - from, "startxref\n", 10);
    struct pdf_cursor cursor = cursor_at(r, start ? (size_t)(start - data) : r->len, r->len);
    int at;
    if (!pdf_follows(&cursor, "startxref") || !pdf_number(&cursor, &at) ||
        !pdf_exactly(&cursor, "\n%%EOF\n") || cursor.at != r->len || (size_t)at >= r->len)
        return wrong(r, "no end", from);
    r->table = (size_t)at;
    return true;
}

static bool read_table(struct reading *r)
{
    static const char first[] = "0000000000 65535 f \n";
    struct pdf_part *part = r->part;
    struct pdf_cursor cursor = cursor_at(r, r->table, r->len);
    int size;
    if (!pdf_exactly(&cursor, "xref\n0 ") || !pdf_number(&cursor, &part->count) ||
        !pdf_exactly(&cursor, "\n") || part->count < 4 || part->count > OBJECTS_MAX ||
        (size_t)part->count > (cursor.end - cursor.at) / ENTRY || !pdf_exactly(&cursor, first))
        return wrong(r, "no table of objects", r->table);
    cursor.at -= ENTRY;
    r->entries = part->data + cursor.at;
    cursor.at += (size_t)part->count * ENTRY;
    if (!pdf_follows(&cursor, "trailer << /Size") || !pdf_number(&cursor, &size) ||
        size != part->count || !pdf_follows(&cursor, "/Root") ||
        !pdf_number(&cursor, &part->root) || !pdf_follows(&cursor, "0 R /Info") ||
        !pdf_number(&cursor, &part->info) || !pdf_follows(&cursor, "0 R >> startxref"))
        return wrong(r, "another trailer", cursor.at);
    return true;
}

// Where the table has the object of this number; 0 when it has none.
static size_t place_of(const struct reading *r, int number)
{
    if (number < 1 || number >= r->part->count)
        return 0;
    const char *entry = r->entries + (size_t)number * ENTRY;
    struct pdf_cursor cursor = {entry, 1, 10}; // nine of its ten figures
    int at;
    bool ok = *entry == '0' && memcmp(entry + 10, " 00000 n \n", 10) == 0 &&
              pdf_number(&cursor, &at) && cursor.at == 10 && (size_t)at < r->table;
    return ok ? (size_t)at : 0;
}

// --- objects -------------------------------------------------------------------------------------

static void add_ref(struct pdf_part *part, struct pdf_ref ref)
{
    if (part->ref_count == part->ref_room) {
        part->ref_room = part->ref_room ? part->ref_room * 2 : 256;
        part->refs = realloc(part->refs, (size_t)part->ref_room * sizeof *part->refs);
        if (!part->refs)
            die("out of memory");
    }
    part->refs[part->ref_count++] = ref;
}

// The number that is the whole of an object: the length of a stream.
static bool length_read(struct reading *r, int number, int *length)
{
    size_t at = place_of(r, number);
    struct pdf_cursor cursor = cursor_at(r, at, r->table);
    int own;
    if (at == 0 || !pdf_number(&cursor, &own) || own != number || !pdf_follows(&cursor, "0 obj") ||
        !pdf_number(&cursor, length) || !pdf_follows(&cursor, "endobj"))
        return wrong(r, "no length of a stream", at);
    return true;
}

struct scan {
    struct pdf_cursor cursor;
    struct pdf_token before[3]; // the latest last
    int depth, length;          // of the stream; -1: unknown
};

static bool scan_ref(struct reading *r, struct scan *scan, struct pdf_token token)
{
    const struct pdf_token *two = scan->before + 1;
    if (two[0].kind != PDF_NUMBER || !pdf_is(&scan->cursor, two[1], "0"))
        return wrong(r, "no reference", token.at);
    bool length = scan->depth == 1 && pdf_is(&scan->cursor, scan->before[0], "/Length");
    add_ref(r->part, (struct pdf_ref){two[0].at, token.end, two[0].value, length});
    return !length || length_read(r, two[0].value, &scan->length);
}

// Over the bytes of a stream, whatever they are.
static bool scan_stream(struct reading *r, struct scan *scan)
{
    struct pdf_cursor *cursor = &scan->cursor;
    size_t at = cursor->at;
    if (scan->depth != 0 || scan->length < 0 || !pdf_exactly(cursor, "\n") ||
        (size_t)scan->length > cursor->end - cursor->at)
        return wrong(r, "a stream without its length", at);
    cursor->at += (size_t)scan->length;
    if (!pdf_exactly(cursor, "\nendstream\n"))
        return wrong(r, "a stream of another length", at);
    return true;
}

static bool scan_word(struct reading *r, struct scan *scan, struct pdf_token token)
{
    static const char *const plain[] = {"[", "]", "true", "false", "null"};
    const struct pdf_cursor *cursor = &scan->cursor;
    if (pdf_is(cursor, token, "<<") || pdf_is(cursor, token, ">>")) {
        scan->depth += pdf_is(cursor, token, "<<") ? 1 : -1;
        return scan->depth >= 0 || wrong(r, "a dictionary ends twice", token.at);
    }
    if (pdf_is(cursor, token, "R"))
        return scan_ref(r, scan, token);
    if (pdf_is(cursor, token, "stream"))
        return scan_stream(r, scan);
    for (size_t i = 0; i < countof(plain); i++)
        if (pdf_is(cursor, token, plain[i]))
            return true;
    return wrong(r, "an unknown word", token.at);
}

static bool scan_token(struct reading *r, struct scan *scan, struct pdf_token token)
{
    bool length = scan->depth == 1 && pdf_is(&scan->cursor, scan->before[2], "/Length");
    if (token.kind == PDF_BAD || token.kind == PDF_END)
        return wrong(r, "an object without end", token.at);
    if (token.kind == PDF_WORD && !scan_word(r, scan, token))
        return false;
    if (token.kind == PDF_NUMBER && length)
        scan->length = token.value; // or the number of the object that says it
    scan->before[0] = scan->before[1];
    scan->before[1] = scan->before[2];
    scan->before[2] = token;
    return true;
}

// From behind "5 0 obj" to behind "endobj\n".
static bool object_scan(struct reading *r, struct pdf_cursor *cursor, struct pdf_object *object)
{
    struct scan scan = {.cursor = *cursor, .length = -1};
    *object = (struct pdf_object){.at = cursor->at, .ref = r->part->ref_count, .length = -1};
    struct pdf_token token;
    for (token = pdf_next(&scan.cursor); !pdf_is(&scan.cursor, token, "endobj");
         token = pdf_next(&scan.cursor)) {
        if (!scan_token(r, &scan, token))
            return false;
    }
    if (scan.depth != 0 || !pdf_exactly(&scan.cursor, "\n"))
        return wrong(r, "an object in the wrong place", token.at);
    object->end = token.at;
    object->ref_count = r->part->ref_count - object->ref;
    struct pdf_cursor whole = cursor_at(r, object->at, object->end);
    int value;
    if (pdf_number(&whole, &value) && pdf_next(&whole).kind == PDF_END)
        object->length = value;
    *cursor = scan.cursor;
    return true;
}

// One behind the other, without a gap, each where the table has it.
static bool read_objects(struct reading *r)
{
    struct pdf_part *part = r->part;
    struct pdf_cursor cursor = cursor_at(r, 0, r->table);
    int number, seen = 0;
    if (!pdf_exactly(&cursor, header))
        return wrong(r, "another version", 0);
    part->objects = allocated((size_t)part->count, sizeof *part->objects);
    for (; cursor.at < cursor.end; seen++) {
        size_t at = cursor.at;
        if (!pdf_number(&cursor, &number) || place_of(r, number) != at ||
            part->objects[number].end || !pdf_exactly(&cursor, " 0 obj\n"))
            return wrong(r, "no object", at);
        if (!object_scan(r, &cursor, &part->objects[number]))
            return false;
    }
    return seen == part->count - 1 || wrong(r, "a number without its object", r->table);
}

// --- what they are -------------------------------------------------------------------------------

static struct pdf_cursor object_cursor(const struct reading *r, int number)
{
    const struct pdf_part *part = r->part;
    bool known = number > 0 && number < part->count;
    return known ? cursor_at(r, part->objects[number].at, part->objects[number].end)
                 : cursor_at(r, 0, 0);
}

static bool find_pages(struct reading *r)
{
    struct pdf_part *part = r->part;
    struct pdf_cursor root = object_cursor(r, part->root);
    if (!pdf_follows(&root, "<< /Type /Catalog /Pages") || !pdf_number(&root, &part->pages) ||
        !pdf_follows(&root, "0 R >>") || pdf_next(&root).kind != PDF_END)
        return wrong(r, "another catalogue", root.at);
    return true;
}

static bool read_pages(struct reading *r)
{
    struct pdf_part *part = r->part;
    struct pdf_cursor cursor = object_cursor(r, part->pages);
    if (!pdf_follows(&cursor, "<< /Type /Pages /Kids ["))
        return wrong(r, "another list of pages", cursor.at);
    const struct pdf_object *pages = &part->objects[part->pages];
    int count;
    for (int i = 0; i < pages->ref_count; i++) {
        const struct pdf_ref *ref = &part->refs[pages->ref + i];
        struct pdf_cursor page = object_cursor(r, ref->number);
        if (!pdf_number(&cursor, &count) || !pdf_follows(&cursor, "0 R") || cursor.at != ref->end ||
            !pdf_follows(&page, "<< /Type /Page"))
            return wrong(r, "a page that is none", ref->at);
    }
    if (!pdf_follows(&cursor, "] /Count") || !pdf_number(&cursor, &count) ||
        count != pages->ref_count || !pdf_follows(&cursor, ">>") ||
        pdf_next(&cursor).kind != PDF_END)
        return wrong(r, "another count of pages", cursor.at);
    return true;
}

static bool ref_holds(const struct pdf_part *part, const struct pdf_ref *ref)
{
    if (ref->number < 1 || ref->number >= part->count || ref->number == part->root ||
        ref->number == part->info)
        return false;
    return (part->objects[ref->number].length >= 0) == ref->length;
}

// Leaves out what a longer document has once, and the lengths, which are written where they count.
static bool settle(struct reading *r)
{
    struct pdf_part *part = r->part;
    if (part->info < 1 || part->info >= part->count || part->info == part->root ||
        part->pages == part->root || part->pages == part->info)
        return wrong(r, "no information", r->table);
    part->objects[part->root].left_out = part->objects[part->info].left_out = true;
    for (int number = 1; number < part->count; number++) {
        struct pdf_object *object = &part->objects[number];
        object->left_out = object->left_out || object->length >= 0;
        for (int i = 0; !object->left_out && i < object->ref_count; i++) {
            const struct pdf_ref *ref = &part->refs[object->ref + i];
            if (!ref_holds(part, ref))
                return wrong(r, "a reference to nothing", ref->at);
        }
    }
    return true;
}

bool pdf_part_read(struct pdf_part *part, const char *data, size_t len, struct label_fault *fault)
{
    struct reading r = {.part = part, .len = len, .fault = fault};
    *part = (struct pdf_part){.data = data};
    *fault = (struct label_fault){0};
    return find_table(&r) && read_table(&r) && read_objects(&r) && find_pages(&r) &&
           read_pages(&r) && settle(&r);
}

void pdf_part_finish(struct pdf_part *part)
{
    free(part->objects);
    free(part->refs);
    *part = (struct pdf_part){0};
}
