#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "label/pdf_join.h"
#include "label/pdf_part.h"
#include "label/render.h"

static const char page[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60mm\" height=\"40mm\" viewBox=\"0 0 60 "
    "40\">"
    "<defs><rect id=\"n\" x=\"5\" y=\"30\" width=\"50\" height=\"6\"/></defs>"
    "<text id=\"number\" style=\"font-size:3px;font-family:'Noto "
    "Sans';shape-inside:url(#n)\">x</text>"
    "<rect id=\"qr_short\" x=\"1\" y=\"1\" width=\"28\" height=\"28\"/></svg>";

static struct label_template *t;

static int set_up(void **state)
{
    struct label_fault fault;
    (void)state;
    t = label_template_parse("test", &label_words, page, strlen(page), &fault);
    return t ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    label_template_destroy(t);
    return 0;
}

static void document(int pages, struct buf *out)
{
    static const char *const texts[] = {"RR 12345678 5 VN", "(Nguyễn) \\ Thị", "Ẫ % >> endobj"};
    struct label_data data[3];
    const struct label_data *list[3];
    struct label_fault fault;
    for (int i = 0; i < pages; i++) {
        data[i] = (struct label_data){0};
        data[i].field[LABEL_number] = texts[i];
        data[i].code[LABEL_QR_SHORT] = "HTTPS://HOSO.VN/T/RR123456785VN";
        list[i] = &data[i];
    }
    assert_true(label_render_document(&(struct label_page){t, list, pages}, 203, out, &fault));
}

static const char *found(const struct buf *text, const char *what)
{
    const char *at = memmem(text->data, text->len, what, strlen(what));
    if (!at)
        fail_msg("there is no %s", what);
    return at;
}

static int times(const struct buf *text, const char *what)
{
    int count = 0;
    const char *at = text->data, *end = text->data + text->len;
    for (; (at = memmem(at, (size_t)(end - at), what, strlen(what))); at += strlen(what))
        count++;
    return count;
}

// Every entry of the table leads to the object of that number.
static void table_holds(const struct buf *out)
{
    int at, count;
    char head[32];
    const char *start = out->data + out->len - 20;
    while (memcmp(start, "startxref\n", 10) != 0)
        start--;
    assert_int_equal(sscanf(start, "startxref %d", &at), 1);
    assert_int_equal(sscanf(out->data + at, "xref 0 %d", &count), 1);
    const char *entry = strchr(out->data + at + 5, '\n') + 1;
    for (int i = 1; i < count; i++) {
        int len = snprintf(head, sizeof head, "%d 0 obj\n", i);
        size_t place = strtoul(entry + (size_t)i * 20, NULL, 10);
        assert_in_range(place, 1, (size_t)at);
        assert_memory_equal(out->data + place, head, (size_t)len);
    }
    assert_int_equal(times(out, "\nendobj\n"), count - 1);
}

static void test_parts_become_one_document(void **state)
{
    struct pdf_join join;
    struct buf out = {0};
    struct label_fault fault;
    (void)state;
    pdf_join_begin(&join, &out);
    for (int pages = 1; pages <= 3; pages++) {
        struct buf part = {0};
        document(pages, &part);
        assert_true(pdf_join_add(&join, part.data, part.len, &out, &fault));
        buf_finish(&part);
    }
    assert_true(pdf_join_end(&join, &out));
    assert_int_equal(join.at, out.len);
    assert_int_equal(times(&out, "/Type /Page "), 6);
    assert_int_equal(times(&out, "/Type /Pages /Parent 1 0 R"), 3);
    assert_int_equal(times(&out, "/Type /Pages"), 4);
    assert_int_equal(times(&out, "/Type /Catalog"), 1);
    assert_int_equal(times(&out, "CreationDate"), 0);
    assert_int_equal(times(&out, "xref\n0 "), 1);
    (void)found(&out, "/Count 6");
    table_holds(&out);
    pdf_join_finish(&join);
    buf_finish(&out);
}

// The same bytes in memory of exactly their length, so that a sanitizer sees what is read beyond.
static bool part_holds(const char *data, size_t len)
{
    struct pdf_part part;
    struct label_fault fault;
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, data, len);
    bool ok = pdf_part_read(&part, copy, len, &fault);
    assert_true(ok || fault.text[0]);
    pdf_part_finish(&part);
    free(copy);
    return ok;
}

