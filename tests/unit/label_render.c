#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "label/bag.h"
#include "label/draw.h"
#include "label/people.h"
#include "label/render.h"
#include "label/still.h"
#include "label/text.h"

// A page with one frame of two lines and one code: everything else must stay white.
#define PAGE(width) \
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" width \
    "mm\" height=\"60mm\" viewBox=\"0 0 " width \
    " 60\"><defs><rect id=\"f\" x=\"10\" y=\"5\" width=\"40\" height=\"9\"/>" \
    "<rect id=\"n\" x=\"10\" y=\"50\" width=\"40\" height=\"6\"/></defs>"
static const char page[] =
    PAGE("90") "<text id=\"recipient_name\" style=\"font-size:3.5px;font-family:'Noto Sans';"
               "line-height:1.25;shape-inside:url(#f)\">x</text>"
               "<text id=\"number\" style=\"font-size:3px;shape-inside:url(#n)\">x</text>"
               "<rect id=\"code128\" x=\"1\" y=\"20\" width=\"88\" height=\"14\"/></svg>";

static struct keyring keys;
static struct label_links links;

static struct label_template *template_of(const char *svg)
{
    struct label_fault fault;
    struct label_template *t = label_template_parse("test", &label_words, svg, strlen(svg), &fault);
    if (!t)
        fail_msg("%s", fault.text);
    return t;
}

static json_t *facts_of(const char *name)
{
    json_t *facts = json_pack(
        "{s:s, s:s, s:i, s:{s:s, s:s}, s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s}}",
        "number", "RR123456785VN", "leg", "outward", "office", 12, "origin", "code", "46-B1",
        "name", "Bưu cục Thuận Hoá", "sender", "name", "Nguyễn Văn An", "address", "Huế", "phone",
        "0912 345 789", "recipient", "name", name, "address", "Huế", "phone", "113", "routing",
        "postcode", "49110", "hub", "Hub", "office", "Office");
    assert_non_null(facts);
    return facts;
}

static void data_of(struct arena *arena, const char *name, struct label_data *data)
{
    struct label_source source = {&keys, &links, 1795400100000000, false};
    json_t *facts = facts_of(name);
    assert_true(label_data_make(arena, facts, &source, data));
    json_decref(facts);
}

static int ink(const struct label_raster *raster, int x, int y, int width, int height)
{
    int count = 0;
    for (int row = y; row < y + height; row++) {
        for (int col = x; col < x + width; col++)
            count += label_raster_dot(raster, col, row);
    }
    return count;
}

static char *repeated(const char *text, int times)
{
    struct buf out = {0};
    for (int i = 0; i < times; i++)
        buf_text(&out, text);
    return out.data;
}

// The frame is 40 × 9 mm at (10, 5), 8 dots a millimetre; half a line's lead may stand out.
static void stays_inside(const char *name)
{
    struct arena arena;
    struct label_data data;
    struct label_raster raster;
    struct label_fault fault;
    struct label_template *t = template_of(page);
    arena_init(&arena);
    data_of(&arena, name, &data);
    assert_true(label_render_raster(t, &data, 203, &raster, &fault));
    assert_int_equal(raster.width, 720);
    if (*name && !ink(&raster, 80, 36, 320, 80))
        fail_msg("nothing drawn for %.60s", name);
    if (ink(&raster, 0, 0, 720, 36) || ink(&raster, 0, 36, 79, 80) ||
        ink(&raster, 401, 36, 319, 80) || ink(&raster, 0, 116, 720, 44))
        fail_msg("ink outside the frame for %.60s", name);
    label_raster_finish(&raster);
    label_template_destroy(t);
    arena_finish(&arena);
}

