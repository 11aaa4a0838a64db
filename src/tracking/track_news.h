#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

// What is new in the log, asked for by one connection of the process and put into track_changes: at
// once after NOTIFY log and after a write of this instance, else every 400 ms while somebody
// tracks.
//
// Answers from memory may be given while track_news_sure(): a question that was put to the database
// less than a second ago, and after the last write that this instance acknowledged, has been
// answered. Scans say themselves whose they are (custody_on_event), before their acknowledgement,
// so they do not make it unsure. When it is not sure, whoever wants an answer waits for a question
// that is put after he came; the answer to that is enough however long it took, so that a slow
// database is not asked for everything anew.

struct app_loop;

bool track_news_setup(void);
bool track_news_open(struct app_loop *app);
void track_news_close(struct app_loop *app);

must_check bool track_news_sure(void);
void track_news_want(void); // a question soon; any thread

// Whether a kept answer that holds the log up to there can be judged by what is known to have
// changed.
must_check bool track_news_reaches(int64_t as_of);
