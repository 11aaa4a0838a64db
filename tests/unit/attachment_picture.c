#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "attachment/attachment.h"
#include "attachment/pdf.h"
#include "attachment/picture.h"
#include "attachment/sniff.h"
#include "base/seal.h"

// One pixel, grey; 67 bytes.
static const uint8_t png[] = {0x89, 'P', 'N', 'G',  '\r', '\n', 0x1a, '\n', 0,    0, 0, 13,
                              'I',  'H', 'D', 'R',  0,    0,    0,    1,    0,    0, 0, 1,
                              8,    0,   0,   0,    0,    0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0,
                              10,   'I', 'D', 'A',  'T',  0x78, 0x9c, 0x63, 0x60, 0, 0, 0,
                              2,    0,   1,   0x48, 0xaf, 0xa4, 0x71, 0,    0,    0, 0, 'I',
                              'E',  'N', 'D', 0xae, 0x42, 0x60, 0x82};

// 300 × 200, one component; the data has a stuffed ff, a restart and fill bytes.
static const uint8_t jpeg[] = {0xff, 0xd8, 0xff, 0xe0, 0,    4, 1,    2,    0xff, 0xff, 0xc0,
                               0,    11,   8,    0,    200,  1, 44,   1,    1,    0x11, 0,
                               0xff, 0xda, 0,    8,    1,    1, 0,    0,    63,   0,    7,
                               0xff, 0,    9,    0xff, 0xd0, 5, 0xff, 0xff, 0xd9};

static const char pdf[] = "%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n";

static void the_frame_is_read(void **state)
{
    struct picture p;
    assert_true(picture_read(png, sizeof png, &p));
    assert_int_equal(p.media, MEDIA_PNG);
    assert_int_equal(p.width, 1);
    assert_int_equal(p.height, 1);
    assert_true(picture_read(jpeg, sizeof jpeg, &p));
    assert_int_equal(p.media, MEDIA_JPEG);
    assert_int_equal(p.width, 300);
    assert_int_equal(p.height, 200);
    assert_true(picture_read(pdf, sizeof pdf - 1, &p));
    assert_int_equal(p.media, MEDIA_PDF);
    assert_int_equal(p.width, 0);
}

// Cut anywhere, or with one byte more, it is none.
static void every_byte_counts(void **state)
{
    struct picture p;
    uint8_t longer[128];
    for (size_t len = 0; len < sizeof png; len++)
        assert_false(picture_read(png, len, &p));
    for (size_t len = 0; len < sizeof jpeg; len++)
        assert_false(picture_read(jpeg, len, &p));
    memcpy(longer, png, sizeof png);
    longer[sizeof png] = 0;
    assert_false(picture_read(longer, sizeof png + 1, &p));
    memcpy(longer, jpeg, sizeof jpeg);
    longer[sizeof jpeg] = 0xd9;
    assert_false(picture_read(longer, sizeof jpeg + 1, &p));
}

// Every byte of a PNG stands under a check sum or in its frame.
static void a_changed_png_is_none(void **state)
{
    struct picture p;
    uint8_t other[sizeof png];
    for (size_t i = 0; i < sizeof png; i++) {
        memcpy(other, png, sizeof png);
        other[i] ^= 1;
        assert_false(picture_read(other, sizeof other, &p));
    }
}

static bool jpeg_with(size_t at, uint8_t byte)
{
    struct picture p;
    uint8_t other[sizeof jpeg];
    memcpy(other, jpeg, sizeof jpeg);
    other[at] = byte;
    return picture_read(other, sizeof other, &p);
}

static void a_jpeg_has_one_frame_of_a_known_kind(void **state)
{
    assert_true(jpeg_with(10, 0xc2));  // progressive
    assert_false(jpeg_with(10, 0xc3)); // lossless
    assert_false(jpeg_with(13, 12));   // bits
    assert_false(jpeg_with(18, 4));    // components
    assert_false(jpeg_with(12, 12));   // length
    assert_false(jpeg_with(15, 0));    // no height
    assert_false(jpeg_with(14, 0x7f)); // too high
    assert_false(jpeg_with(41, 0xd8)); // begins anew where it should end
    assert_false(jpeg_with(5, 200));   // a segment past the end
    assert_false(jpeg_with(5, 1));     // shorter than its own length
}

static void behind_the_end_of_a_pdf_is_nothing(void **state)
{
    struct picture p;
    assert_true(picture_read("%PDF-2.0\n%%EOF\r\n\0", 17, &p));
    assert_false(picture_read("%PDF-2.0\n%%EOF\n<b>", 18, &p));
    assert_false(picture_read("%PDF-3.0\n%%EOF\n", 15, &p));
    assert_false(picture_read("%PDF-2.0\n%%EO", 13, &p));
    assert_false(picture_read("%PDF-%%EOF", 10, &p));
}

static enum pdf_verdict look(const char *text)
{
    return pdf_look(text, strlen(text));
}