static void test_text_stays_in_its_frame(void **state)
{
    static const struct {
        const char *text;
        int times;
    } rows[] = {
        {"", 1},
        {"An", 1},
        {"Nguyễn Thị Ánh Nguyệt ", 4},
        {"Nguyễn Thị Ánh Nguyệt ", 25},
        {"Ẫ", 500},
        {"W", 500},
        {"<b>&amp;</b> </text></svg> ", 20},
        {"^XA^FO50,50^A0N,50,50^FDx^FS^XZ ", 8},
        {"😀👨‍👩‍👧🇻🇳 ", 40},
        {"محمد عبد الله ", 30},
        {"\xe2\x80\xae"
         "abc \xe2\x80\x8f",
         40},
        {"Z\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87\xcc\x88\xcc\x89", 60},
        {"བོད་ཡིག་", 30},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        char *text = repeated(rows[i].text, rows[i].times);
        stays_inside(text ? text : "");
        free(text);
    }
}

// Runs of equal dots in a row of the symbol.
static int shortest_run(const struct label_raster *raster, int y, int from, int to)
{
    int least = to, run = 1;
    for (int x = from + 1; x <= to; x++) {
        if (x < to && label_raster_dot(raster, x, y) == label_raster_dot(raster, x - 1, y)) {
            run++;
        } else {
            least = run < least ? run : least;
            run = 1;
        }
    }
    return least;
}

static void test_whole_dots_and_quiet_zones(void **state)
{
    static const int dpis[] = {203, 300, 600};
    struct label_template *t = template_of(page);
    struct arena arena;
    struct label_data data;
    (void)state;
    arena_init(&arena);
    data_of(&arena, "An", &data);
    for (size_t i = 0; i < countof(dpis); i++) {
        struct label_raster raster;
        struct label_fault fault;
        double dots = label_dots_per_mm(dpis[i]);
        int y = (int)(27 * dots), first = 0, last = 0;
        assert_true(label_render_raster(t, &data, dpis[i], &raster, &fault));
        for (int x = 0; x < raster.width; x++) {
            if (label_raster_dot(&raster, x, y)) {
                first = first ? first : x;
                last = x;
            }
        }
        int module = shortest_run(&raster, y, first, last + 1);
        assert_true(module / dots >= 0.33);
        assert_int_equal((last + 1 - first) % module, 0);
        for (int x = first; x < last; x += module) // no module is cut
            assert_int_equal(ink(&raster, x, y, module, 1) % module, 0);
        assert_true(first >= dots + 10 * module - 1);
        assert_true(ink(&raster, first, (int)(20 * dots) + 1, 1, (int)(13.8 * dots)) >= 9 * dots);
        label_raster_finish(&raster);
    }
    arena_finish(&arena);
    label_template_destroy(t);
}

// In a rectangle that is higher than wide the bars run down the page, by the same rules.
static void test_bars_that_run_down(void **state)
{
    static const char upright[] =
        PAGE("60") "<text id=\"number\" style=\"font-size:3px;shape-inside:url(#n)\">x</text>"
                   "<rect id=\"code128\" x=\"40\" y=\"1\" width=\"12\" height=\"58\"/></svg>";
    struct label_template *t = template_of(upright);
    struct label_raster raster;
    struct label_fault fault;
    struct label_data data;
    struct arena arena;
    int first = 0, last = 0;
    (void)state;
    arena_init(&arena);
    data_of(&arena, "An", &data);
    data.code[LABEL_CODE128] = "12345678";
    assert_true(label_render_raster(t, &data, 203, &raster, &fault));
    for (int y = 0; y < raster.height; y++) {
        if (label_raster_dot(&raster, 46 * 8, y)) {
            first = first ? first : y;
            last = y;
        }
    }
    // Start, four pairs, check, stop: 79 modules, 58 mm hold 4 dots each with 10 on either side.
    assert_int_equal(last + 1 - first, 79 * 4);
    assert_true(first >= 8 + 40);
    for (int y = first; y <= last; y++) // across, a bar is whole
        assert_int_equal(ink(&raster, 320, y, 96, 1) % 96, 0);
    label_raster_finish(&raster);
    data.code[LABEL_CODE128] = "VNAAAGVNAAABAUN60012003010000";
    assert_false(label_render_raster(t, &data, 203, &raster, &fault));
    assert_non_null(strstr(fault.text, "code128 is too small"));
    arena_finish(&arena);
    label_template_destroy(t);
}

