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
    LABEL_COPY_MORE = 255,   // stands for this copy and every later one
    LABEL_CODE_URL_MAX = 64, // longest public URL that still makes links in upper case
};

enum { LABEL_FLAG_DEMO = 1 }; // made by a service with demo data: proves nothing outside it

struct label_code {
    char number[14]; // S10
    uint16_t key;    // id of the key that signed
    uint32_t office; // id of the unit that made the label, 24 bits
    uint16_t day;    // days since 1970-01-01, in Vietnam
    uint8_t copy;    // 1 first print, 2 … reprints; LABEL_COPY_MORE at most
    uint8_t flags;
};

// Signs with the key that signs and fills code->key. False when the number is not a valid S10.
must_check bool label_code_make(const struct keyring *keys, struct label_code *code,
                                char out[LABEL_CODE_CHARS + 1]);
// What a scanner's text is worth. Its name is what `dossierpost verify-label` and labels/codes.json
// say.
#define LABEL_VERDICTS(VERDICT) \
    VERDICT(GENUINE, "genuine", ERR_OK) \
    VERDICT(NO_CODE, "no-code", ERR_BAD_CODE) \
    VERDICT(UNKNOWN_KEY, "unknown-key", ERR_BAD_SIGNATURE) \
    VERDICT(ALTERED, "altered", ERR_BAD_SIGNATURE) \
    VERDICT(REVOKED_KEY, "revoked-key", ERR_REVOKED_KEY)

enum label_verdict {
#define LABEL_VERDICT_ENUM(name, text, err) LABEL_##name,
    LABEL_VERDICTS(LABEL_VERDICT_ENUM) LABEL_VERDICT_COUNT
};
const char *label_verdict_name(enum label_verdict verdict);
enum err label_verdict_err(enum label_verdict verdict);

// Takes the bare 128 characters or any link that ends in /S/ and them, in either case of letters,
// with white space behind. A key that was revoked makes no code genuine, however old the code says
// it is: whoever has the key writes what day they like. *out is to be believed of LABEL_GENUINE
// only; of LABEL_REVOKED_KEY it is what was signed, of LABEL_UNKNOWN_KEY the key's id.
must_check enum label_verdict label_code_judge(const struct keyring *keys, const char *text,
                                               struct label_code *out);
// The same as ERR_OK, ERR_BAD_CODE, ERR_BAD_SIGNATURE or ERR_REVOKED_KEY.
must_check enum err label_code_check(const struct keyring *keys, const char *text,
                                     struct label_code *out);

// The number that such a text names, genuine or not: enough to look it up. False when it is no
// code.
must_check bool label_code_number(const char *text, char number[14]);

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
enum { LABEL_DAY_TEXT = 11 };
void label_day_format(uint16_t day, char out[LABEL_DAY_TEXT]); // 2026-11-23
