#pragma once
#include "label/facts.h"
#include "label/template.h"

// An invitation to fetch a shipment (giấy mời nhận bưu gửi), left at the door or sent by post:
// where, until when, with which papers. Never the procedure, never a telephone of the addressee's.

#define INVITATION_FIELDS(FIELD) \
    FIELD(number, "S10 number in groups") \
    FIELD(attempt, "First, or second and last") \
    FIELD(attempt_en, "The same in English") \
    FIELD(date, "Day of the invitation") \
    FIELD(sender, "Agency it comes from") \
    FIELD(recipient_name, "Addressee") \
    FIELD(recipient_address, "Addressee's address") \
    FIELD(office, "Office where it waits") \
    FIELD(office_address, "Its address") \
    FIELD(office_phone, "Its telephone") \
    FIELD(hours, "Its opening hours") \
    FIELD(until, "Last day to come") \
    FIELD(then, "What happens after that day") \
    FIELD(then_en, "The same in English") \
    FIELD(identity, "Paper that proves who fetches it") \
    FIELD(proxy, "What somebody else must bring, or that nobody else may") \
    FIELD(old_papers, "Old papers to be surrendered, empty when there are none") \
    FIELD(link, "Tracking link for people, without http://") \
    FIELD(demo, "Mark of a demo service, empty otherwise")

enum invitation_field {
#define INVITATION_FIELD_ENUM(name, text) INVITATION_##name,
    INVITATION_FIELDS(INVITATION_FIELD_ENUM) INVITATION_FIELD_COUNT
};
extern const struct label_words invitation_words;

// {number, attempt, most, invited_on, until?, office: {code, name, address?, phone?, hours?:
// [{from,
//  to}]}, sender?: {name}, recipient: {name, address?}, identity?, addressee_only?, old_papers?}
extern const struct json_field invitation_shape[];
must_check bool invitation_make(struct arena *arena, const json_t *facts,
                                const struct label_source *source, struct label_data *out);