// Every cell holds its label, and one that is left out stays white.
static void test_sheet_of_cells(void **state)
{
    struct label_fault fault;
    struct label_data data;
    struct label_raster sheet, alone;
    struct arena arena;
    (void)state;
    arena_init(&arena);
    assert_true(label_templates_load(&fault));
    const struct label_template *a4 = label_template_named("shipment-a4", &label_words);
    const struct label_template *a6 = label_template_named("shipment-a6", &label_words);
    data_of(&arena, "An", &data);
    const struct label_data *const labels[] = {&data, NULL, &data, &data};
    struct label_page four = {a4, labels, 4};
    assert_int_equal(label_template_places(a4), 4);
    assert_true(label_render_page_raster(&four, 203, &sheet, &fault));
    assert_true(label_render_raster(a6, &data, 203, &alone, &fault));
    int whole = ink(&alone, 0, 0, alone.width, 1140);
    for (int i = 0; i < 4; i++) { // of each cell without the marks to cut along
        int x = i % 2 * 840, y = i / 2 * 1188;
        int inside = ink(&sheet, x + 48, y + 112, 740, 1020);
        assert_int_equal(inside, i == 1 ? 0 : ink(&alone, 48, 112, 740, 1020));
    }
    assert_true(whole > 0);
    label_raster_finish(&sheet);
    four.count = 0; // nothing but the marks
    assert_true(label_render_page_raster(&four, 203, &sheet, &fault));
    assert_int_equal(ink(&sheet, 48, 112, 740, 1020), 0);
    assert_true(ink(&sheet, 0, 0, sheet.width, sheet.height) > 0);
    label_raster_finish(&sheet);
    label_raster_finish(&alone);
    label_templates_drop();
    arena_finish(&arena);
}

// S9 is the longest of codes: it must be at least 0.33 mm a module on the label we print.
static void test_bag_holds_its_code(void **state)
{
    static const int dpis[] = {203, 300, 600};
    struct label_fault fault;
    (void)state;
    assert_true(label_templates_load(&fault));
    const struct label_template *t = label_template_named("bag", &bag_words);
    for (int i = 0; i < t->count; i++) {
        const struct label_op *op = &t->ops[i];
        if (op->kind != LABEL_OP_CODE || op->code != LABEL_CODE128)
            continue;
        for (size_t d = 0; d < countof(dpis); d++) {
            struct label_symbol symbol;
            struct label_place place;
            double dots = label_dots_per_mm(dpis[d]);
            assert_true(label_symbol_code128(&symbol, "VNAAAGVNAAABAUN60012003010000"));
            assert_int_equal(symbol.width, 288);
            label_symbol_turn(&symbol);
            assert_true(label_symbol_place(&symbol, &op->box, dots, &place));
            print_message("# bag at %d dpi: %.3f mm a module, %.1f mm long\n", dpis[d],
                          place.row / dots, place.row * 288 / dots);
            assert_true(place.row / dots >= 0.33);
            label_symbol_finish(&symbol);
        }
    }
    label_templates_drop();
}

// The signed code is version 8 with a prefix of up to 29 characters; 30 take the next version.
static void test_versions(void **state)
{
    static const struct {
        const char *url;
        int side;
    } rows[] = {{"http://127.0.0.1:8080", 49},
                {"http://[::1]:8080", 49}, // the bare code
                {"https://hoso.buudien.gov.v", 49},
                {"https://hoso.buudien.gov.vn", 53}};
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        char text[LABEL_CODE_URL_MAX + LABEL_CODE_CHARS + 1];
        struct label_links made;
        struct label_symbol symbol;
        label_links_make(&made, rows[i].url);
        snprintf(text, sizeof text, "%s%0*d", made.code, LABEL_CODE_CHARS, 0);
        assert_true(label_symbol_qr(&symbol, text, LABEL_QR_Q, 8));
        assert_int_equal(symbol.width, rows[i].side);
        label_symbol_finish(&symbol);
    }
}

static void test_fonts(void **state)
{
    (void)state;
    assert_true(label_text_has("Noto Sans"));
    assert_false(label_text_has("No Such Family"));
}

