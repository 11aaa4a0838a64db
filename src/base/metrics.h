#pragma once
#include <stdint.h>

struct buf;

// Every metric the program exports is one row here; /metrics prints them in Prometheus text format
// 0.0.4. Counters and gauges are atomic and may be changed from any thread.

#define METRICS(COUNTER, GAUGE, HISTOGRAM) \
    COUNTER(http_requests, "HTTP requests answered") \
    COUNTER(http_refused, "HTTP messages refused or cut before a handler saw them") \
    GAUGE(http_connections, "Open HTTP connections") \
    GAUGE(http_streams, "Open event streams") \
    COUNTER(http_streams_dropped, "Event streams dropped for reading too slowly") \
    HISTOGRAM(http_seconds, "Time from the last byte of a request to its reply") \
    GAUGE(db_connections, "Open database connections") \
    COUNTER(db_queries, "Statements sent to the database") \
    COUNTER(db_errors, "Statements the database refused") \
    COUNTER(db_refused, "Units of work refused because the queue was full") \
    COUNTER(db_batches, "Set-based batches committed") \
    COUNTER(db_batch_items, "Items committed in batches") \
    COUNTER(db_batch_retries, "Batches retried item by item") \
    HISTOGRAM(db_seconds, "Time from sending a unit of work to its commit") \
    COUNTER(scans_recorded, "Scans recorded") \
    COUNTER(scans_duplicate, "Scans seen before") \
    COUNTER(scans_exception, "Scans recorded as exceptions") \
    COUNTER(scans_refused, "Scans refused") \
    GAUGE(log_position, "Highest position given by the sequencer") \
    GAUGE(log_checkpoint, "Positions that the last checkpoint covers") \
    COUNTER(log_sequenced, "Events given a position by this instance") \
    GAUGE(exceptions_open, "Exceptions that wait for a person") \
    GAUGE(exceptions_overdue, "Exceptions that should have been decided by now") \
    COUNTER(searches_opened, "Search tasks opened by this instance") \
    GAUGE(search_lag, "Positions of the log that the search for what is missing has not read") \
    COUNTER(labels_rendered, "Labels rendered") \
    COUNTER(labels_printed, "Labels that printers took") \
    COUNTER(prints_again, "Attempts to print that are repeated later") \
    COUNTER(prints_failed, "Print jobs that failed") \
    COUNTER(prints_uncertain, "Print jobs of which nobody knows whether they were printed") \
    COUNTER(track_hits, "Tracking answers given from memory") \
    COUNTER(track_misses, "Tracking answers looked up") \
    COUNTER(track_kept, "Look-ups that found the answer kept in the database") \
    COUNTER(track_anew, "Look-ups whose answer was made anew") \
    COUNTER(track_told, "Tracking answers kept in the database by this instance") \
    COUNTER(logins_refused, "Logins refused") \
    COUNTER(track_slowed, "Look-ups held back because their address asked about many numbers") \
    COUNTER(track_refused, "Look-ups refused because their address asked about too many numbers") \
    COUNTER(unlocks_refused, "Second factors of tracking refused")

#define METRIC_ENUM(name, text) METRIC_##name,
enum metric { METRICS(METRIC_ENUM, METRIC_ENUM, METRIC_ENUM) METRIC_COUNT };

void metric_add(enum metric metric, int64_t by);
void metric_set(enum metric metric, int64_t value);
// Histograms take microseconds; printed in seconds.
void metric_observe(enum metric metric, int64_t microseconds);
int64_t metric_get(enum metric metric);
void metrics_print(struct buf *out);
