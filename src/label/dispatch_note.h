#pragma once
#include "label/facts.h"
#include "label/sheet.h"

// The dispatch note (phiếu gửi hồ sơ): the contract between the sender and the post. It stays with
// the two of them and is never on the envelope, so the procedure and whole telephone numbers may
// stand on it; an identity number does not. What the post promises is written in the template.

#define DISPATCH_NOTE_FIELDS(FIELD) \
    FIELD(org, "Office that took it in") \
    FIELD(org_address, "Its address and telephone") \
    FIELD(number, "S10 number in groups; the dossier's code when nothing is sent out") \
    FIELD(number_again, "The same, on the other pages") \
    FIELD(code, "Code of the dossier") \
    FIELD(code_again, "The same, on the other pages") \
    FIELD(state, "Mark of an intake that was cancelled") \
    FIELD(sender_name, "Sender") \
    FIELD(sender_address, "Sender's address") \
    FIELD(sender_phone, "Sender's telephone") \
    FIELD(sender_email, "Sender's e-mail") \
    FIELD(receiver_name, "Receiver") \
    FIELD(receiver_address, "Receiver's address") \
    FIELD(receiver_phone, "Receiver's telephone") \
    FIELD(receiver_email, "Receiver's e-mail") \
    FIELD(procedure, "Administrative procedure, with its code") \
    FIELD(service, "What was ordered") \
    FIELD(receipt_caption, "What the next one is, empty without it") \
    FIELD(receipt, "The applicant's code for tracking") \
    FIELD(weight, "Weight") \
    FIELD(accepted, "Time and place of acceptance") \
    FIELD(result_to, "Where the result goes") \
    FIELD(line_no, "Place in the list of documents") \
    FIELD(document, "Name of a document") \
    FIELD(originals, "Originals") \
    FIELD(copies, "Copies") \
    FIELD(returned, "Mark of originals that come back") \
    FIELD(caption, "Text of a heading") \
    FIELD(words, "Text of a line") \
    FIELD(price, "What is paid in all") \
    FIELD(payment, "How it is paid, and what is still due") \
    FIELD(compensation, "What a loss is compensated with") \
    FIELD(sender_signed, "Below the sender's signature") \
    FIELD(clerk_signed, "Below the clerk's signature") \
    FIELD(link, "Tracking link for people, without http://") \
    FIELD(page, "Page n of m") \
    FIELD(demo, "Mark of a paper from a demo service, empty otherwise")

enum dispatch_note_field {
#define DISPATCH_NOTE_FIELD_ENUM(name, text) NOTE_##name,
    DISPATCH_NOTE_FIELDS(DISPATCH_NOTE_FIELD_ENUM) NOTE_FIELD_COUNT
};
extern const struct label_words dispatch_note_words;

// {code, number?, service, accepted_at, office, agency?, clerk?, procedure: {code, name}, sender,
//  receiver, documents: [{name, originals, copies, returned?}], weight_g?, charges: [{ledger, name,
//  amount, paid?}], result_to?, receipt_code?, cancelled?}; a party is {name, address?, phone?,
//  email?}.
extern const struct json_field dispatch_note_shape[];
// Code 128 says the number, the short QR code leads to tracking.
must_check const struct sheet *dispatch_note_lay(struct arena *arena, const json_t *facts,
                                                 const struct label_source *source);
