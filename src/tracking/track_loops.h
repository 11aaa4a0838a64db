#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

// What each loop is told of the news (track_news.h): those who wait for an answer to a question
// that is put after they came, and those who watch.

struct app_loop;

bool track_loops_setup(void);
bool track_loops_open(struct app_loop *app);
void track_loops_close(struct app_loop *app);

// What one question brought. began: when it was put, clock_monotonic; subjects: subject_key.
struct news_changes {
    atomic_int refs;
    bool all;    // anything may have changed
    bool failed; // what is in memory cannot be judged
    int64_t began;
    int count;
    uint64_t subjects[];
};

struct news_changes *news_changes_create(int most);  // room for so many subjects
void track_loops_post(struct news_changes *changes); // to all loops; takes it over

// Runs go on this loop when a question that is put from now on has been answered. Loop thread.
enum track_news {
    NEWS_KNOWN,
    NEWS_FAILED,
    NEWS_STOPPED, // the program stops
};
typedef void track_loops_go(void *arg, enum track_news news);
void track_loops_wait(struct app_loop *app, track_loops_go *go, void *arg);

// Called on each loop that watches; also without news, so that who could not be told is tried
// again.
typedef void track_loops_changed(struct app_loop *app, const struct news_changes *changes);
void track_loops_tell(track_loops_changed *changed); // in setup
// So many more, or less, watch on this loop. Loop thread.
void track_loops_watchers(struct app_loop *app, int by);
bool track_loops_watched(void); // any thread
