#pragma once

// Built-in types of PostgreSQL by number (pg_type), and what their binary form needs.

enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_BOOL_ARRAY = 1000,
    OID_BYTEA_ARRAY = 1001,
    OID_INT4_ARRAY = 1007,
    OID_TEXT_ARRAY = 1009,
    OID_INT8_ARRAY = 1016,
    OID_TIME = 1184, // timestamptz
    OID_TIME_ARRAY = 1185,
    OID_UUID = 2950,
    OID_UUID_ARRAY = 2951,
    OID_JSONB = 3802,
    OID_JSONB_ARRAY = 3807,
};

enum { JSONB_VERSION = 1 };

// 2000-01-01T00:00:00Z in microseconds since 1970.
#define POSTGRES_EPOCH INT64_C(946684800000000)
