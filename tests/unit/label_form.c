#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "label/form.h"
#include "label/kind.h"
#include "label/sheet.h"

#define HEAD \
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"50mm\" height=\"60mm\" viewBox=\"0 0 50 " \
    "60\">"
#define BOX(id, y)   "<rect id=\"" id "-box\" x=\"1\" y=\"" y "\" width=\"48\" height=\"6\"/>"
#define FRAME(id, y) "<rect id=\"" id "\" x=\"2\" y=\"" y "\" width=\"40\" height=\"5\"/>"
#define SLOT(id, frame) \
    "<text id=\"" id "\" style=\"font-size:3px;shape-inside:url(#" frame ")\">x</text>"
#define BOXES \
    "<defs>" BOX("first", "4") BOX("next", "12") BOX("rows-columns", "20") BOX("rows", "26") \
        BOX("note", "34") BOX("fixed", "42") BOX("blank", "50") FRAME("a", "4") FRAME("b", "12") \
            FRAME("c", "26") FRAME("d", "34") FRAME("e", "50") "</defs>"
#define BANDS \
    "<g id=\"first\">" SLOT("code", "a") SLOT( \
        "page", \
        "a") "</g>" \
             "<g id=\"next\">" SLOT( \
                 "code-again", \
                 "b") "</g>" \
                      "<g id=\"rows-columns\"><text x=\"2\" y=\"24\">No</text></g>" \
                      "<g id=\"rows\">" SLOT("rows.name", "c") SLOT("rows.who.name", "c") SLOT( \
                          "whole", \
                          "c") "</g>" \
                               "<g id=\"note\">" SLOT( \
                                   "note-text", \
                                   "d") "</g>" \
                                        "<g id=\"fixed\"><text x=\"2\" y=\"46\">Always</text></g>" \
                                        "<g id=\"blank\">" SLOT("missing", "e") "</g>"
#define GOOD HEAD BOXES BANDS "</svg>"

static struct label_template *parse(const char *svg, struct label_fault *fault)
{
    return label_template_parse("form-test", &form_words, svg, strlen(svg), fault);
}

static const struct label_links links = {.track = "HTTPS://HOSO.VN/T/"};
static const struct label_source source = {.links = &links, .url = "https://hoso.vn"};

struct paper {
    struct arena arena;
    struct label_template *t;
    json_t *document;
    const struct sheet *sheet;
};

static void paper_init(struct paper *p, const char *facts)
{
    struct label_fault fault;
    arena_init(&p->arena);
    p->t = parse(GOOD, &fault);
    if (!p->t)
        fail_msg("line %d: %s", fault.line, fault.text);
    p->document = json_pack("{s:s, s:s, s:o}", "title", "A paper", "track", "RR123456785VN",
                            "facts", json_loads(facts, 0, NULL));
    p->sheet = form_lay(&p->arena, p->t, p->document, &source);
}

static void paper_finish(struct paper *p)
{
    label_template_destroy(p->t);
    json_decref(p->document);
    arena_finish(&p->arena);
}

static const char *at(const struct paper *p, int block, const char *slot)
{
    const char *text = p->sheet->blocks[block].field[label_word(p->t->fields, slot)];
    return text ? text : "-";
}

static void bands_are(const struct paper *p, const char *expected)
{
    struct buf names = {0};
    for (int i = 0; i < p->sheet->count; i++)
        buf_printf(&names, "%s%s", i ? " " : "", p->t->band_names[p->sheet->blocks[i].band - 1]);
    assert_string_equal(names.data ? names.data : "", expected);
    buf_finish(&names);
}

static void test_words_are_the_template_s_own(void **state)
{
    struct label_fault fault;
    struct label_template *t = parse(GOOD, &fault);
    (void)state;
    assert_non_null(t);
    assert_string_equal(t->band_names[0], "first");
    assert_string_equal(t->band_names[3], "rows");
    assert_int_equal(label_word(t->fields, "rows.who.name"), 4);
    label_template_destroy(t);
}

static void test_refused(void **state)
{
    static const struct {
        const char *svg, *why;
    } cases[] = {
        {HEAD "<text id=\"page\">x</text></svg>", "no band \"first\""},
        {HEAD "<defs>" BOX("first", "4") "</defs><g id=\"first\"/></svg>", "no band \"next\""},
        {HEAD "<defs>" BOX("first", "4")
             BOX("next", "12") "</defs><g id=\"first\"/><g id=\"next\"/>"
                               "</svg>",
         "\"page\""},
        {HEAD BOXES BANDS "<g id=\"rows\"/></svg>", "stands twice"},
    };
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct label_fault fault;
        struct label_template *t = parse(cases[i].svg, &fault);
        if (t || !strstr(fault.text, cases[i].why))
            fail_msg("expected \"%s\", got \"%s\"", cases[i].why, t ? "a template" : fault.text);
    }
}

