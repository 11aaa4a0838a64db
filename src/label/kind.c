#include "label/kind.h"

#include <string.h>

#include "label/bag.h"
#include "label/dispatch_note.h"
#include "label/form.h"
#include "label/handover_list.h"
#include "label/invitation.h"

const struct label_kind label_kinds[] = {
    {&label_words, label_facts_shape, .make = label_data_make},
    {&bag_words, bag_shape, .make = bag_make},
    {&invitation_words, invitation_shape, .make = invitation_make},
    {&dispatch_note_words, dispatch_note_shape, .lay = dispatch_note_lay},
    {&handover_words, handover_shape, .lay = handover_paper},
    {&form_words, form_shape, .fill = form_lay},
    {0}};

const struct label_kind *label_kind_named(const char *name)
{
    const struct label_kind *kind = label_kinds;
    while (kind->words && strcmp(kind->words->kind, name) != 0)
        kind++;
    return kind->words ? kind : NULL;
}

const struct label_kind *label_kind_of(const char *template)
{
    for (const struct label_kind *kind = label_kinds; kind->words; kind++) {
        size_t len = strlen(kind->words->kind);
        if (strncmp(template, kind->words->kind, len) == 0 &&
            (template[len] == '\0' || template[len] == '-'))
            return kind;
    }
    return label_kinds;
}