static void test_what_cannot_be_drawn(void **state)
{
    static const int dpis[] = {0, -1, 96, 2400};
    static const char narrow[] =
        PAGE("60") "<text id=\"number\" style=\"font-size:3px;shape-inside:url(#n)\">x</text>"
                   "<rect id=\"code128\" x=\"1\" y=\"20\" width=\"50\" height=\"14\"/></svg>";
    struct label_template *t = template_of(page), *small = template_of(narrow);
    struct label_fault fault;
    struct label_data data;
    struct arena arena;
    struct buf out = {0};
    (void)state;
    arena_init(&arena);
    data_of(&arena, "An", &data);
    for (size_t i = 0; i < countof(dpis); i++) {
        assert_false(label_render(t, &data, dpis[i], LABEL_PNG, &out, &fault));
        assert_non_null(strstr(fault.text, "dpi"));
    }
    for (int format = 0; format < LABEL_FORMAT_COUNT; format++) {
        assert_false(label_render(small, &data, 203, (enum label_format)format, &out, &fault));
        assert_non_null(strstr(fault.text, "code128 is too small"));
    }
    data.code[LABEL_CODE128] = NULL;
    assert_false(label_render(t, &data, 203, LABEL_PNG, &out, &fault));
    buf_finish(&out);
    arena_finish(&arena);
    label_template_destroy(t);
    label_template_destroy(small);
}

static void test_formats(void **state)
{
    static const char *const starts[] = {"%PDF-", "\x89PNG\r\n", "<?xml",
                                         "^XA\n", "SIZE ",       "\x1b@"};
    struct label_template *t = template_of(page);
    struct label_fault fault;
    struct label_data data;
    struct arena arena;
    (void)state;
    arena_init(&arena);
    data_of(&arena, "Nguyễn", &data);
    for (int format = 0; format < LABEL_FORMAT_COUNT; format++) {
        struct buf out = {0};
        assert_true(label_render(t, &data, 300, (enum label_format)format, &out, &fault));
        assert_memory_equal(out.data, starts[format], strlen(starts[format]));
        if (format == LABEL_PNG) // one bit a dot, greyscale
            assert_memory_equal(out.data + 24, "\x01\x00", 2);
        buf_finish(&out);
    }
    assert_int_equal(label_format_named("zip"), LABEL_FORMAT_COUNT);
    arena_finish(&arena);
    label_template_destroy(t);
}

static void test_values(void **state)
{
    struct arena arena;
    struct label_data nfc, nfd;
    (void)state;
    arena_init(&arena);
    data_of(&arena, "Nguyễn Ánh", &nfc);
    data_of(&arena, "Nguye\xcc\x82\xcc\x83n A\xcc\x81nh", &nfd);
    assert_string_equal(nfd.field[LABEL_recipient_name], nfc.field[LABEL_recipient_name]);
    assert_string_equal(nfc.field[LABEL_number], "RR 12345678 5 VN");
    assert_string_equal(nfc.field[LABEL_sender_phone], "*** *** 789");
    assert_null(nfc.field[LABEL_recipient_phone]); // too short to hide any of it
    assert_string_equal(nfc.field[LABEL_origin], "Bưu cục Thuận Hoá (46-B1)");
    assert_string_equal(nfc.field[LABEL_piece], "1/1");
    assert_null(nfc.field[LABEL_reprint]);
    assert_string_equal(nfc.field[LABEL_date], "23/11/2026");
    assert_string_equal(nfc.field[LABEL_link], "127.0.0.1:8080/t/RR123456785VN");
    assert_string_equal(nfc.code[LABEL_QR_SHORT], "HTTP://127.0.0.1:8080/T/RR123456785VN");
    data_of(&arena,
            "a\nb\t\xe2\x80\xae"
            "c\x01",
            &nfc);
    assert_null(strpbrk(nfc.field[LABEL_recipient_name], "\n\t\x01\xe2"));
    arena_finish(&arena);
}

