#include "db/listen.h"
#include "db_live.h"

// The batcher and the listener against a real server.

static struct live live;
static struct db *db;

static int begin(void **state)
{
    static const char sql[] =
        "create schema t;"
        "create table t.item (id bigserial, key text, n int check (n >= 0), tx xid8);"
        "create table t.row (key text primary key);"
        "create function t.put(ord int[], key text[], n int[]) returns table (o int, x int)"
        "  language plpgsql as $$ begin"
        "    perform from t.row r where r.key = any (put.key) for update;"
        "    insert into t.item (key, n, tx) select u.k, u.v, pg_current_xact_id()"
        "      from unnest(ord, key, n) as u(o, k, v) order by u.o;"
        "    if -7 = any (n) then perform pg_sleep(30); end if;"
        "    return query select u.o, u.v from unnest(ord, key, n) as u(o, k, v)"
        "      where u.v <> 13 order by u.o desc;"
        "  end $$;"
        "grant usage on schema t to dossierpost_service;"
        "grant all on all tables in schema t to dossierpost_service;"
        "grant all on all sequences in schema t to dossierpost_service;";
    struct asset files[] = {{"migrations/0001_test.sql", sql, strlen(sql)}, {0}};
    struct migrate_report report;
    (void)state;
    live_begin(&live);
    db = db_create(&live.loop);
    return migrate_run_files(live.embedded.owner_url, files, &report) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    db_destroy(db);
    live_end(&live);
    return 0;
}

struct item {
    struct db_batch_item item;
    int n, place, value;
    enum err err;
    int rows; // of the result that answered it
};

static int answers;

static void encode(struct db_params *p, struct db_batch_item *const *items, int count)
{
    db_array_open(p, DB_ARRAY_INT4, count);
    for (int i = 0; i < count; i++)
        db_array_int(p, i + 1);
    db_array_close(p);
    db_array_open(p, DB_ARRAY_TEXT, count);
    for (int i = 0; i < count; i++)
        db_array_bytes(p, items[i]->key, strlen(items[i]->key));
    db_array_close(p);
    db_array_open(p, DB_ARRAY_INT4, count);
    for (int i = 0; i < count; i++)
        db_array_int(p, ((const struct item *)items[i])->n);
    db_array_close(p);
}

static void done(struct db_batch_item *one, const struct db_result *result, int row)
{
    struct item *item = (struct item *)one;
    item->place = ++answers;
    item->err = result->err;
    item->rows = result->rows;
    if (row >= 0)
        item->value = db_int4(result, row, 1);
}

static const struct db_stmt put_stmt = {
    "t.put", "select o, x from t.put($1::int[], $2::text[], $3::int[])", true};
static const struct db_batch_kind kind = {&put_stmt, 64, encode, done};

static void submit(struct db_batch *batch, struct item *item, int key, int n)
{
    *item = (struct item){.n = n, .value = -1};
    snprintf(item->item.key, sizeof item->item.key, "key-%03d", key);
    assert_true(db_batch_submit(batch, &item->item));
}

static int64_t count(const char *sql)
{
    return strtoll(live_sql(&live, "dossierpost", sql), NULL, 10);
}

static void test_batches_fill_while_one_is_out(void **state)
{
    static struct item items[500];
    struct db_batch *batch = db_batch_create(db, &kind);
    (void)state;
    answers = 0;
    for (int i = 0; i < 500; i++)
        submit(batch, &items[i], 499 - i, 1000 + i);
    live_until(&live, &answers, 500);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(items[i].err, ERR_OK);
        assert_int_equal(items[i].value, 1000 + i);
    }
    db_batch_destroy(batch);
}

static void test_a_missing_row_is_an_error(void **state)
{
    struct item items[2];
    struct db_batch *batch = db_batch_create(db, &kind);
    (void)state;
    answers = 0;
    submit(batch, &items[0], 1, 13); // t.put is silent about 13
    submit(batch, &items[1], 2, 14);
    live_until(&live, &answers, 2);
    assert_int_equal(items[0].err, ERR_INTERNAL);
    assert_int_equal(items[1].value, 14);
    db_batch_destroy(batch);
}

static void test_one_bad_item_hurts_nobody(void **state)
{
    static struct item items[40];
    struct db_batch *batch = db_batch_create(db, &kind);
    (void)state;
    live_sql(&live, "dossierpost", "truncate t.item");
    answers = 0;
    for (int i = 0; i < 40; i++)
        submit(batch, &items[i], i, i == 17 ? -1 : 100 + i);
    live_until(&live, &answers, 40);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(items[i].err, i == 17 ? ERR_INTERNAL : ERR_OK);
        assert_int_equal(items[i].value, i == 17 ? -1 : 100 + i);
    }
    assert_int_equal(count("select count(*) from t.item"), 39);
    assert_int_equal(count("select count(distinct tx) from t.item"), 39);
    db_batch_destroy(batch);
}

