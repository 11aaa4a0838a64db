#include "db_live.h"

// Brief look-ups share a Sync: what fails among them hurts no other, and a lost connection loses
// none.

static struct live live;
static struct db *db;

enum { MANY = 60, SLOW = 1000, WRONG = 2000 };

static const struct asset schema[] = {
    {"migrations/0001_test.sql",
     "create schema t;"
     "create function t.brief(p bigint) returns table (n bigint, turn bigint) language plpgsql as "
     "$$"
     "  begin if p >= 2000 then raise exception using errcode = 'DP001', message = 'unknown-unit';"
     "  elsif p >= 1000 then perform pg_sleep(0.6); end if;"
     "  return query select p, (extract(epoch from now()) * 1000000)::bigint; end $$;"
     "grant usage on schema t to dossierpost_service;",
     0},
    {0},
};

static int begin(void **state)
{
    struct migrate_report report;
    struct asset files[2] = {schema[0]};
    (void)state;
    live_begin(&live);
    files[0].size = strlen(files[0].data);
    if (!migrate_run_files(live.embedded.owner_url, files, &report))
        return -1;
    db = db_create(&live.loop);
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_destroy(db);
    live_turn(&live, 1);
    live_end(&live);
    return 0;
}

static const struct db_stmt brief_stmt = {"t.brief", "select n, turn from t.brief($1::bigint)",
                                          .brief = true};
static const struct db_stmt other_stmt = {"t.other", "select n + 1, turn from t.brief($1::bigint)",
                                          .brief = true};
static const struct db_stmt long_stmt = {"t.long", "select n, turn from t.brief($1::bigint)"};

static struct answer {
    enum err err;
    int64_t n, turn;
} got[MANY];

static int answers;

static void keep(void *arg, const struct db_result *result)
{
    struct answer *answer = arg;
    *answer = (struct answer){.err = result->err};
    if (result->err == ERR_OK) {
        answer->n = db_int8(result, 0, 0);
        answer->turn = db_int8(result, 0, 1);
    }
    answers++;
}

static void call(const struct db_stmt *stmt, int64_t n, struct answer *answer)
{
    struct db_params params = {0};
    db_add_int8(&params, n);
    db_call(db, stmt, &params, keep, answer);
}

static int turns(const struct answer *list, int count)
{
    int seen = 0;
    for (int i = 0; i < count; i++) {
        int before = 0;
        while (before < i && list[before].turn != list[i].turn)
            before++;
        seen += before == i;
    }
    return seen;
}

static void connected(void)
{
    answers = 0;
    for (int i = 0; i < 4; i++)
        call(&long_stmt, i, &got[i]);
    live_until(&live, &answers, 4);
}

// A transaction has one time: so many transactions were there.
static void test_one_sync_for_many(void **state)
{
    (void)state;
    connected();
    answers = 0;
    for (int i = 0; i < 20; i++)
        call(&brief_stmt, i, &got[i]);
    for (int i = 20; i < 24; i++)
        call(&long_stmt, i, &got[i]);
    live_until(&live, &answers, 24);
    for (int i = 0; i < 24; i++)
        assert_int_equal(got[i].n, i);
    assert_int_equal(turns(got, 20), 2); // sixteen go to one connection
    assert_int_equal(turns(got + 20, 4), 4);
}

static void test_errors_stay_apart(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        answers = 0;
        for (int i = 0; i < MANY; i++)
            call(i % 2 ? &brief_stmt : &other_stmt, (i + round) % 7 ? i : WRONG, &got[i]);
        live_until(&live, &answers, MANY);
        for (int i = 0; i < MANY; i++) {
            assert_int_equal(got[i].err, (i + round) % 7 ? ERR_OK : ERR_UNKNOWN_UNIT);
            if ((i + round) % 7)
                assert_int_equal(got[i].n, i % 2 ? i : i + 1);
        }
    }
    assert_true(db_idle(db));
}

// Prepared in the same breath as they are asked for the first time, behind one that fails.
static void test_preparing_behind_a_failure(void **state)
{
    static struct db_stmt fresh[8];
    static char names[8][16];
    (void)state;
    answers = 0;
    for (int i = 0; i < 8; i++) {
        snprintf(names[i], sizeof names[i], "t.fresh%d", i);
        fresh[i] = (struct db_stmt){names[i], i == 1 ? "select no_such_column" : brief_stmt.sql,
                                    .brief = true};
        call(i == 0 ? &brief_stmt : &fresh[i], i == 0 ? WRONG : i, &got[i]);
    }
    live_until(&live, &answers, 8);
    assert_int_equal(got[0].err, ERR_UNKNOWN_UNIT);
    assert_int_equal(got[1].err, ERR_INTERNAL);
    for (int i = 2; i < 8; i++) {
        assert_int_equal(got[i].err, ERR_OK);
        assert_int_equal(got[i].n, i);
    }
}

static void test_a_lost_connection_loses_none(void **state)
{
    static const char *const how[] = {
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where state = 'active' and "
        "application_name = 'dossierpost reader'",
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where "
        "application_name like 'dossierpost %'"};
    (void)state;
    for (int round = 0; round < 4; round++) {
        connected();
        answers = 0;
        for (int i = 0; i < 20; i++)
            call(&brief_stmt, i == 9 ? SLOW + i : i, &got[i]);
        live_turn(&live, 200);
        assert_in_range(answers, 0, 19);
        live_sql(&live, "postgres", how[round % 2]);
        live_until(&live, &answers, 20);
        for (int i = 0; i < 20; i++) {
            assert_int_equal(got[i].err, ERR_OK);
            assert_int_equal(got[i].n, i == 9 ? SLOW + i : i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_sync_for_many),
        cmocka_unit_test(test_errors_stay_apart),
        cmocka_unit_test(test_preparing_behind_a_failure),
        cmocka_unit_test(test_a_lost_connection_loses_none),
    };
    return cmocka_run_group_tests_name("db_brief", tests, begin, end);
}
