#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/keyring.h"

// The signed code on a shipment label: 80 bytes, big endian,
//   version 1 | key id 2 | packed S10 6 | office 3 | day 2 | copy 1 | flags 1 | Ed25519 64,
// the signature over the 16 bytes before it; written as 128 characters of unpadded base32
// (RFC 4648), usually behind a prefix made from the public URL ("HTTP://127.0.0.1:8080/S/").
// Prefix and code together stay in QR's alphanumeric set: up to 29 characters of prefix fill
// version 8 at level Q; a longer one takes version 9. Pure functions; safe from any thread.

enum {
    LABEL_CODE_VERSION = 1,
    LABEL_CODE_HEAD = 16,  // what is signed
    LABEL_CODE_BYTES = 80, //
    LABEL_CODE_CHARS = 128,
    LABEL_CODE_URL_MAX = 64, // longest public URL that still makes links in upper case
};

enum { LABEL_FLAG_DEMO = 1 }; // made by a service with demo data: proves nothing outside it

struct label_code {
    char number[14]; // S10
    uint16_t key;    // id of the key that signed
    uint32_t office; // id of the unit that made the label, 24 bits
    uint16_t day;    // days since 1970-01-01, in Vietnam
    uint8_t copy;    // 1 first print, 2 … reprints; 255 stands for more
    uint8_t flags;
};

// Signs with the ring's newest key and fills code->key. False when the number is not a valid S10.
must_check bool label_code_make(const struct keyring *keys, struct label_code *code,
                                char out[LABEL_CODE_CHARS + 1]);
// Takes the bare 128 characters or any link that ends in /S/ and them, in either case of letters.
// ERR_OK, ERR_BAD_CODE (not such a code) or ERR_BAD_SIGNATURE (unknown key, or altered).
must_check enum err label_code_check(const struct keyring *keys, const char *text,
                                     struct label_code *out);

// The prefixes for a public URL, in upper case: "HTTPS://HOST/S/", "HTTPS://HOST/T/"; of the log's
// checkpoints "HTTPS://HOST/C/", of hand-overs "HTTPS://HOST/G/". Empty
// when the URL has letters outside QR's alphanumeric set, a path, or too many characters: the codes
// then carry the bare code and the bare number, which every reader of ours takes as well.
struct label_links {
    char code[LABEL_CODE_URL_MAX], track[LABEL_CODE_URL_MAX];
    char checkpoint[LABEL_CODE_URL_MAX], handover[LABEL_CODE_URL_MAX];
};
void label_links_make(struct label_links *links, const char *public_url);

uint16_t label_day(int64_t at); // of microseconds since 1970
