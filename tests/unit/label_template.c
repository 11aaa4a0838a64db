#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "label/bag.h"
#include "label/dispatch_note.h"
#include "label/form.h"
#include "label/handover_list.h"
#include "label/kind.h"
#include "label/svg.h"
#include "label/template.h"

#define HEAD   "<svg xmlns=\"http://www.w3.org/2000/svg\" "
#define PAGE   HEAD "width=\"50mm\" height=\"30mm\" viewBox=\"0 0 50 30\">\n"
#define FRAME  "<defs><rect id=\"f\" x=\"1\" y=\"2\" width=\"20\" height=\"8\"/></defs>\n"
#define NUMBER "<text id=\"number\" style=\"font-size:3px;shape-inside:url(#f)\">RR</text>\n"
#define CODE   "<rect id=\"qr_short\" x=\"20\" y=\"1\" width=\"28\" height=\"28\"/>\n"
#define GOOD   PAGE FRAME NUMBER CODE

static struct label_template *parse(const char *svg, struct label_fault *fault)
{
    return label_template_parse("test", &label_words, svg, strlen(svg), fault);
}

static void refused(const char *svg, const char *why)
{
    struct label_fault fault;
    struct label_template *t = parse(svg, &fault);
    if (t || !strstr(fault.text, why))
        fail_msg("%.200s\nexpected \"%s\", got \"%s\"", svg, why, t ? "a template" : fault.text);
}

static void accepted(const char *svg, int ops)
{
    struct label_fault fault;
    struct label_template *t = parse(svg, &fault);
    if (!t)
        fail_msg("%.200s\nrefused: line %d: %s", svg, fault.line, fault.text);
    assert_int_equal(t->count, ops);
    label_template_destroy(t);
}

static void test_smallest(void **state)
{
    struct label_fault fault;
    struct label_template *t = parse(GOOD "</svg>", &fault);
    (void)state;
    assert_non_null(t);
    assert_int_equal(t->count, 2);
    assert_int_equal(t->ops[0].kind, LABEL_OP_FRAME);
    assert_int_equal(t->ops[0].field, LABEL_number);
    assert_null(t->ops[0].text);
    assert_true(fabs(t->ops[0].box.width - 20) < 1e-9);
    assert_int_equal(t->ops[1].code, LABEL_QR_SHORT);
    assert_true(fabs(t->ops[1].box.x - 20) < 1e-9);
    label_template_destroy(t);
}