static void test_too_many_slots(void **state)
{
    struct buf svg = {0};
    struct label_fault fault;
    (void)state;
    buf_printf(&svg, "%s", HEAD BOXES BANDS);
    for (int i = 0; i < LABEL_FIELDS_MAX; i++)
        buf_printf(&svg, "<text id=\"more%d\" style=\"shape-inside:url(#a)\">x</text>", i);
    buf_printf(&svg, "</svg>");
    assert_null(parse(svg.data, &fault));
    assert_non_null(strstr(fault.text, "more than 48 slots"));
    buf_finish(&svg);
}

static void test_a_band_for_each_row(void **state)
{
    struct paper p;
    (void)state;
    paper_init(&p, "{\"rows\": [{\"name\": \"A\", \"who\": {\"name\": \"An\"}}, {\"name\": \"B\"}],"
                   " \"whole\": \"all\", \"note\": {\"time\": \"2026-11-27T01:15:00Z\"},"
                   " \"name\": \"not of a row\"}");
    bands_are(&p, "rows rows note fixed");
    assert_string_equal(at(&p, 0, "rows.name"), "A");
    assert_string_equal(at(&p, 0, "rows.who.name"), "An");
    assert_string_equal(at(&p, 1, "rows.name"), "B");
    assert_string_equal(at(&p, 1, "rows.who.name"), "-");
    assert_string_equal(at(&p, 1, "whole"), "all");
    assert_int_equal(p.sheet->blocks[0].head, label_word(p.t->band_names, "rows-columns") + 1);
    assert_int_equal(p.sheet->blocks[3].head, 0);
    assert_string_equal(at(&p, 2, "note-text"), "08:15 ngày 27/11/2026");
    paper_finish(&p);
}

static void test_bands_that_are_left_out(void **state)
{
    struct paper p;
    (void)state;
    paper_init(&p, "{}");
    bands_are(&p, "fixed");
    paper_finish(&p);
    paper_init(&p, "{\"fixed\": false, \"blank\": true, \"rows\": []}");
    bands_are(&p, "blank");
    paper_finish(&p);
    paper_init(&p, "{\"fixed\": null, \"note\": \"\\u0007\", \"missing\": 12345}");
    bands_are(&p, "blank");
    assert_string_equal(at(&p, 0, "missing"), "12.345");
    paper_finish(&p);
}

static void test_values(void **state)
{
    static const struct {
        const char *value, *text;
    } cases[] = {
        {"\"  <b>A</b>&amp;\\u202e\"", "  <b>A</b>&amp;"},
        {"26000", "26.000"},
        {"true", "Có"},
        {"false", "-"},
        {"1.5", "-"},
        {"[1]", "-"},
        {"{}", "-"},
        {"{\"money\": 26000}", "26.000\u00a0đ"},
        {"{\"weight\": 80}", "80 g"},
        {"{\"day\": \"2026-11-27\"}", "27/11/2026"},
        {"{\"day\": \"yesterday\"}", "-"},
        {"{\"time\": 3}", "-"},
        {"{\"code\": \"RR123456785VN\"}", "RR 12345678 5 VN"},
        {"{\"personal\": \"applicant.id_number\"}", "-"},
    };
    (void)state;
    for (size_t i = 0; i < countof(cases); i++) {
        struct paper p;
        struct buf facts = {0};
        buf_printf(&facts, "{\"fixed\": false, \"blank\": true, \"missing\": %s}", cases[i].value);
        paper_init(&p, facts.data);
        if (strcmp(at(&p, 0, "missing"), cases[i].text) != 0)
            fail_msg("%s gives \"%s\"", cases[i].value, at(&p, 0, "missing"));
        paper_finish(&p);
        buf_finish(&facts);
    }
}

static void test_heads_and_codes(void **state)
{
    struct paper p;
    (void)state;
    paper_init(&p, "{\"code\": \"000.00.16.H57-261126-0001\"}");
    assert_string_equal(p.sheet->field[label_word(p.t->fields, "code")],
                        "000.00.16.H57-261126-0001");
    assert_string_equal(p.sheet->field[label_word(p.t->fields, "code-again")],
                        "000.00.16.H57-261126-0001");
    assert_string_equal(p.sheet->code[LABEL_QR_SHORT], "HTTPS://HOSO.VN/T/RR123456785VN");
    assert_null(p.sheet->code[LABEL_CODE128]);
    assert_string_equal(p.sheet->title, "A paper");
    paper_finish(&p);
}

static void test_rows_go_on_below_their_head(void **state)
{
    struct paper p;
    struct buf facts = {0}, out = {0};
    struct label_fault fault;
    (void)state;
    buf_printf(&facts, "{\"rows\": [");
    for (int i = 0; i < 100; i++)
        buf_printf(&facts, "%s{\"name\": \"row %d\"}", i ? ", " : "", i);
    buf_printf(&facts, "]}");
    paper_init(&p, facts.data);
    assert_int_equal(p.sheet->count, 101);
    assert_true(sheet_render(p.t, p.sheet, &out, &fault));
    assert_memory_equal(out.data, "%PDF-", 5);
    buf_finish(&out);
    buf_finish(&facts);
    paper_finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_the_template_s_own),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_many_slots),
        cmocka_unit_test(test_a_band_for_each_row),
        cmocka_unit_test(test_bands_that_are_left_out),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_heads_and_codes),
        cmocka_unit_test(test_rows_go_on_below_their_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
