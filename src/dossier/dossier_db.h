#pragma once
#include <stdint.h>

#include "base/seal.h"
#include "db/db.h"
#include "http/request.h"

// The SQL functions of the schema dossier, one a call. Who asks is always the first three
// parameters. Results: one row with one json, unless said otherwise.

// `receipt`: the hash of its receipt's first code (dossier/receipt_code.h).
void dossier_intake(struct db *db, const struct principal *who, const char *body,
                    const struct sealed *personal, const uint8_t digest[SEAL_DIGEST_BYTES],
                    const uint8_t receipt[SEAL_DIGEST_BYTES], db_done *done, void *arg);

struct dossier_step {
    const char *key, *action;
    const char *body; // JSON
    int32_t if_match; // 0: any version
    const char *idem; // Idempotency-Key or NULL, with the digest of the request
    uint8_t digest[SEAL_DIGEST_BYTES];
};
void dossier_act(struct db *db, const struct principal *who, const struct dossier_step *step,
                 db_done *done, void *arg);

// `version`: the one that is changed. `body` and `personal` as personal_correct makes them.
struct dossier_correction {
    const char *key, *body;
    int32_t version;
    const char *idem; // as in dossier_step
    uint8_t digest[SEAL_DIGEST_BYTES];
    struct sealed personal;
};
void dossier_correct(struct db *db, const struct principal *who, const struct dossier_correction *c,
                     db_done *done, void *arg);

// A part of a dossier becomes one of its own. `body` as the request has it; `personal` for the new
// one.
struct dossier_split {
    const char *key, *body;
    int32_t version;
    uint8_t digest[SEAL_DIGEST_BYTES], receipt[SEAL_DIGEST_BYTES];
    struct sealed personal;
};
void dossier_split(struct db *db, const struct principal *who, const struct dossier_split *split,
                   db_done *done, void *arg);
struct dossier_group {
    const char *key, *other;
    int32_t version, other_version;
    const char *idem; // as in dossier_step
    uint8_t digest[SEAL_DIGEST_BYTES];
};
void dossier_group(struct db *db, const struct principal *who, const struct dossier_group *group,
                   db_done *done, void *arg);
struct dossier_pieces {
    const char *key;
    int32_t pieces;
    const json_t *weights; // grams of each; NULL: equal shares
    int32_t if_match;      // as in dossier_step
    const char *idem;
    uint8_t digest[SEAL_DIGEST_BYTES];
};
void dossier_pieces(struct db *db, const struct principal *who, const struct dossier_pieces *pieces,
                    db_done *done, void *arg);

// Columns of dossier_get's one row; the reading is recorded.
enum { GET_VIEW, GET_VERSION, GET_SEALED, GET_KEY };
void dossier_get(struct db *db, const struct principal *who, const char *key, db_done *done,
                 void *arg);
// As it stood at that time (migrations/0012j_as_of.sql); the reading is recorded.
void dossier_as_of(struct db *db, const struct principal *who, const char *key, int64_t at,
                   db_done *done, void *arg);
void dossier_list(struct db *db, const struct principal *who, const char *args, db_done *done,
                  void *arg);
void dossier_events(struct db *db, const struct principal *who, const char *key, db_done *done,
                    void *arg);

// A desk's list (migrations/0018_inbox.sql). `args`: the query as JSON.
void dossier_inbox(struct db *db, const struct principal *who, const char *args, db_done *done,
                   void *arg);

// What one agency asks another. `id`: of the question; NULL: `body` begins a new one.
struct dossier_question {
    const char *key, *body;
    const uint8_t *id;
    int32_t if_match; // as in dossier_step
    const char *idem;
    uint8_t digest[SEAL_DIGEST_BYTES];
};
void dossier_question(struct db *db, const struct principal *who, const struct dossier_question *q,
                      db_done *done, void *arg);

// Columns of what a paper is made from, one row; the reading is recorded.
enum { PAPER_FACTS, PAPER_SEALED, PAPER_KEY };
void dossier_note(struct db *db, const struct principal *who, const char *key, db_done *done,
                  void *arg);