// Values of an intake that must never be on a label are not even read.
static void test_the_applicant_joins(void **state)
{
    static const char personal[] =
        "{\"applicant\": {\"kind\": \"citizen\", \"name\": \"Trần Thị Bé\", \"phone\": "
        "\"0912345678\", \"id_number\": \"046123456789\", \"address\": {\"line\": \"5 Lê Lợi\", "
        "\"commune\": \"19789\"}}, \"note\": \"riêng tư\"}";
    struct arena arena;
    json_t *facts = facts_of("x");
    (void)state;
    arena_init(&arena);
    json_object_set_new(facts, "citizen", json_string("sender"));
    json_object_set_new(facts, "citizen_place", json_string("phường Thuận Hoá, thành phố Huế"));
    assert_true(label_people_join(&arena, facts, personal));
    json_t *sender = json_object_get(facts, "sender");
    assert_string_equal(json_text(sender, "name"), "Trần Thị Bé");
    assert_string_equal(json_text(sender, "address"), "5 Lê Lợi, phường Thuận Hoá, thành phố Huế");
    assert_int_equal(json_object_size(sender), 3);
    assert_null(json_object_get(facts, "citizen"));
    json_object_set_new(facts, "citizen", json_string("sender"));
    assert_true(label_people_join(&arena, facts, NULL)); // erased
    assert_string_equal(json_text(json_object_get(facts, "sender"), "name"), "(dữ liệu đã xoá)");
    json_object_set_new(facts, "citizen", json_string("sender"));
    assert_false(label_people_join(&arena, facts, "not JSON"));
    json_decref(facts);
    arena_finish(&arena);
}

static void test_fill(void **state)
{
    struct label_raster raster;
    (void)state;
    assert_false(label_raster_init(&raster, 0, 5));
    assert_false(label_raster_init(&raster, 5, LABEL_RASTER_SIDE_MAX + 1));
    for (int width = 1; width < 40; width++) {
        for (int x = -3; x < width; x++) {
            assert_true(label_raster_init(&raster, width, 2));
            label_raster_fill(&raster, x, 0, 9, 1, true);
            int left = x < 0 ? 0 : x, right = x + 9 < width ? x + 9 : width;
            assert_int_equal(ink(&raster, 0, 0, width, 2), right - left);
            assert_int_equal(ink(&raster, left, 0, right - left, 1), right - left);
            label_raster_fill(&raster, x, -4, 9, 9, false);
            assert_int_equal(ink(&raster, 0, 0, width, 2), 0);
            label_raster_finish(&raster);
        }
    }
}

// What stayed set from one label must not stand on the next: names of all lengths in frames that
// are alike but for one thing, each drawn by a pen that has drawn all the others and by a fresh
// one.
static void test_every_label_is_its_own(void **state)
{
    static const char *const names[] = {"An", "Nguyễn Thị Ánh Nguyệt", "Ẫ", "x", "Bộ phận Một cửa"};
    static const char svg[] =
        PAGE("90") "<text id=\"recipient_name\" style=\"font-size:%spx;font-family:'Noto Sans';"
                   "font-weight:%s;line-height:%s;shape-inside:url(#%s)\">x</text><text id="
                   "\"number\" style=\"font-size:3px;shape-inside:url(#n)\">x</text><rect "
                   "id=\"code128\" x=\"1\" y=\"20\" width=\"88\" height=\"14\"/></svg>";
    static const char *const types[][4] = {{"3.5", "400", "1.25", "f"}, {"3.5", "700", "1.25", "f"},
                                           {"3.5", "400", "1.3", "f"},  {"3.5", "400", "1.25", "n"},
                                           {"5", "400", "1.25", "f"},   {"9", "400", "1.25", "f"}};
    enum { ALL = countof(types) * countof(names) };
    struct label_fault fault;
    struct arena arena;
    struct buf fresh[ALL] = {0};
    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < 3 * (size_t)ALL; i++) {
        const char *const *type = types[i % countof(types)];
        struct label_template *t =
            template_of(arena_printf(&arena, svg, type[0], type[1], type[2], type[3]));
        struct label_data data;
        struct buf out = {0};
        data_of(&arena, names[i % ALL / countof(types)], &data);
        assert_true(label_render(t, &data, 203, LABEL_PNG, i < ALL ? &fresh[i] : &out, &fault));
        if (i < ALL) {
            label_pen_drop();
        } else {
            assert_int_equal(out.len, fresh[i % ALL].len);
            assert_memory_equal(out.data, fresh[i % ALL].data, out.len);
        }
        buf_finish(&out);
        label_template_destroy(t);
    }
    for (int i = 0; i < ALL; i++)
        buf_finish(&fresh[i]);
    arena_finish(&arena);
}

