#include "custody/custody_db.h"

#include <string.h>

#include "account/account.h"

static const struct db_stmt held_stmt = {"custody.held", "select custody.held($1::int8, $2::int8)",
                                         false};
static const struct db_stmt thing_stmt = {
    "custody.thing", "select custody.thing($3::text, $4::int4, $2::int8, $1::int8)", false};
const char custody_vocabulary_sql[] =
    "select custody.vocabulary() || jsonb_build_object("
    " 'relations', (select jsonb_agg(jsonb_build_object('code', r.code, 'name', r.name_vi,"
    " 'name_en', r.name_en, 'addressee', r.addressee, 'authorised', r.authorised) order by r.pos)"
    " from custody.recipient_relation r),"
    " 'failures', (select jsonb_agg(jsonb_build_object('reason', n.reason, 'next_action',"
    " n.next_action, 'why', n.why_vi, 'why_en', n.why_en) order by n.reason, n.next_action)"
    " from custody.failure_next n), 'transitions', jsonb_agg(jsonb_build_object("
    " 'what', case t.what when 's' then 'shipment' else 'container' end, 'kind', t.kind,"
    " 'from', t.from_state, 'to', coalesce(t.to_state, t.from_state),"
    " 'to_returning', t.to_returning, 'signed', t.signed, 'holder', t.holder,"
    " 'expects', t.expects, 'reason', t.reason_vi, 'reason_en', t.reason_en)"
    " order by t.what desc, f.pos, k.pos, t.signed))"
    " from custody.transition t join custody.scan_kind k using (kind)"
    " join custody.state f on f.what = t.what and f.code = t.from_state";
static const struct db_stmt vocabulary_stmt = {"custody.vocabulary", custody_vocabulary_sql, false};
static const struct db_stmt create_stmt = {
    "custody.handover_create",
    "select custody.handover_create($1::int8, $2::int8, $3::uuid, $4::text, $5::text[], $6::bytea)",
    true};
static const struct db_stmt sign_stmt = {
    "custody.handover_sign",
    "select custody.handover_sign($1::int8, $2::int8, $3::uuid, $4::jsonb, $5::bool,"
    " p_key => $6::text, p_digest => $7::bytea)",
    true};
static const struct db_stmt get_stmt = {
    "custody.handover_get", "select custody.handover_get($1::int8, $2::int8, $3::bool, $4::uuid)",
    false};
static const struct db_stmt paper_stmt = {
    "custody.handover_paper",
    "select custody.handover_paper($1::int8, $2::int8, $3::bool, $4::uuid)", false};
static const struct db_stmt list_stmt = {"custody.handovers",
                                         "select custody.handovers($1::int8, $2::int8)", false};
static const struct db_stmt count_add_stmt = {
    "custody.count_add",
    "select custody.count_add($1::int8, $2::int8, $3::uuid, $4::bool, $5::text[])", true};
static const struct db_stmt count_close_stmt = {
    "custody.count_close", "select custody.count_close($1::int8, $2::uuid)", true};
static const struct db_stmt count_get_stmt = {
    "custody.count_get", "select custody.count_get($1::int8, $2::int8, $3::bool, $4::uuid)", false};
static void add_who(struct db_params *p, const struct principal *who)
{
    db_add_int8(p, who->account);
    db_add_int8(p, who->unit);
}

// A supervisor answers for the units of the province.
static void add_supervisor(struct db_params *p, const struct principal *who)
{
    db_add_bool(p, (who->roles & ROLE_SUPERVISOR) != 0);
}

// Key and digest, for base.idempotency.
static void add_once(struct db_params *p, const struct write_id *write)
{
    db_add_text(p, write->key);
    db_add_bytea(p, write->digest, sizeof write->digest);
}

static void add_texts(struct db_params *p, const char *const *texts, int count)
{
    db_array_open(p, DB_ARRAY_TEXT, count);
    for (int i = 0; i < count; i++)
        db_array_bytes(p, texts[i], strlen(texts[i]));
    db_array_close(p);
}

void custody_held(struct db *db, const struct principal *who, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_call(db, &held_stmt, &p, done, arg);
}

void custody_thing(struct db *db, const struct principal *who, const char *subject, db_done *done,
                   void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_text(&p, subject);
    db_add_int4(&p, (int32_t)who->roles);
    db_call(db, &thing_stmt, &p, done, arg);
}

void custody_vocabulary(struct db *db, db_done *done, void *arg)
{
    struct db_params p = {0};
    db_call(db, &vocabulary_stmt, &p, done, arg);
}

void handover_create(struct db *db, const struct principal *who, const struct write_id *write,
                     const char *to, const char *const *subjects, int count, db_done *done,
                     void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, write->id);
    db_add_text(&p, to);
    add_texts(&p, subjects, count);
    db_add_bytea(&p, write->digest, sizeof write->digest);
    db_call(db, &create_stmt, &p, done, arg);
}

void handover_sign(struct db *db, const struct principal *who, const struct write_id *write,
                   const uint8_t id[16], const char *findings, bool accept_all, db_done *done,
                   void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, id);
    if (findings)
        db_add_json(&p, findings, strlen(findings));
    else
        db_add_null(&p);
    db_add_bool(&p, accept_all);
    add_once(&p, write);
    db_call(db, &sign_stmt, &p, done, arg);
}

static void call_with_id(struct db *db, const struct db_stmt *stmt, const struct principal *who,
                         const uint8_t id[16], db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    add_supervisor(&p, who);
    db_add_uuid(&p, id);
    db_call(db, stmt, &p, done, arg);
}

void handover_get(struct db *db, const struct principal *who, const uint8_t id[16], db_done *done,
                  void *arg)
{
    call_with_id(db, &get_stmt, who, id, done, arg);
}

void handover_paper_get(struct db *db, const struct principal *who, const uint8_t id[16],
                        db_done *done, void *arg)
{
    call_with_id(db, &paper_stmt, who, id, done, arg);
}

void handover_list(struct db *db, const struct principal *who, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_call(db, &list_stmt, &p, done, arg);
}

void count_add(struct db *db, const struct principal *who, const uint8_t id[16], bool place,
               const char *const *subjects, int count, db_done *done, void *arg)
{
    struct db_params p = {0};
    add_who(&p, who);
    db_add_uuid(&p, id);
    db_add_bool(&p, place);
    add_texts(&p, subjects, count);
    db_call(db, &count_add_stmt, &p, done, arg);
}

void count_close(struct db *db, const struct principal *who, const uint8_t id[16], db_done *done,
                 void *arg)
{
    struct db_params p = {0};
    db_add_int8(&p, who->account);
    db_add_uuid(&p, id);
    db_call(db, &count_close_stmt, &p, done, arg);
}

void count_get(struct db *db, const struct principal *who, const uint8_t id[16], db_done *done,
               void *arg)
{
    call_with_id(db, &count_get_stmt, who, id, done, arg);
}