static void names_tell_what_a_pdf_does(void **state)
{
    assert_int_equal(look(pdf), PDF_PLAIN);
    assert_int_equal(look("/Encrypt 5 0 R"), PDF_ENCRYPTED);
    assert_int_equal(look("/#45ncry#70t"), PDF_ENCRYPTED);
    assert_int_equal(look("<</S/JavaScript>>"), PDF_ACTIVE);
    assert_int_equal(look("/JavaScript"), PDF_ACTIVE); // at the very end
    assert_int_equal(look("/x/Launch/y"), PDF_ACTIVE);
    assert_int_equal(look("/Java#53cript /Encrypt"), PDF_ENCRYPTED); // the first that counts
    assert_int_equal(look("/JavaScripts /XJavaScript /EncryptMetadata /Java Script"), PDF_PLAIN);
    assert_int_equal(look("/AVeryLongNameThatEndsWithJavaScript"), PDF_PLAIN);
    assert_int_equal(look("/# /#4 /#zz /#00JavaScript"), PDF_PLAIN);
    assert_int_equal(look(""), PDF_PLAIN);
}

// A stream of these bytes, packed so often.
static enum pdf_verdict look_packed(const char *dictionary, const char *plain, int times)
{
    uint8_t packed[512], again[512];
    char file[2048];
    uLongf len = strlen(plain);
    memcpy(packed, plain, len);
    for (int i = 0; i < times; i++) {
        uLongf room = sizeof again;
        assert_int_equal(compress(again, &room, packed, len), Z_OK);
        memcpy(packed, again, room);
        len = room;
    }
    int head = snprintf(file, sizeof file, "1 0 obj <<%s>> stream\r\n", dictionary);
    memcpy(file + head, packed, len);
    memcpy(file + head + len, "\nendstream", 10);
    return pdf_look(file, (size_t)head + len + 10);
}

static void what_is_packed_is_looked_at(void **state)
{
    static const char script[] = "8 0 <</S/JavaScript>>", page[] = "8 0 <</Type/Page>>";
    assert_int_equal(look_packed("/Type/ObjStm", script, 1), PDF_ACTIVE);
    assert_int_equal(look_packed("/N 1/First 4", script, 1), PDF_ACTIVE); // not even called so
    assert_int_equal(look_packed("/Type/ObjStm", page, 1), PDF_PLAIN);
    assert_int_equal(look_packed("/Type/ObjStm", page, 2), PDF_CLOSED);
    assert_int_equal(look_packed("/Type/ObjStm", page, 0), PDF_CLOSED);
    assert_int_equal(look_packed("/Type/ObjStm", "\002 8 0 <<>>", 1), PDF_CLOSED); // a predictor
    assert_int_equal(look_packed("/Type/ObjStm/DecodeParms<</Predictor 2>>", page, 1), PDF_CLOSED);
    assert_int_equal(look_packed("/Type/XRef/DecodeParms<</Predictor 12>>", page, 1), PDF_PLAIN);
    assert_int_equal(look_packed("/Type/ObjStm/Filter[/ASCIIHexDecode]", "38 20 30", 0),
                     PDF_CLOSED);
    assert_int_equal(look_packed("/Length 3", page, 0), PDF_PLAIN);
    assert_int_equal(look("/Type/ObjStm"), PDF_CLOSED); // where is it?
}

static void libmagic_agrees(void **state)
{
    assert_int_equal(sniff(png, sizeof png), MEDIA_NONE); // without its database it knows nothing
    assert_true(sniff_setup());
    assert_int_equal(sniff(png, sizeof png), MEDIA_PNG);
    assert_int_equal(sniff(jpeg, sizeof jpeg), MEDIA_JPEG);
    assert_int_equal(sniff(pdf, sizeof pdf - 1), MEDIA_PDF);
    assert_int_equal(sniff("<html><script>", 14), MEDIA_NONE);
    sniff_finish();
}

static void what_it_is_called(void **state)
{
    assert_string_equal(media_type(MEDIA_JPEG), "image/jpeg");
    assert_string_equal(media_suffix(MEDIA_JPEG), "jpg");
    assert_int_equal(media_of_type("application/pdf"), MEDIA_PDF);
    assert_int_equal(media_of_type("text/html"), MEDIA_NONE);
    assert_int_equal(picture_guess("GIF89a..", 8), MEDIA_NONE);
    assert_int_equal(picture_guess(png, 7), MEDIA_NONE);
    assert_int_equal(picture_guess(pdf, 8), MEDIA_PDF);
}

// The same file has the same ref, which is not its hash.
static void a_ref_is_no_hash(void **state)
{
    char one[ATTACHMENT_REF], two[ATTACHMENT_REF];
    const char *hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_true(attachment_ref(hash, one));
    assert_true(attachment_ref(hash, two));
    assert_string_equal(one, two);
    assert_string_not_equal(one, hash);
    assert_false(attachment_ref("e3b0", two));
    assert_false(
        attachment_ref("E3B0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", two));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frame_is_read),
        cmocka_unit_test(every_byte_counts),
        cmocka_unit_test(a_changed_png_is_none),
        cmocka_unit_test(a_jpeg_has_one_frame_of_a_known_kind),
        cmocka_unit_test(behind_the_end_of_a_pdf_is_nothing),
        cmocka_unit_test(names_tell_what_a_pdf_does),
        cmocka_unit_test(what_is_packed_is_looked_at),
        cmocka_unit_test(libmagic_agrees),
        cmocka_unit_test(what_it_is_called),
        cmocka_unit_test(a_ref_is_no_hash),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