// Somebody sits on the row of one item: it alone is answered busy.
static void test_a_locked_row_hurts_nobody_else(void **state)
{
    static struct item items[40];
    char url[400];
    struct db_batch *batch = db_batch_create(db, &kind);
    (void)state;
    live_sql(&live, "dossierpost", "truncate t.item; insert into t.row values ('key-017')");
    snprintf(url, sizeof url, "host=%s user=postgres dbname=dossierpost", live.embedded.sockets);
    PGconn *other = PQconnectdb(url);
    PQclear(PQexec(other, "begin"));
    PQclear(PQexec(other, "select from t.row for update"));
    answers = 0;
    for (int i = 0; i < 40; i++)
        submit(batch, &items[i], i, 100 + i);
    live_until(&live, &answers, 40);
    PQfinish(other);
    for (int i = 0; i < 40; i++)
        assert_int_equal(items[i].err, i == 17 ? ERR_BUSY : ERR_OK);
    assert_int_equal(count("select count(*) from t.item"), 39);
    db_batch_destroy(batch);
}

static void test_equal_keys_keep_their_order(void **state)
{
    static struct item items[30];
    struct db_batch *batch = db_batch_create(db, &kind);
    (void)state;
    live_sql(&live, "dossierpost", "truncate t.item");
    answers = 0;
    for (int i = 0; i < 30; i++)
        submit(batch, &items[i], i % 3, i == 15 ? -1 : 20 + i);
    live_until(&live, &answers, 30);
    assert_int_equal(count("select count(*) from t.item a join t.item b using (key, tx)"
                           " where a.id <> b.id"),
                     0);
    assert_int_equal(count("select count(*) from t.item a join t.item b using (key) where a.id < "
                           "b.id and a.n > b.n"),
                     0);
    assert_int_equal(count("select count(*) from t.item"), 29);
    db_batch_destroy(batch);
}

static void test_waiting_items_are_bounded(void **state)
{
    static struct item items[30];
    struct db_batch *batch = db_batch_create(db, &kind);
    int refused = 0;
    (void)state;
    answers = 0;
    conf.database_queue = 16;
    for (int i = 0; i < 30; i++) {
        items[i] = (struct item){.n = i};
        refused += !db_batch_submit(batch, &items[i].item);
    }
    conf.database_queue = 4096;
    assert_int_equal(refused, 14);
    live_until(&live, &answers, 16);
    db_batch_destroy(batch);
}

// Destroyed with items waiting and in flight: each is answered once all the same.
static void test_destroy_answers_everybody(void **state)
{
    static struct item items[100];
    struct db_batch *batch = db_batch_create(db, &kind);
    (void)state;
    answers = 0;
    for (int i = 0; i < 100; i++)
        submit(batch, &items[i], i, i);
    live_turn(&live, 0);
    db_batch_destroy(batch);
    live_until(&live, &answers, 100);
    for (int i = 0; i < 100; i++)
        assert_true(items[i].place > 0);
}

// --- the listener -------------------------------------------------------------------------------

static int heard;
static char heard_text[64];

static void on_heard(void *arg, const char *payload)
{
    assert_ptr_equal(arg, &live);
    heard++;
    snprintf(heard_text, sizeof heard_text, "%s", payload);
}

static int others;

static void on_other(void *arg, const char *payload)
{
    others += payload[0] != 0;
}

static void test_listening_survives_reconnection(void **state)
{
    struct listener *listener = listener_create(&live.loop);
    (void)state;
    heard = 0;
    listener_add(listener, "log", &live.loop, on_heard, &live);
    listener_add(listener, "other", &live.loop, on_other, NULL);
    live_until(&live, &heard, 1);
    assert_string_equal(heard_text, "");
    live_sql(&live, "dossierpost", "notify log, '1-7'");
    live_until(&live, &heard, 2);
    assert_string_equal(heard_text, "1-7");
    live_sql(&live, "dossierpost",
             "select count(pg_terminate_backend(pid)) from pg_stat_activity"
             " where application_name = 'dossierpost listener'");
    live_until(&live, &heard, 3);
    assert_string_equal(heard_text, "");
    live_sql(&live, "dossierpost", "notify log, '8-9'");
    live_until(&live, &heard, 4);
    assert_string_equal(heard_text, "8-9");
    assert_int_equal(others, 0);
    live_sql(&live, "dossierpost", "notify other, 'x'");
    live_until(&live, &others, 1);
    assert_int_equal(heard, 4);
    listener_destroy(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches_fill_while_one_is_out),
        cmocka_unit_test(test_a_missing_row_is_an_error),
        cmocka_unit_test(test_one_bad_item_hurts_nobody),
        cmocka_unit_test(test_a_locked_row_hurts_nobody_else),
        cmocka_unit_test(test_equal_keys_keep_their_order),
        cmocka_unit_test(test_waiting_items_are_bounded),
        cmocka_unit_test(test_destroy_answers_everybody),
        cmocka_unit_test(test_listening_survives_reconnection),
    };
    return cmocka_run_group_tests_name("db_batch_live", tests, begin, end);
}