static void test_what_cairo_does_not_write_is_refused(void **state)
{
    static const char *const rows[][2] = {
        {"%PDF-1.4", "%PDF-1.5"},
        {"xref\n0 ", "xref\n1 "},
        {"0 65535 f \n", "0 65535 f  "},
        {"trailer\n<<", "trailer\n[ "},
        {"/Root ", "/Roof "},
        {"startxref", "startxxxx"},
        {"%%EOF\n", "%%EOF "},
        {"/Type /Catalog", "/Type /Katalog"},
        {"/Type /Pages", "/Type /Pagez"},
        {"/Count 2", "/Count 3"},
        {"/Kids [ ", "/Kids (("},
        {"/Type /Page ", "/Type /Pag  "},
        {"/Parent 1 0 R", "/Parent 0 0 R"},
        {"/Parent 1 0 R", "/Parent 1 1 R"},
        {"/Parent 1 0 R", "/Parent 9999R"},
        {"/Length ", "/Langth "},
        {"\nendstream\n", "\nendstreem\n"},
        {"endstream\nendobj\n", "endstream\nendobj "},
        {"2 0 obj\n", "3 0 obj\n"},
        {"2 0 obj\n", "2 1 obj\n"},
        {"stream\n", "straem\n"},
        {"/ImageMask true", "/ImageMask trUe"},
    };
    struct buf good = {0};
    (void)state;
    document(2, &good);
    assert_true(part_holds(good.data, good.len));
    for (size_t i = 0; i < countof(rows); i++) {
        struct buf bad = {0};
        size_t len = strlen(rows[i][0]);
        if (strlen(rows[i][1]) < len)
            len = strlen(rows[i][1]);
        size_t at = (size_t)(found(&good, rows[i][0]) - good.data);
        buf_add(&bad, good.data, good.len);
        memcpy(bad.data + at, rows[i][1], len);
        if (part_holds(bad.data, bad.len))
            fail_msg("%s instead of %s is let through", rows[i][1], rows[i][0]);
        buf_finish(&bad);
    }
    buf_finish(&good);
}

static void test_cut_off_anywhere_it_is_refused(void **state)
{
    struct buf good = {0};
    (void)state;
    document(1, &good);
    for (size_t len = 0; len < good.len; len++)
        assert_false(part_holds(good.data, len));
    buf_byte(&good, '\n');
    assert_false(part_holds(good.data, good.len));
    buf_finish(&good);
}

static void test_no_byte_changed_does_harm(void **state)
{
    static const unsigned char bytes[] = {0, '0', '9', '<', '(', '\\', '%', ' ', 'R', 0xff};
    struct buf good = {0};
    int refused = 0;
    (void)state;
    document(1, &good);
    for (size_t at = 0; at < good.len; at++) {
        char was = good.data[at];
        good.data[at] = (char)bytes[at % countof(bytes)];
        refused += !part_holds(good.data, good.len);
        good.data[at] = was;
    }
    assert_true(refused > 500);
    buf_finish(&good);
}

static void test_a_part_that_is_refused_adds_nothing(void **state)
{
    struct pdf_join join;
    struct buf out = {0}, part = {0};
    struct label_fault fault;
    (void)state;
    document(1, &part);
    pdf_join_begin(&join, &out);
    size_t before = out.len;
    assert_false(pdf_join_add(&join, part.data, part.len - 1, &out, &fault));
    assert_int_equal(out.len, before);
    assert_non_null(strstr(fault.text, "not as cairo writes it"));
    assert_true(pdf_join_add(&join, part.data, part.len, &out, &fault));
    assert_true(pdf_join_end(&join, &out));
    table_holds(&out);
    pdf_join_finish(&join);
    buf_finish(&out);
    buf_finish(&part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_become_one_document),
        cmocka_unit_test(test_what_cairo_does_not_write_is_refused),
        cmocka_unit_test(test_cut_off_anywhere_it_is_refused),
        cmocka_unit_test(test_no_byte_changed_does_harm),
        cmocka_unit_test(test_a_part_that_is_refused_adds_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
