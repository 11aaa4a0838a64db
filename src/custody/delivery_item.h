#pragma once
#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/json.h"
#include "base/seal.h"
#include "custody/custody.h"

// Who took a delivery and how it is proved, as a scan tells it. What rules go by (codes, and
// whether something was shown) goes into the event's data; names, words and papers are sealed.

extern const struct json_field delivery_recipient[], delivery_proof[];

// Adds to `data` what the rules of delivery need: recipient, relation, id_checked, authorised,
// old_paper, proof, pictured, drawn, attachments. Of an identity number only its last digits stay
// in the item. False when an attachment is named by anything but a SHA-256.
must_check bool delivery_read(json_t *item, json_t *data);

// Takes the one-time code out of the item's proof: nothing keeps it. False when there is none; else
// `hex` is the digest that the database knows it by.
enum { DELIVERY_CODE_HEX = 2 * SEAL_DIGEST_BYTES + 1 };
must_check bool delivery_take_code(json_t *item, const char *subject, char hex[DELIVERY_CODE_HEX]);
// The digest of a code for this shipment.
void delivery_code_digest(const char *subject, const char *code, uint8_t digest[SEAL_DIGEST_BYTES]);
