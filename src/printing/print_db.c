#include "printing/print_db.h"

#include <string.h>

static const struct db_stmt printers_stmt = {
    "label.printers", "select label.printers($1::int8, $2::int4, $3::text)", false};
static const struct db_stmt make_stmt = {
    "label.printer_make", "select label.printer_make($1::int8, $2::int8, $3::int4, $4::jsonb)",
    true};
static const struct db_stmt change_stmt = {
    "label.printer_change",
    "select label.printer_change($1::int8, $2::int8, $3::int4, $4::uuid, $5::jsonb)", true};
static const struct db_stmt place_stmt = {
    "label.printer_place", "select label.printer_place($1::uuid, $2::int8, $3::int4)", false};
static const struct db_stmt troubles_stmt = {"label.troubles", "select label.troubles($1::text[])",
                                             false};
static const struct db_stmt test_stmt = {
    "label.print_test",
    "select label.print_test($1::uuid, $2::int8, $3::int8, $4::int4, $5::text, $6::bytea)", true};
static const struct db_stmt test_scan_stmt = {
    "label.test_scan",
    "select label.test_scan($1::uuid, $2::int8, $3::int8, $4::int4, $5::text, $6::int4 / 10.0)",
    true};
static const struct db_stmt jobs_stmt = {
    "label.jobs",
    "select label.jobs($1::int8, $2::int8, $3::int4, $4::uuid, $5::text, $6::int8, $7::int4)",
    false};
static const struct db_stmt job_stmt = {
    "label.job_get", "select label.job_get($1::uuid, $2::int8, $3::int8, $4::int4)", false};
static const struct db_stmt cancel_stmt = {
    "label.job_cancel", "select label.job_cancel($1::uuid, $2::int8, $3::int8, $4::int4)", true};
static const struct db_stmt retry_stmt = {
    "label.job_retry", "select label.job_retry($1::uuid, $2::int8, $3::int8, $4::int4, $5::text)",
    true};
static const struct db_stmt claim_stmt = {"label.claim", "select label.claim($1::uuid, $2::int4)",
                                          true};
static const struct db_stmt next_stmt = {
    "label.job_next",
    "select number, facts, sealed, key from label.job_next($1::uuid, $2::uuid, $3::int4)", true};
static const struct db_stmt begun_stmt = {
    "label.job_begun", "select label.job_begun($1::uuid, $2::uuid, nullif($3::int4, 0))", true};
static const struct db_stmt told_stmt = {
    "label.job_told", "select label.job_told($1::uuid, $2::uuid, $3::text, nullif($4::text, ''))",
    true};
static const struct db_stmt kept_stmt = {"label.jobs_kept",
                                         "select label.jobs_kept($1::uuid, $2::uuid[])", true};

static void add_unit(struct db_params *p, const struct principal *who)
{
    if (who->unit)
        db_add_int8(p, who->unit);
    else
        db_add_null(p);
    db_add_int4(p, (int32_t)who->roles);
}

static void add_asker(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    add_unit(p, who);
}

// --- printers ------------------------------------------------------------------------------------

void print_db_printers(struct db *db, const struct principal *who, const char *unit, db_done *done,
                       void *arg)
{
    struct db_params p = {0};
    add_unit(&p, who);
    db_add_text(&p, unit);
    db_call(db, &printers_stmt, &p, done, arg);
}

void print_db_make(struct db *db, const struct principal *who, const char *body, db_done *done,
                   void *arg)
{
    struct db_params p = {0};
    add_asker(&p, who);
    db_add_json(&p, body, strlen(body));
    db_call(db, &make_stmt, &p, done, arg);
}

void print_db_change(struct db *db, const struct principal *who, const uint8_t printer[16],
                     const char *body, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_asker(&p, who);
    db_add_uuid(&p, printer);
    db_add_json(&p, body, strlen(body));
    db_call(db, &change_stmt, &p, done, arg);
}

void print_db_place(struct db *db, const struct principal *who, const uint8_t printer[16],
                    db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, printer);
    add_unit(&p, who);
    db_call(db, &place_stmt, &p, done, arg);
}

