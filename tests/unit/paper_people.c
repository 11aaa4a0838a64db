// What of a person comes onto a paper: what was asked for, of whom it was asked, and nothing that
// may not stand there.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/seal.h"
#include "paper/people.h"

static char state[] = "/tmp/dossierpost-paper-XXXXXX";

static int set_up(void **unused)
{
    (void)unused;
    return mkdtemp(state) && seal_setup(state) ? 0 : -1;
}

static int tear_down(void **unused)
{
    char path[100];
    (void)unused;
    snprintf(path, sizeof path, "%s/keys/personal.key", state);
    int failed = unlink(path);
    snprintf(path, sizeof path, "%s/keys", state);
    return failed || rmdir(path) || rmdir(state);
}

static json_t *person(struct arena *arena, const char *plain)
{
    struct sealed sealed;
    seal_close(arena, plain, strlen(plain), &sealed);
    char *data = arena_alloc(arena, 2 * sealed.len + 1), key[2 * sizeof sealed.key + 1];
    sodium_bin2hex(data, 2 * sealed.len + 1, sealed.data, sealed.len);
    sodium_bin2hex(key, sizeof key, sealed.key, sizeof sealed.key);
    return json_pack("{s:s, s:s}", "sealed", data, "key", key);
}

#define AN \
    "{\"applicant\": {\"name\": \"An\", \"phone\": \"0905\", \"id_number\": \"0461\", " \
    "\"address\": " \
    "{\"line\": \"12 Lê Lợi\", \"commune\": \"19789\"}}, \"note\": \"secret\"}"
#define BINH "{\"applicant\": {\"name\": \"Bình\", \"address\": {}}}"

// The facts with An, Bình and somebody erased put in; NULL: it was refused.
static const char *joined(struct arena *arena, const char *facts, bool spoiled)
{
    json_t *an = person(arena, AN);
    if (spoiled)
        json_object_set_new(an, "key", json_string("00"));
    json_t *document = json_pack("{s:o, s:[o, o, {}]}", "facts", json_loads(facts, 0, NULL),
                                 "people", an, person(arena, BINH));
    const char *text = paper_people_join(arena, document)
                           ? json_line(arena, json_object_get(document, "facts"), JSON_SORT_KEYS)
                           : NULL;
    assert_null(json_object_get(document, "people"));
    json_decref(document);
    return text;
}

static void test_what_is_asked_for(void **unused)
{
    static const struct {
        const char *facts, *result;
    } cases[] = {
        {"{\"a\": {\"personal\": \"applicant.name\"}}", "{\"a\":\"An\"}"},
        {"{\"a\": [{\"b\": {\"personal\": \"applicant.name\", \"of\": 1}}]}",
         "{\"a\":[{\"b\":\"Bình\"}]}"},
        {"{\"a\": {\"personal\": \"applicant.address\", \"place\": \"Huế\"}}",
         "{\"a\":\"12 Lê Lợi, Huế\"}"},
        {"{\"a\": {\"personal\": \"applicant.address\", \"of\": 1, \"place\": \"Huế\"}}",
         "{\"a\":\"Huế\"}"},
        {"{\"a\": {\"personal\": \"applicant.address\", \"with\": \"applicant.phone\"}}",
         "{\"a\":\"12 Lê Lợi, 0905\"}"},
        {"{\"a\": {\"personal\": \"applicant.name\", \"of\": 2}}", "{\"a\":\"(dữ liệu đã xoá)\"}"},
        {"{\"a\": {\"personal\": \"applicant.phone\", \"of\": 2}}", "{\"a\":null}"},
        {"{\"a\": {\"personal\": \"applicant.name\", \"of\": 3}}", "{\"a\":null}"},
        {"{\"a\": {\"personal\": \"applicant.name\", \"of\": -1}}", "{\"a\":null}"},
        {"{\"a\": {\"personal\": \"proxy.name\"}, \"b\": 1}", "{\"a\":null,\"b\":1}"},
    };
    (void)unused;
    for (size_t i = 0; i < countof(cases); i++) {
        struct arena arena;
        arena_init(&arena);
        assert_string_equal(joined(&arena, cases[i].facts, false), cases[i].result);
        arena_finish(&arena);
    }
}

static void test_what_never_stands_on_a_paper(void **unused)
{
    static const char *const facts[] = {
        "{\"a\": {\"personal\": \"applicant.id_number\"}}",
        "{\"a\": {\"personal\": \"note\"}}",
        "{\"a\": {\"personal\": \"applicant\"}}",
        "{\"a\": {\"personal\": \"\"}}",
        "{\"a\": {\"personal\": \"applicant.\"}}",
        ("{\"a\": {\"personal\": \"applicant.phone\", \"of\": 1, \"with\": "
         "\"applicant.id_number\"}}"),
    };
    (void)unused;
    for (size_t i = 0; i < countof(facts); i++) {
        struct arena arena;
        arena_init(&arena);
        assert_string_equal(joined(&arena, facts[i], false), "{\"a\":null}");
        arena_finish(&arena);
    }
}

static void test_what_cannot_be_opened(void **unused)
{
    struct arena arena;
    (void)unused;
    arena_init(&arena);
    assert_null(joined(&arena, "{\"a\": {\"personal\": \"applicant.name\"}}", true));
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_asked_for),
        cmocka_unit_test(test_what_never_stands_on_a_paper),
        cmocka_unit_test(test_what_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