static void test_broken(void **state)
{
    static const struct {
        const char *svg, *why;
    } rows[] = {
        {"", "1 to"},
        {"nonsense", "not well-formed"},
        {"<svg", "not well-formed"},
        {GOOD, "not well-formed"},
        {"<html/>", "not an SVG"},
        {HEAD "width=\"50\" height=\"30\"/>", "millimetres"},
        {HEAD "height=\"30mm\"/>", "millimetres"},
        {HEAD "width=\"5mm\" height=\"30mm\"/>", "10 to 320"},
        {HEAD "width=\"500mm\" height=\"30mm\"/>", "10 to 320"},
        {HEAD "width=\"50mm\" height=\"30mm\" viewBox=\"0 0 50 50\"/>", "proportions"},
        {HEAD "width=\"50mm\" height=\"30mm\" viewBox=\"0 0 50\"/>", "viewBox"},
        {PAGE FRAME CODE "</svg>", "the id \"number\""},
        {PAGE FRAME NUMBER "</svg>", "qr, qr_short or code128"},
        {PAGE CODE NUMBER "</svg>", "not a rectangle"},
        {GOOD "<text id=\"recipent_name\" style=\"shape-inside:url(#f)\">x</text></svg>",
         "\"recipent_name\" is not a field"},
        {GOOD "<text id=\"date\" x=\"1\" y=\"1\">x</text></svg>", "no frame"},
        {GOOD "<rect id=\"qr\" x=\"40\" y=\"1\" width=\"28\" height=\"28\"/></svg>",
         "leaves the page"},
        {GOOD "<rect id=\"qr\" transform=\"rotate(20)\" width=\"9\" height=\"9\"/></svg>",
         "turned"},
        {GOOD "<path d=\"M0 0L5\"/></svg>", "outline"},
        {GOOD "<path d=\"L5 5\"/></svg>", "outline"},
        {GOOD "<path d=\"M0 0 1e9 5\"/></svg>", "outline"},
        {GOOD "<path d=\"M0 0 nan inf\"/></svg>", "outline"},
        {GOOD "<polygon points=\"1,2 3\"/></svg>", "outline"},
        {GOOD "<rect width=\"1furlong\" height=\"1\"/></svg>", "not a length"},
        {GOOD "<g transform=\"translate(1\"><path d=\"M0 0\"/></g></svg>", "transform"},
        {GOOD "<g transform=\"scale(0)\"><path d=\"M0 0\"/></g></svg>", "transform"},
        {GOOD "<path d=\"M0 0\" style=\"fill:url(#gradient)\"/></svg>", "fill"},
        {GOOD "<path d=\"M0 0\" style=\"opacity:0.5\"/></svg>", "opacity"},
        {GOOD "<path d=\"M0 0\" filter=\"url(#blur)\"/></svg>", "filter"},
        {GOOD "<text><tspan x=\"1\" y=\"2\">a<tspan font-size=\"9\">b</tspan></tspan></text></svg>",
         "one style"},
        {GOOD "<foreignObject/></svg>", "<foreignObject> is not supported"},
        {GOOD "<script>alert(1)</script></svg>", "<script> is not supported"},
        {GOOD "<style>text{fill:red}</style></svg>", "<style> is not supported"},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        refused(rows[i].svg, rows[i].why);
}

static void test_nothing_from_outside(void **state)
{
    (void)state;
    refused("<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" GOOD
            "<text>&x;</text></svg>",
            "DOCTYPE");
    refused("<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://127.0.0.1/x.dtd\">" GOOD
            "</svg>",
            "DOCTYPE");
    refused(GOOD "<image href=\"file:///etc/passwd\" width=\"9\" height=\"9\"/></svg>", "outside");
    refused(HEAD "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"50mm\" height=\"30mm\">"
                 "<defs><image xlink:href=\"http://127.0.0.1/x.png\"/></defs></svg>",
            "outside");
    refused(GOOD "<use href=\"#f\"/></svg>", "outside");
    refused("<?xml-stylesheet href=\"http://127.0.0.1/x.css\"?>" GOOD "<?run this?></svg>",
            "processing instructions");
    refused(GOOD "&x;</svg>", "not well-formed");
}

static void test_huge(void **state)
{
    struct buf svg = {0};
    (void)state;
    buf_text(&svg, GOOD);
    for (int i = 0; i < LABEL_TEMPLATE_DEPTH + 5; i++)
        buf_text(&svg, "<g>");
    for (int i = 0; i < LABEL_TEMPLATE_DEPTH + 5; i++)
        buf_text(&svg, "</g>");
    buf_text(&svg, "</svg>");
    refused(svg.data, "deep");

    buf_reset(&svg);
    buf_text(&svg, GOOD);
    for (int i = 0; i < LABEL_TEMPLATE_OPS; i++)
        buf_text(&svg, "<path d=\"M0 0H9\"/>");
    buf_text(&svg, "</svg>");
    refused(svg.data, "things to draw");

    buf_reset(&svg);
    buf_text(&svg, GOOD "<path d=\"M0 0");
    for (int i = 0; i < SVG_OUTLINE_MAX; i++)
        buf_text(&svg, "h1");
    buf_text(&svg, "\"/></svg>");
    refused(svg.data, "too long");

    buf_reset(&svg);
    buf_text(&svg, GOOD);
    while (svg.len <= LABEL_TEMPLATE_BYTES)
        buf_text(&svg, "<g></g>");
    buf_text(&svg, "</svg>");
    refused(svg.data, "bytes");
    buf_finish(&svg);

    struct label_fault fault;
    assert_null(label_template_parse("test", &label_words, GOOD "\0</svg>",
                                     sizeof GOOD "\0</svg>" - 1, &fault));
}

// What Inkscape writes around a drawing changes nothing.
static void test_as_inkscape_writes_it(void **state)
{
    (void)state;
    accepted(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
        "<svg width=\"50mm\" height=\"30mm\" viewBox=\"0 0 50 30\" version=\"1.1\" id=\"svg1\" "
        "inkscape:version=\"1.3\" "
        "xmlns:inkscape=\"http://www.inkscape.org/namespaces/inkscape\" "
        "xmlns:sodipodi=\"http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd\" "
        "xmlns=\"http://www.w3.org/2000/svg\" xmlns:svg=\"http://www.w3.org/2000/svg\">"
        "<sodipodi:namedview id=\"namedview1\" inkscape:zoom=\"4\"/>" FRAME
        "<style id=\"style1\"/><metadata><rdf xmlns=\"x\" href=\"http://x\"/></metadata>"
        "<g inkscape:label=\"Layer 1\" inkscape:groupmode=\"layer\" id=\"layer1\">"
        "<text xml:space=\"preserve\" transform=\"scale(0.26458333)\" id=\"number\" "
        "style=\"font-size:12px;line-height:1.25;font-family:'Noto Sans';"
        "-inkscape-font-specification:'Noto Sans';white-space:pre;shape-inside:url(#f);"
        "display:inline;fill:#000000;stroke:none\"><tspan x=\"1\" y=\"2\" id=\"tspan1\">RR"
        "</tspan></text>"
        "<text id=\"text5\" x=\"3\" y=\"4\" style=\"font-size:3px\"><tspan "
        "sodipodi:role=\"line\" id=\"tspan6\" x=\"3\" y=\"4\">one</tspan><tspan "
        "sodipodi:role=\"line\" x=\"3\" y=\"8\">two</tspan></text>" CODE
        "<g style=\"display:none\"><path d=\"M0 0H9\"/></g></g></svg>",
        4);
}

static void test_outlines(void **state)
{
    static const struct {
        const char *d;
        double x, y; // of the last point
    } rows[] = {
        {"M1 2L3 4", 3, 4},           {"m1,2 3,4", 4, 6},
        {"M1 2h3v4", 4, 6},           {"M1-2.5.5", 0, 0},
        {"M0 0C1 1 2 2 3 4", 3, 4},   {"M0 0c1 1 2 2 3 4s1 1 2 2", 5, 6},
        {"M0 0q1 1 2 2t2 2", 4, 4},   {"M0 0a1 1 0 01.5 1", 0.5, 1},
        {"M1 1h2v2zl5 5", 6, 6},      {"M0 0A5 5 0 1 0 3 1", 3, 1},
        {"M0 0A0 5 0 1 0 3 1", 3, 1},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct svg_outline outline = {0};
        cairo_matrix_init_identity(&outline.matrix);
        bool ok = svg_path(&outline, rows[i].d);
        if (i == 3) { // an odd number
            assert_false(ok);
        } else {
            assert_true(ok);
            cairo_path_data_t *last = &outline.data[outline.count - 1];
            if (fabs(last->point.x - rows[i].x) > 1e-6 || fabs(last->point.y - rows[i].y) > 1e-6)
                fail_msg("%s ends at %f %f", rows[i].d, last->point.x, last->point.y);
        }
        svg_outline_finish(&outline);
    }
}

// A half circle bulges by its radius to the side its flags say.
static void test_arc_bulges(void **state)
{
    static const char *const paths[] = {"M0 0A5 5 0 0 1 10 0", "M0 0A5 5 0 0 0 10 0"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct svg_outline outline = {0};
        double top = 0, bottom = 0;
        cairo_matrix_init_identity(&outline.matrix);
        assert_true(svg_path(&outline, paths[i]));
        for (int at = 0; at < outline.count; at += outline.data[at].header.length) {
            double y = outline.data[at + outline.data[at].header.length - 1].point.y;
            top = fmin(top, y);
            bottom = fmax(bottom, y);
        }
        assert_true(fabs((i ? bottom : -top) - 5) < 1e-6);
        assert_true(fabs(i ? top : bottom) < 1e-6);
        svg_outline_finish(&outline);
    }
}

#define SHEET HEAD "width=\"100mm\" height=\"100mm\" viewBox=\"0 0 100 100\">\n"
#define CELL(n, x, name) \
    "<rect id=\"cell-" n "\" x=\"" x "\" y=\"0\" width=\"50\" height=\"30\"><title>" name \
    "</title></rect>\n"

static void test_cells(void **state)
{
    static const struct {
        const char *svg, *why;
    } rows[] = {
        {SHEET CELL("1", "0", "sticker") CELL("3", "50", "sticker") "</svg>", "no cell-2"},
        {SHEET CELL("1", "0", "sticker") CELL("1", "50", "sticker") "</svg>", "stands twice"},
        {SHEET CELL("1", "0", "") "</svg>", "names no template"},
        {SHEET "<rect id=\"cell-1\" width=\"50\" height=\"30\"/></svg>", "names no template"},
        {SHEET CELL("1", "60", "sticker") "</svg>", "leaves the page"},
        {SHEET CELL("49", "0", "sticker") "</svg>", "at most 48"},
        {SHEET CELL("99999999999", "0", "sticker") "</svg>", "at most 48"},
        {SHEET "<g transform=\"rotate(90)\">" CELL("1", "0", "sticker") "</g></svg>", "turned"},
        {SHEET FRAME NUMBER CELL("1", "0", "sticker") "</svg>", "slots and codes of its own"},
        {SHEET CODE CELL("1", "0", "sticker") "</svg>", "slots and codes of its own"},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        refused(rows[i].svg, rows[i].why);
    accepted(SHEET CELL("2", "50", "b") CELL("1", "0", "a") "<path d=\"M0 0H9\"/></svg>", 1);
    accepted(GOOD "<rect id=\"cell-0\" width=\"9\" height=\"9\"/>"
                  "<rect id=\"cell-1x\" width=\"9\" height=\"9\"/></svg>",
             4);
}

static void not_linked(const char *svg, const char *why)
{
    struct label_fault fault;
    struct label_template *t = parse(svg, &fault);
    assert_non_null(t);
    if (label_template_link(t, &fault) || !strstr(fault.text, why) || fault.line != 2)
        fail_msg("expected \"%s\" in line 2, got \"%s\" in line %d", why, fault.text, fault.line);
    label_template_destroy(t);
}

static void test_cells_are_linked(void **state)
{
    struct label_fault fault;
    (void)state;
    assert_true(label_templates_load(&fault));
    not_linked(SHEET CELL("1", "0", "nothing") "</svg>", "no template \"nothing\"");
    not_linked(SHEET CELL("1", "0", "bag") "</svg>", "no template \"bag\" of the kind shipment");
    not_linked(SHEET CELL("1", "0", "shipment-a4") "</svg>", "no template \"shipment-a4\"");
    not_linked(SHEET CELL("1", "0", "shipment") "</svg>", "smaller than \"shipment\"");
    struct label_template *t =
        parse(SHEET CELL("1", "0", "sticker") CELL("2", "50", "sticker") "</svg>", &fault);
    assert_non_null(t);
    assert_true(label_template_link(t, &fault));
    assert_int_equal(label_template_places(t), 2);
    assert_ptr_equal(t->cell[1].t, label_template_named("sticker", &label_words));
    label_template_destroy(t);
    label_templates_drop();
}

static void test_kind_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(label_kind_of("bag")->words, &bag_words);
    assert_ptr_equal(label_kind_of("bag-a5")->words, &bag_words);
    assert_ptr_equal(label_kind_of("bags")->words, &label_words);
    assert_ptr_equal(label_kind_of("sticker")->words, &label_words);
    assert_ptr_equal(label_kind_of("dispatch_note-2025")->words, &dispatch_note_words);
    assert_ptr_equal(label_kind_of("form-receipt-2027")->words, &form_words);
    assert_null(label_kind_named("bag-a5"));
    for (const struct label_kind *kind = label_kinds; kind->words; kind++) {
        assert_ptr_equal(label_kind_named(kind->words->kind), kind);
        assert_int_equal(!kind->make + !kind->lay + !kind->fill, 2);
        assert_true(!kind->fill == !kind->words->open);
        assert_true(!kind->lay == !kind->words->bands);
        assert_true(kind->fill || label_word(kind->words->fields, "number") >= 0);
    }
}

static void test_every_template_of_ours(void **state)
{
    static const char *const names[] = {"shipment", "shipment-a6", "shipment-a4", "sticker"};
    struct label_fault fault;
    (void)state;
    if (!label_templates_load(&fault))
        fail_msg("%s", fault.text);
    for (size_t i = 0; i < countof(names); i++)
        assert_non_null(label_template_named(names[i], &label_words));
    assert_null(label_template_named("nothing", &label_words));
    assert_non_null(label_template_named("handover_list", &handover_words));
    assert_null(label_template_named("handover_list", &label_words));
    assert_non_null(label_template_named("handover_list", NULL));
    for (const struct label_kind *kind = label_kinds; kind->words; kind++)
        assert_true(kind->fill || label_template_named(kind->words->kind, kind->words));
    assert_non_null(label_template_named("form-receipt", &form_words));
    label_templates_drop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_smallest),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_nothing_from_outside),
        cmocka_unit_test(test_huge),
        cmocka_unit_test(test_as_inkscape_writes_it),
        cmocka_unit_test(test_outlines),
        cmocka_unit_test(test_arc_bulges),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_cells_are_linked),
        cmocka_unit_test(test_kind_by_name),
        cmocka_unit_test(test_every_template_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
