#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "base/assets.h"
#include "base/log.h"
#include "db/db.h"
#include "db/migrate_files.h"
#include "db/prepared.h"
#include "db/unit.h"

// Parameters and results in PostgreSQL's binary form, by the bytes; lists of units; which
// migrations fit together. No server.

static void assert_param(const struct db_params *p, int i, uint32_t type, const char *bytes,
                         int len)
{
    assert_int_equal(p->list[i].type, type);
    assert_int_equal(p->list[i].len, len);
    assert_memory_equal(p->list[i].data, bytes, (size_t)len);
}

static void test_single_values(void **state)
{
    struct db_params p = {0};
    uint8_t id[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    (void)state;
    db_add_bool(&p, true);
    db_add_int4(&p, -2);
    db_add_int8(&p, INT64_C(0x0102030405060708));
    db_add_text(&p, "chữ");
    db_add_bytea(&p, "\0\1", 2);
    db_add_uuid(&p, id);
    db_add_time(&p, INT64_C(946684800000001));
    db_add_json(&p, "{}", 2);
    db_add_text(&p, "");
    assert_param(&p, 0, 16, "\1", 1);
    assert_param(&p, 1, 23, "\xff\xff\xff\xfe", 4);
    assert_param(&p, 2, 20, "\1\2\3\4\5\6\7\10", 8);
    assert_param(&p, 3, 25, "chữ", 5);
    assert_param(&p, 4, 17, "\0\1", 2);
    assert_param(&p, 5, 2950, (char *)id, 16);
    assert_param(&p, 6, 1184, "\0\0\0\0\0\0\0\1", 8);
    assert_param(&p, 7, 3802, "\1{}", 3);
    assert_param(&p, 8, 25, "", 0);
    db_params_finish(&p);
}

static void test_nulls(void **state)
{
    struct db_params p = {0};
    (void)state;
    db_add_null(&p);
    db_add_text(&p, NULL);
    db_add_uuid(&p, NULL);
    db_add_json(&p, NULL, 0);
    db_add_bytea(&p, NULL, 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(p.list[i].len, -1);
    db_params_finish(&p);
}

static void test_arrays(void **state)
{
    struct db_params p = {0};
    (void)state;
    db_array_open(&p, DB_ARRAY_INT4, 2);
    db_array_int(&p, 1);
    db_array_int(&p, -1);
    db_array_close(&p);
    db_array_open(&p, DB_ARRAY_JSON, 2);
    db_array_bytes(&p, "1", 1);
    db_array_null(&p);
    db_array_close(&p);
    db_array_open(&p, DB_ARRAY_TEXT, 0);
    db_array_close(&p);
    db_add_int4(&p, 7);
    assert_param(&p, 0, 1007,
                 "\0\0\0\1\0\0\0\0\0\0\0\27\0\0\0\2\0\0\0\1"
                 "\0\0\0\4\0\0\0\1\0\0\0\4\xff\xff\xff\xff",
                 36);
    assert_param(&p, 1, 3807,
                 "\0\0\0\1\0\0\0\1\0\0\016\332\0\0\0\2\0\0\0\1"
                 "\0\0\0\2\0011\xff\xff\xff\xff",
                 30);
    assert_param(&p, 2, 1009, "\0\0\0\0\0\0\0\0\0\0\0\31", 12);
    assert_param(&p, 3, 23, "\0\0\0\7", 4);
    db_params_finish(&p);
}

// Values stay where they are while thousands follow.
static void test_large_values_do_not_move(void **state)
{
    struct db_params p = {0};
    char big[5000];
    (void)state;
    memset(big, 'b', sizeof big);
    db_add_text(&p, "first");
    db_array_open(&p, DB_ARRAY_BYTEA, 300);
    for (int i = 0; i < 300; i++)
        db_array_bytes(&p, big, (size_t)i * 16);
    db_array_close(&p);
    db_add_bytea(&p, big, sizeof big);
    db_add_text(&p, "last");
    assert_string_equal(p.list[0].data, "first");
    assert_int_equal(p.list[1].len, 20 + 300 * 4 + 16 * 299 * 150);
    assert_memory_equal(p.list[2].data, big, sizeof big);
    assert_string_equal(p.list[3].data, "last");
    db_params_finish(&p);
}

static void put(PGresult *pg, int col, const char *bytes, int len)
{
    assert_true(PQsetvalue(pg, 0, col, (char *)(uintptr_t)bytes, len));
}

static void test_results(void **state)
{
    static PGresAttDesc columns[] = {
        {.name = (char *)(uintptr_t) "a", .typid = 23, .format = 1},
        {.name = (char *)(uintptr_t) "b", .typid = 20, .format = 1},
        {.name = (char *)(uintptr_t) "c", .typid = 3802, .format = 1},
        {.name = (char *)(uintptr_t) "d", .typid = 114, .format = 1},
        {.name = (char *)(uintptr_t) "e", .typid = 1184, .format = 1},
        {.name = (char *)(uintptr_t) "f", .typid = 25, .format = 1},
        {.name = (char *)(uintptr_t) "g", .typid = 16, .format = 1},
    };
    PGresult *pg = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    struct db_result r = {.rows = 1, .pg = pg};
    size_t len;
    (void)state;
    assert_true(PQsetResultAttrs(pg, countof(columns), columns));
    put(pg, 0, "\xff\xff\xff\xfe", 4);
    put(pg, 1, "\0\0\1\0\0\0\0\0", 8);
    put(pg, 2, "\1{\"a\": 1}", 9);
    put(pg, 3, "[]", 2);
    put(pg, 4, "\0\0\0\0\0\0\0\1", 8);
    put(pg, 5, NULL, -1);
    put(pg, 6, "\1", 1);
    assert_int_equal(db_int4(&r, 0, 0), -2);
    assert_int_equal(db_int8(&r, 0, 0), -2);
    assert_int_equal(db_int8(&r, 0, 1), INT64_C(1) << 40);
    assert_memory_equal(db_json(&r, 0, 2, &len), "{\"a\": 1}", 8);
    assert_int_equal(len, 8);
    assert_memory_equal(db_json(&r, 0, 3, &len), "[]", 2);
    assert_int_equal(len, 2);
    assert_int_equal(db_time(&r, 0, 4), INT64_C(946684800000001));
    assert_null(db_text(&r, 0, 5));
    assert_true(db_is_null(&r, 0, 5));
    assert_true(db_bool(&r, 0, 6));
    assert_null(db_uuid(&r, 0, 5));
    PQclear(pg);
}

static void test_units_come_back_to_their_place(void **state)
{
    struct unit_list list = {0};
    struct db_unit units[5] = {0};
    (void)state;
    for (int i = 0; i < 5; i++) {
        units[i].turn = (uint64_t)i;
        if (i != 1 && i != 4)
            unit_push(&list, &units[i]);
    }
    unit_return(&list, &units[4]);
    unit_return(&list, &units[1]);
    assert_int_equal(list.count, 5);
    assert_ptr_equal(list.last, &units[4]);
    for (int i = 0; i < 5; i++)
        assert_ptr_equal(unit_pop(&list), &units[i]);
    assert_null(unit_pop(&list));
    assert_null(list.last);
}

static void test_lost_units(void **state)
{
    static const struct db_stmt look = {"look", "", false}, change = {"change", "", true};
    struct db_unit read = {.stmt = &look}, write = {.stmt = &change};
    struct db_result result;
    (void)state;
    assert_false(unit_judge(&read, UNIT_UNKNOWN, NULL, "", &result));
    assert_true(unit_judge(&read, UNIT_UNKNOWN, NULL, "", &result));
    assert_int_equal(result.err, ERR_BUSY);
    assert_false(unit_judge(&write, UNIT_UNDONE, NULL, "", &result));
    assert_true(unit_judge(&write, UNIT_UNKNOWN, NULL, "", &result));
    assert_int_equal(result.err, ERR_OUTCOME_UNKNOWN);
    assert_true(unit_judge(&write, UNIT_UNSURE, NULL, "", &result));
    assert_int_equal(result.err, ERR_OUTCOME_UNKNOWN);
}

static void test_prepared_statements(void **state)
{
    static struct db_stmt many[500];
    struct prepared prepared = {0};
    struct db_params p = {0};
    (void)state;
    db_add_null(&p);
    db_add_int4(&p, 1);
    for (int i = 0; i < 500; i++) {
        many[i].name = "stmt";
        assert_false(prepared_fits(prepared_find(&prepared, &many[i]), &p));
        prepared_renew(prepared_find(&prepared, &many[i]), &p);
    }
    struct prepared_row *row = prepared_find(&prepared, &many[77]);
    assert_ptr_equal(row->stmt, &many[77]);
    assert_true(prepared_fits(row, &p));
    p.list[0].type = 25; // now it is known
    assert_false(prepared_fits(row, &p));
    prepared_renew(row, &p);
    assert_true(prepared_fits(row, &p));
    p.list[0].type = 0;
    assert_true(prepared_fits(row, &p));
    assert_string_equal(row->name, "stmt.2");
    prepared_finish(&prepared);
    db_params_finish(&p);
}

static void test_migrations_that_fit(void **state)
{
    const struct asset list[] = {{"conf/x", "", 0},
                                 {"migrations/0001_a.sql", "a", 1},
                                 {"migrations/0001b_b.sql", "b", 1},
                                 {"migrations/README.md", "", 0},
                                 {0}};
    const struct asset wrong[] = {{"migrations/1_a.sql", "a", 1}, {0}};
    char why[MIGRATE_WHY];
    (void)state;
    log_setup(LOG_ERROR + 1, false);
    assert_null(migrate_files_find(wrong));
    struct migrate_files *files = migrate_files_find(list);
    assert_int_equal(files->count, 2);
    assert_string_equal(files->list[0].sum,
                        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
    const struct migrate_applied good[] = {{"0001_a.sql", files->list[0].sum},
                                           {"0001b_b.sql", files->list[1].sum}};
    assert_int_equal(migrate_files_compare(files, good, 0, why), 0);
    assert_int_equal(migrate_files_compare(files, good, 2, why), 2);
    assert_int_equal(migrate_files_compare(files, good + 1, 1, why), -1);
    assert_non_null(strstr(why, "0001_a.sql comes before 0001b_b.sql"));
    const struct migrate_applied changed = {"0001_a.sql", files->list[1].sum};
    assert_int_equal(migrate_files_compare(files, &changed, 1, why), -1);
    assert_non_null(strstr(why, "has changed"));
    const struct migrate_applied gone = {"0000_z.sql", ""};
    assert_int_equal(migrate_files_compare(files, &gone, 1, why), -1);
    assert_non_null(strstr(why, "not among"));
    free(files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_values),
        cmocka_unit_test(test_nulls),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_large_values_do_not_move),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_units_come_back_to_their_place),
        cmocka_unit_test(test_lost_units),
        cmocka_unit_test(test_prepared_statements),
        cmocka_unit_test(test_migrations_that_fit),
    };
    return cmocka_run_group_tests_name("db_values", tests, NULL, NULL);
}
