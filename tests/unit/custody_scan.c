// What a scanner reads, and one scan as JSON becoming a row or a refusal of its own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/buf.h"
#include "custody/scan.h"

static const char number[] = "RR123456785VN", bag[] = "VNAAALVNAAACAUN60001001010000";

static void expect(const char *code, const char *subject)
{
    char found[SUBJECT_TEXT];
    assert_int_equal(custody_code_read(code, found), ERR_OK);
    assert_string_equal(found, subject);
}

static void refuse(const char *code, enum err err)
{
    char found[SUBJECT_TEXT];
    assert_int_equal(custody_code_read(code, found), err);
}

static void numbers_as_people_write_them(void **state)
{
    expect(number, number);
    expect("rr 12345678 5 vn", number);
    expect(" R R123456785V N ", number);
}

static void links_in_any_case(void **state)
{
    expect("HTTPS://HOSO.VN/T/RR123456785VN", number);
    expect("https://hoso.vn/t/rr123456785vn", number);
    expect("https://hoso.vn/t/RR123456785VN.txt?x=/", number);
    expect("http://127.0.0.1:8080/t/RR123456785VN#top", number);
    refuse("https://hoso.vn/t/", ERR_BAD_CODE);
    refuse("https://hoso.vn/RR123456785VN", ERR_BAD_CODE);
    refuse("https://hoso.vn/t/RR123456784VN", ERR_BAD_CHECK_DIGIT);
}

static void receptacles(void **state)
{
    expect(bag, bag);
    expect("vnaaal vnaaac aun 6 0001 001 01 0000", bag);
    assert_true(custody_is_container(bag));
    assert_false(custody_is_container(number));
    refuse("VNAAALVNAAACEUN60001001010000", ERR_BAD_CODE); // category E
    refuse("VNAAALVNAAACAUN6000100101000X", ERR_BAD_CODE);
    refuse("VNAAALVNAAACAUN600010010100000", ERR_BAD_CODE);
}