void print_db_troubles(struct db *db, const char *const *codes, int count, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_array_open(&p, DB_ARRAY_TEXT, count);
    for (int i = 0; i < count; i++)
        db_array_bytes(&p, codes[i], strlen(codes[i]));
    db_array_close(&p);
    db_call(db, &troubles_stmt, &p, done, arg);
}

void print_db_test(struct db *db, const struct principal *who, const uint8_t printer[16],
                   const char *key, const uint8_t digest[32], db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, printer);
    add_asker(&p, who);
    db_add_text(&p, key);
    db_add_bytea(&p, digest, 32);
    db_call(db, &test_stmt, &p, done, arg);
}

void print_db_test_scan(struct db *db, const struct principal *who, const uint8_t printer[16],
                        const char *code, int32_t measured, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, printer);
    add_asker(&p, who);
    db_add_text(&p, code);
    if (measured)
        db_add_int4(&p, measured);
    else
        db_add_null(&p);
    db_call(db, &test_scan_stmt, &p, done, arg);
}

// --- jobs ----------------------------------------------------------------------------------------

void print_db_jobs(struct db *db, const struct principal *who, const struct print_jobs *wanted,
                   db_done *done, void *arg)
{
    struct db_params p = {0};
    add_asker(&p, who);
    db_add_uuid(&p, wanted->printer);
    db_add_text(&p, wanted->state);
    db_add_int8(&p, wanted->after);
    db_add_int4(&p, wanted->limit);
    db_call(db, &jobs_stmt, &p, done, arg);
}

static void job_call(struct db *db, const struct db_stmt *stmt, const struct principal *who,
                     const uint8_t job[16], db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, job);
    add_asker(&p, who);
    db_call(db, stmt, &p, done, arg);
}

void print_db_job(struct db *db, const struct principal *who, const uint8_t job[16], db_done *done,
                  void *arg)
{
    job_call(db, &job_stmt, who, job, done, arg);
}

void print_db_cancel(struct db *db, const struct principal *who, const uint8_t job[16],
                     db_done *done, void *arg)
{
    job_call(db, &cancel_stmt, who, job, done, arg);
}

void print_db_retry(struct db *db, const struct principal *who, const uint8_t job[16],
                    const char *reason, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, job);
    add_asker(&p, who);
    db_add_text(&p, reason);
    db_call(db, &retry_stmt, &p, done, arg);
}

// --- the printing instance -----------------------------------------------------------------------

void print_db_claim(struct db *db, const uint8_t instance[16], int32_t most, db_done *done,
                    void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, instance);
    db_add_int4(&p, most);
    db_call(db, &claim_stmt, &p, done, arg);
}

void print_db_next(struct db *db, const uint8_t job[16], const uint8_t instance[16], int32_t places,
                   db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, job);
    db_add_uuid(&p, instance);
    db_add_int4(&p, places);
    db_call(db, &next_stmt, &p, done, arg);
}

void print_db_begun(struct db *db, const uint8_t job[16], const uint8_t instance[16],
                    int32_t remote, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, job);
    db_add_uuid(&p, instance);
    db_add_int4(&p, remote);
    db_call(db, &begun_stmt, &p, done, arg);
}

void print_db_told(struct db *db, const uint8_t job[16], const uint8_t instance[16],
                   const char *end, const char *trouble, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, job);
    db_add_uuid(&p, instance);
    db_add_text(&p, end);
    db_add_text(&p, trouble);
    db_call(db, &told_stmt, &p, done, arg);
}

void print_db_kept(struct db *db, const uint8_t instance[16], uint8_t (*jobs)[UUID_BYTES],
                   int count, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_add_uuid(&p, instance);
    db_array_open(&p, DB_ARRAY_UUID, count);
    for (int i = 0; i < count; i++)
        db_array_bytes(&p, jobs[i], UUID_BYTES);
    db_array_close(&p);
    db_call(db, &kept_stmt, &p, done, arg);
}