static cairo_surface_t *drawn_of(const struct label_page *sheet, const struct label_still *still)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 720, 480);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, 8, 8);
    label_draw_page(cr, sheet, still, LABEL_INK);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

// Dots of which one is light and the other dark.
static int unlike(cairo_surface_t *a, cairo_surface_t *b)
{
    const uint8_t *one = cairo_image_surface_get_data(a), *two = cairo_image_surface_get_data(b);
    int count = 0, size = cairo_image_surface_get_stride(a) * cairo_image_surface_get_height(a);
    for (int i = 0; i < size; i += 4)
        count += one[i] < 100 ? two[i] > 155 : one[i] > 155 && two[i] < 100;
    return count;
}

// What is recorded once stands below what moves, and nobody can tell: a slot that a white shape
// covers in part, a line upon that shape, a white slot on black.
static void test_what_is_still_changes_nothing(void **state)
{
    static const char svg[] = PAGE(
        "90") "<rect x=\"2\" y=\"2\" width=\"60\" height=\"20\"/><text id=\"recipient_name\" "
              "style=\"font-size:6px;font-weight:700;fill:%s;font-family:'Noto Sans';shape-inside:"
              "url(#f)\">x</text><rect x=\"14\" y=\"7\" width=\"6\" height=\"9\" "
              "style=\"fill:%s\"/>"
              "<path d=\"M8 10H40\" style=\"stroke:#000;stroke-width:1\"/><text x=\"30\" y=\"%s\" "
              "style=\"font-size:5px;fill:%s;font-family:'Noto Sans'\">Phiếu gửi</text><text id="
              "\"number\" style=\"font-size:3px;shape-inside:url(#n)\">x</text><rect "
              "id=\"code128\" x=\"1\" y=\"30\" width=\"88\" height=\"14\"/></svg>";
    static const char *const rows[][4] = {{"#fff", "#000", "12", "#fff"},
                                          {"#fff", "#fff", "12", "#000"},
                                          {"#000", "#fff", "12", "#fff"},
                                          {"#fff", "#000", "50", "#000"},
                                          {"#000", "#000", "16", "#000"}};
    struct arena arena;
    (void)state;
    arena_init(&arena);
    for (size_t i = 0; i < countof(rows); i++) {
        const char *const *row = rows[i];
        struct label_template *t =
            template_of(arena_printf(&arena, svg, row[0], row[1], row[2], row[3]));
        struct label_data data;
        data_of(&arena, "HHHHH", &data);
        const struct label_data *list[] = {&data};
        struct label_page one = {t, list, 1};
        struct label_still *still = label_still_create(t);
        cairo_surface_t *all = drawn_of(&one, NULL), *twice = drawn_of(&one, still);
        assert_int_equal(unlike(all, twice), 0);
        cairo_surface_destroy(all);
        cairo_surface_destroy(twice);
        label_still_destroy(still);
        label_template_destroy(t);
    }
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_stays_in_its_frame),
        cmocka_unit_test(test_whole_dots_and_quiet_zones),
        cmocka_unit_test(test_bars_that_run_down),
        cmocka_unit_test(test_sheet_of_cells),
        cmocka_unit_test(test_bag_holds_its_code),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_fonts),
        cmocka_unit_test(test_what_cannot_be_drawn),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_the_applicant_joins),
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_every_label_is_its_own),
        cmocka_unit_test(test_what_is_still_changes_nothing),
    };
    uint8_t seed[SIGN_KEY_SEED] = {1};
    if (sodium_init() < 0 || !keyring_add(&keys, seed, 0))
        return 1;
    label_links_make(&links, "http://127.0.0.1:8080");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    label_pen_drop();
    return failed;
}
