#pragma once
#include <stdint.h>

#include "db/db.h"
#include "tracking/track_key.h"

// Tracking's own SQL functions (migrations/0011a_track.sql, 0011c_told.sql), one a call.

// Rows of an answer: the dossier's id, the log's position that it holds, when it changes of itself,
// its tag, its subjects by spaces, its view as JSON text. No row for a key that nobody knows.
enum { ANSWER_ID, ANSWER_AS_OF, ANSWER_UNTIL, ANSWER_TAG, ANSWER_SUBJECTS, ANSWER_VIEW };
enum { ANSWER_KEY = ANSWER_VIEW + 1 }; // of track_db_look_keys
// The kept answer of a key in its canonical form: the last three are packed
// (tracking/track_pack.h).
enum { ANSWER_PACKED = ANSWER_TAG };
void track_db_kept(struct db *db, const char *key, db_done *done, void *arg);
// Made anew.
void track_db_look(struct db *db, const char *key, db_done *done, void *arg);
void track_db_look_keys(struct db *db, const char (*keys)[TRACK_KEY_MAX], int count, db_done *done,
                        void *arg);
void track_db_look_all(struct db *db, const uint8_t (*ids)[16], int count, db_done *done,
                       void *arg);

// What is new behind a position; -1: behind all that kept answers hold. Rows as dossier.news tells.
enum { NEWS_SUBJECT, NEWS_EVENT, NEWS_POSITION };
enum { NEWS_LOG, NEWS_TOLD, NEWS_EVENTS }; // rows
void track_db_news(struct db *db, int64_t after, int32_t most, db_done *done, void *arg);

// Keeps the answers that track_db_look_keys gave: one row, how many.
void track_db_keep(struct db *db, const struct db_result *r, db_done *done, void *arg);
// Takes away those that the log's next positions touched: one row, of which
// keys (spaces between) and whether more is waiting.
enum { TOLD_GONE, TOLD_MORE };
void track_db_told_on(struct db *db, int32_t most, db_done *done, void *arg);
