// Personal data: the master key on disk, sealing, erasing, and what goes to the database.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/seal.h"
#include "dossier/personal.h"

static char state[] = "/tmp/dossierpost-seal-XXXXXX";

static int set_up(void **unused)
{
    (void)unused;
    return mkdtemp(state) && seal_setup(state) ? 0 : -1;
}

static const char *key_file(void)
{
    static char path[100];
    snprintf(path, sizeof path, "%s/keys/personal.key", state);
    return path;
}

static int tear_down(void **unused)
{
    char folder[100];
    (void)unused;
    snprintf(folder, sizeof folder, "%s/keys", state);
    return unlink(key_file()) == 0 && rmdir(folder) == 0 && rmdir(state) == 0 ? 0 : -1;
}

static void opens_what_it_closed(void **unused)
{
    struct arena arena;
    struct sealed one, two;
    size_t len;
    (void)unused;
    arena_init(&arena);
    seal_close(&arena, "Nguyễn Văn A", strlen("Nguyễn Văn A"), &one);
    seal_close(&arena, "Nguyễn Văn A", strlen("Nguyễn Văn A"), &two);
    assert_string_equal(seal_open(&arena, one.data, one.len, one.key, sizeof one.key, &len),
                        "Nguyễn Văn A");
    assert_int_equal(len, strlen("Nguyễn Văn A"));
    // The same text twice has nothing in common.
    assert_memory_not_equal(one.data, two.data, one.len);
    assert_memory_not_equal(one.mac, two.mac, sizeof one.mac);
    assert_true(seal_fits("Nguyễn Văn A", len, one.salt, one.mac));
    assert_false(seal_fits("Nguyễn Văn B", len, one.salt, one.mac));
    assert_false(seal_fits("Nguyễn Văn A", len, two.salt, one.mac));
    arena_finish(&arena);
}

static void refuses_what_was_touched(void **unused)
{
    struct arena arena;
    struct sealed one, two;
    size_t len;
    (void)unused;
    arena_init(&arena);
    seal_close(&arena, "x", 1, &one);
    seal_close(&arena, "x", 1, &two);
    for (size_t i = 0; i < one.len; i++) {
        uint8_t *bad = (uint8_t *)arena_copy(&arena, one.data, one.len);
        bad[i] ^= 1;
        assert_null(seal_open(&arena, bad, one.len, one.key, sizeof one.key, &len));
    }
    assert_null(seal_open(&arena, one.data, one.len, two.key, sizeof two.key, &len));
    assert_null(seal_open(&arena, one.data, one.len - 1, one.key, sizeof one.key, &len));
    assert_null(seal_open(&arena, one.data, 3, one.key, sizeof one.key, &len));
    assert_null(seal_open(&arena, one.data, one.len, one.key, 10, &len));
    assert_null(seal_open(&arena, NULL, 0, NULL, 0, &len));
    arena_finish(&arena);
}