static void what_is_no_code(void **state)
{
    char longer[400];
    memset(longer, '1', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    refuse("", ERR_BAD_CODE);
    refuse("RR12345678", ERR_BAD_CODE);
    refuse("JR123456785VN", ERR_BAD_CODE); // a reserved service letter
    refuse("RR123456780VN", ERR_BAD_CHECK_DIGIT);
    refuse(longer, ERR_BAD_CODE);
}

// No key of ours signed it: whatever 128 characters say, they are not believed.
static void a_forged_signature(void **state)
{
    char code[160];
    memset(code, 'A', 128);
    code[128] = '\0';
    char found[SUBJECT_TEXT];
    enum err err = custody_code_read(code, found);
    assert_true(err == ERR_BAD_SIGNATURE || err == ERR_BAD_CODE);
    snprintf(code, sizeof code, "HTTPS://HOSO.VN/S/%0128d", 0);
    err = custody_code_read(code, found);
    assert_true(err == ERR_BAD_SIGNATURE || err == ERR_BAD_CODE);
}

struct read {
    struct request req;
    json_t *item;
    struct scan scan;
    bool good;
};

static void read_text(struct read *read, const char *text)
{
    struct json_errors errors;
    memset(read, 0, sizeof *read);
    arena_init(&read->req.arena);
    read->req.who = (struct principal){.account = 7, .unit = 11, .roles = 6};
    assert_int_equal(
        json_read(&read->req.arena, text, strlen(text), scan_shape, &read->item, &errors), ERR_OK);
    read->good = scan_read(&read->req, read->item, &read->scan);
}

static void finish(struct read *read)
{
    json_decref(read->item);
    arena_finish(&read->req.arena);
}

#define ITEM(code, more) \
    "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"code\":\"" code "\",\"kind\":\"deliver\"," \
    "\"at\":\"2026-11-24T09:00:00+07:00\"" more "}"

static void a_scan_becomes_a_row(void **state)
{
    struct read r;
    read_text(&r, ITEM("rr 12345678 5 vn", ",\"device_seq\":4,\"seal\":\"7\""));
    assert_true(r.good);
    assert_string_equal(r.scan.subject, number);
    assert_string_equal(r.scan.item.key, number);
    assert_int_equal(r.scan.at, 1795485600000000);
    assert_int_equal(r.scan.device_seq, 4);
    assert_int_equal(r.scan.account, 7);
    assert_string_equal(r.scan.data, "{\"seal\":\"7\"}");
    assert_int_equal(r.scan.personal.len, 0);
    assert_null(r.scan.plain);
    finish(&r);
}

static void seals(const char *text, const char *plain, const char *data)
{
    struct read r;
    read_text(&r, text);
    assert_true(r.good);
    assert_string_equal(r.scan.plain, plain);
    assert_true(r.scan.personal.len > strlen(plain));
    assert_null(memmem(r.scan.personal.data, r.scan.personal.len, plain + 1, 4));
    assert_true(seal_fits(plain, strlen(plain), r.scan.personal.salt, r.scan.personal.mac));
    if (data)
        assert_string_equal(r.scan.data, data);
    else
        assert_null(r.scan.data);
    assert_null(r.scan.reason);
    assert_null(r.scan.next_action);
    finish(&r);
}

// Who, exactly where, and what somebody wrote; the event keeps that a recipient was told, and how
// the delivery is proved.
static void what_is_personal_is_sealed(void **state)
{
    seals(ITEM("RR123456785VN", ",\"recipient\":{\"name\":\"Nguyễn Thị Thử\"},"
                                "\"proof\":{\"kind\":\"signature\",\"signature\":\"M0\"}"),
          "{\"proof\":{\"kind\":\"signature\",\"signature\":\"M0\"},"
          "\"recipient\":{\"name\":\"Nguyễn Thị Thử\"}}",
          "{\"drawn\":true,\"proof\":\"signature\",\"recipient\":true}");
    seals(ITEM("RR123456785VN", ",\"proof\":{\"kind\":\"none\"}"),
          "{\"proof\":{\"kind\":\"none\"}}", "{\"proof\":\"none\"}");
    seals(ITEM("RR123456785VN", ",\"position\":{\"lon\":107.6,\"lat\":16.4},\"place\":\"46-B1\","
                                "\"reason\":\"hẹn chiều\",\"next_action\":\"gọi lại\""),
          "{\"next_action\":\"gọi lại\",\"place\":\"46-B1\",\"position\":{\"lat\":16.4,"
          "\"lon\":107.6},\"reason\":\"hẹn chiều\"}",
          NULL);
}

// What the rules of delivery go by is told in words of ours; an identity number ends at its last
// digits.
static void a_delivery_tells_codes(void **state)
{
    seals(ITEM("RR123456785VN", ",\"recipient\":{\"name\":\"A\",\"relation\":\"cô ruột\","
                                "\"id_number\":\"046199000123\",\"authorisation\":{\"kind\":\"g\"},"
                                "\"old_paper\":{\"surrendered\":true}}"),
          "{\"recipient\":{\"authorisation\":{\"kind\":\"g\"},\"id_checked\":true,"
          "\"id_last\":\"0123\",\"name\":\"A\",\"old_paper\":{\"surrendered\":true},"
          "\"relation\":\"cô ruột\"}}",
          "{\"authorised\":true,\"id_checked\":true,\"old_paper\":true,\"recipient\":true,"
          "\"relation\":\"other\"}");
    seals(ITEM("RR123456785VN", ",\"recipient\":{\"name\":\"A\",\"relation\":\"proxy\","
                                "\"old_paper\":{\"surrendered\":false}},"
                                "\"proof\":{\"kind\":\"Vân tay\"},\"until\":\"2026-12-01\""),
          "{\"proof\":{\"kind\":\"Vân tay\"},\"recipient\":{\"name\":\"A\","
          "\"old_paper\":{\"surrendered\":false},\"relation\":\"proxy\"}}",
          "{\"proof\":\"unknown\",\"recipient\":true,\"relation\":\"proxy\","
          "\"until\":\"2026-12-01\"}");
}

// A code is known by a digest of it and its shipment, and is sealed nowhere.
static void a_code_is_kept_nowhere(void **state)
{
    struct read one, other;
    read_text(&one, ITEM("RR123456785VN", ",\"proof\":{\"kind\":\"code\",\"code\":\"123456\"}"));
    read_text(&other, ITEM("EE471108151FR", ",\"proof\":{\"kind\":\"code\",\"code\":\"123456\"}"));
    assert_true(one.good && other.good);
    assert_string_equal(one.scan.plain, "{\"proof\":{\"kind\":\"code\"}}");
    assert_non_null(strstr(one.scan.data, "{\"code\":\""));
    assert_null(strstr(one.scan.data, "123456"));
    assert_string_not_equal(one.scan.data, other.scan.data);
    finish(&one);
    finish(&other);
}

// Rules go by them: they are codes of a table, nobody's words.
static void a_failure_keeps_its_codes(void **state)
{
    struct read r;
    read_text(&r, "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"code\":\"RR123456785VN\","
                  "\"kind\":\"fail\",\"at\":\"2026-11-24T09:00:00+07:00\",\"reason\":\"absent\","
                  "\"next_action\":\"retry\"}");
    assert_true(r.good);
    assert_string_equal(r.scan.reason, "absent");
    assert_string_equal(r.scan.next_action, "retry");
    assert_null(r.scan.plain);
    finish(&r);
}

static bool same_digest(const char *one, const char *other)
{
    struct read a, b;
    read_text(&a, one);
    read_text(&b, other);
    assert_true(a.good && b.good);
    bool same = memcmp(a.scan.digest, b.scan.digest, sizeof a.scan.digest) == 0;
    finish(&a);
    finish(&b);
    return same;
}

// The digest is of content and person: the same in any order of members, another for others.
static void the_digest_is_of_the_content(void **state)
{
    const char *one = ITEM("RR123456785VN", ",\"place\":\"A1\",\"seal\":\"7\"");
    assert_true(same_digest(one, "{\"seal\":\"7\",\"place\":\"A1\","
                                 "\"at\":\"2026-11-24T09:00:00+07:00\",\"kind\":\"deliver\","
                                 "\"code\":\"RR123456785VN\","
                                 "\"id\":\"0190a000-0000-7000-8000-000000000001\"}"));
    assert_false(same_digest(one, ITEM("RR123456785VN", ",\"place\":\"A1\",\"seal\":\"8\"")));
}

// Once the sealed part is erased, nothing that is left confirms a guess at what it was.
static void the_digest_tells_only_what_is_sealed(void **state)
{
    const char *one = ITEM("RR123456785VN", ",\"place\":\"A1\",\"proof\":{\"kind\":\"code\","
                                            "\"code\":\"1234\"},\"reason\":\"a\"");
    assert_true(
        same_digest(one, ITEM("RR123456785VN", ",\"place\":\"A2\",\"proof\":{\"kind\":\"code\","
                                               "\"code\":\"4321\"},\"reason\":\"b\"")));
    assert_false(same_digest(one, ITEM("RR123456785VN", ",\"proof\":{\"kind\":\"code\","
                                                        "\"code\":\"1234\"},\"reason\":\"a\"")));
    assert_false(
        same_digest(one, ITEM("RR123456785VN", ",\"place\":\"A1\",\"proof\":{\"kind\":\"photo\"},"
                                               "\"reason\":\"a\"")));
}

static void fault(const char *text, enum err err, const char *in_detail)
{
    struct read r;
    struct buf out = {0};
    read_text(&r, text);
    assert_false(r.good);
    assert_int_equal(r.scan.problem, err);
    r.req.lang = LANG_EN;
    scan_print(&out, &r.req, &r.scan);
    json_t *printed = json_loads(out.data, 0, NULL);
    assert_string_equal(json_text(printed, "outcome"), "refused");
    const char *detail = json_text(json_object_get(printed, "problem"), "detail");
    assert_non_null(strstr(detail, in_detail));
    json_decref(printed);
    buf_finish(&out);
    finish(&r);
}

static void a_malformed_scan_says_why(void **state)
{
    fault(ITEM("RR123456780VN", ""), ERR_BAD_CHECK_DIGIT, "check digit");
    fault(ITEM("what", ""), ERR_BAD_CODE, "not an S10");
    fault(ITEM("RR123456785VN", ",\"container\":\"RR123456785VN\""), ERR_BAD_CODE, "receptacle");
    fault(ITEM("RR123456785VN", ",\"refers\":\"x\""), ERR_INVALID_FIELDS, "refers");
    fault(ITEM("RR123456785VN", ",\"until\":\"2026-02-30\""), ERR_INVALID_FIELDS, "until");
    fault(ITEM("RR123456785VN",
               ",\"proof\":{\"kind\":\"photo\",\"attachment\":"
               "\"E3B0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}"),
          ERR_INVALID_FIELDS, "SHA-256");
    fault(ITEM("RR123456785VN", ",\"position\":{\"lat\":99,\"lon\":0}"), ERR_INVALID_FIELDS,
          "position");
    fault("{\"id\":\"no\",\"code\":\"RR123456785VN\",\"kind\":\"accept\",\"at\":\"x\"}",
          ERR_INVALID_FIELDS, "\"id\"");
    fault("{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"code\":\"RR123456785VN\","
          "\"kind\":\"accept\",\"at\":\"tomorrow\"}",
          ERR_INVALID_FIELDS, "\"at\"");
}

#define AT(at) \
    "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"code\":\"RR123456785VN\"," \
    "\"kind\":\"accept\",\"at\":\"" at "\"}"

// Whatever a clock shows after it was reset is read; what no clock shows is not.
static void a_time_is_of_our_ages(void **state)
{
    static const char *const good[] = {AT("1970-01-01T00:00:00Z"), AT("2199-12-31T23:59:59Z")};
    struct read r;
    for (int i = 0; i < 2; i++) {
        read_text(&r, good[i]);
        assert_true(r.good);
        finish(&r);
    }
    fault(AT("1970-01-01T06:59:59+07:00"), ERR_INVALID_FIELDS, "1970");
    fault(AT("2200-01-01T00:00:00Z"), ERR_INVALID_FIELDS, "2199");
    fault(AT("9999-12-31T23:59:59Z"), ERR_INVALID_FIELDS, "2199");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_as_people_write_them),
        cmocka_unit_test(links_in_any_case),
        cmocka_unit_test(receptacles),
        cmocka_unit_test(what_is_no_code),
        cmocka_unit_test(a_forged_signature),
        cmocka_unit_test(a_scan_becomes_a_row),
        cmocka_unit_test(what_is_personal_is_sealed),
        cmocka_unit_test(a_delivery_tells_codes),
        cmocka_unit_test(a_code_is_kept_nowhere),
        cmocka_unit_test(a_failure_keeps_its_codes),
        cmocka_unit_test(the_digest_is_of_the_content),
        cmocka_unit_test(the_digest_tells_only_what_is_sealed),
        cmocka_unit_test(a_malformed_scan_says_why),
        cmocka_unit_test(a_time_is_of_our_ages),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