static void keeps_its_key(void **unused)
{
    struct arena arena;
    struct sealed one;
    struct stat file;
    uint8_t before[SEAL_DIGEST_BYTES], after[SEAL_DIGEST_BYTES];
    size_t len;
    (void)unused;
    arena_init(&arena);
    seal_close(&arena, "x", 1, &one);
    seal_mark(before);
    assert_true(seal_setup(state));
    assert_true(seal_look(state));
    assert_false(seal_look("/nowhere"));
    seal_mark(after);
    assert_memory_equal(before, after, sizeof before);
    assert_non_null(seal_open(&arena, one.data, one.len, one.key, sizeof one.key, &len));
    assert_int_equal(stat(key_file(), &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_int_equal(file.st_size, 32);
    arena_finish(&arena);
}

static void refuses_a_broken_key(void **unused)
{
    (void)unused;
    assert_int_equal(truncate(key_file(), 31), 0);
    assert_false(seal_setup(state));
    assert_int_equal(truncate(key_file(), 33), 0);
    assert_false(seal_setup(state));
    assert_int_equal(truncate(key_file(), 32), 0);
    assert_true(seal_setup(state));
}

static const char intake[] =
    "{\"id\":\"0190\",\"procedure\":\"1.004873\",\"applicant\":{\"kind\":\"citizen\",\"name\":"
    "\"Lê Thị Bí "
    "Mật\",\"phone\":\"0912345678\",\"id_number\":\"046123456789\",\"address\":{\"line\":\"12 Lê "
    "Lợi\",\"commune\":"
    "\"19777\"}},\"documents\":[],\"result_to\":{\"kind\":\"address\"},\"note\":\"gọi trước\","
    "\"proxy\":{\"name\":\"Trần Kín\"},\"extras\":null,"
    "\"pickup\":{\"day\":\"2026-12-01\",\"half\":\"morning\",\"address\":{\"line\":\"3 Bà "
    "Triệu\"}}}";

static void nothing_personal_in_the_public_part(void **unused)
{
    static const char *const secrets[] = {"Bí Mật", "0912", "Lê Lợi", "gọi trước", "Kín", "extras"};
    struct arena arena;
    struct sealed sealed;
    (void)unused;
    arena_init(&arena);
    json_t *body = json_loads(intake, 0, NULL);
    const char *part = personal_split(&arena, body, &sealed);
    for (size_t i = 0; i < countof(secrets); i++)
        assert_null(strstr(part, secrets[i]));
    assert_non_null(strstr(part, "\"from_commune\":\"19777\""));
    assert_non_null(strstr(part, "\"result_commune\":\"19777\""));
    assert_non_null(strstr(part, "\"applicant_kind\":\"citizen\""));

    json_decref(body);
    arena_finish(&arena);
}

// A view of this reach with what was sealed joined to it.
static json_t *joined(struct arena *arena, const char *reach, const struct sealed *sealed)
{
    json_t *view =
        json_loads("{\"result_to\":{\"kind\":\"address\"},\"commune_names\":{\"19777\":"
                   "\"Phường Vỹ Dạ, Thành phố Huế\"},\"pickup\":{\"day\":\"2026-12-02\"}}",
                   0, NULL);
    if (reach)
        json_object_set_new(view, "personal", json_string(reach));
    assert_true(
        personal_join(arena, view, sealed->data, sealed->len, sealed->key, sizeof sealed->key));
    assert_false(json_bool(view, "erased"));
    return view;
}

static void joins_as_much_as_the_reach_says(void **unused)
{
    static const char *const reaches[] = {"full", "delivery", "none", NULL};
    struct arena arena;
    struct sealed sealed;
    (void)unused;
    arena_init(&arena);
    json_t *body = json_loads(intake, 0, NULL);
    personal_split(&arena, body, &sealed);
    for (size_t i = 0; i < countof(reaches); i++) {
        bool people = i < 2, full = i == 0;
        json_t *view = joined(&arena, reaches[i], &sealed);
        const json_t *applicant = json_object_get(view, "applicant");
        assert_int_equal(people, json_text(applicant, "name") != NULL);
        assert_int_equal(people, json_text(applicant, "phone") != NULL);
        assert_int_equal(people,
                         json_text(json_object_get(applicant, "address"), "commune_name") != NULL);
        assert_int_equal(people, json_text(json_object_get(view, "proxy"), "name") != NULL);
        assert_int_equal(full, json_text(applicant, "id_number") != NULL);
        assert_int_equal(full, json_text(view, "note") != NULL);
        const json_t *pickup = json_object_get(view, "pickup");
        assert_string_equal("2026-12-02", json_text(pickup, "day"));
        assert_int_equal(full, json_object_get(pickup, "address") != NULL);
        json_decref(view);
    }
    json_decref(body);
    arena_finish(&arena);
}

static void tells_the_erased_from_the_lost(void **unused)
{
    struct arena arena;
    struct sealed sealed;
    (void)unused;
    arena_init(&arena);
    json_t *body = json_loads(intake, 0, NULL);
    json_t *view = json_pack("{s:s}", "personal", "delivery");
    personal_split(&arena, body, &sealed);
    assert_false(
        personal_join(&arena, view, sealed.data, sealed.len - 1, sealed.key, sizeof sealed.key));
    assert_true(personal_join(&arena, view, NULL, 0, NULL, 0));
    assert_true(json_bool(view, "erased"));
    json_decref(view);
    json_decref(body);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_what_it_closed),
        cmocka_unit_test(refuses_what_was_touched),
        cmocka_unit_test(keeps_its_key),
        cmocka_unit_test(nothing_personal_in_the_public_part),
        cmocka_unit_test(joins_as_much_as_the_reach_says),
        cmocka_unit_test(tells_the_erased_from_the_lost),
        cmocka_unit_test(refuses_a_broken_key),
    };
    return cmocka_run_group_tests_name("seal", tests, set_up, tear_down);
}
