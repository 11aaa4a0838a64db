#include <stdio.h>
#include <stdlib.h>

#include "tracking/track_key.h"

// Texts on standard input, each ended by a NUL; of each a line on standard output: the kind's
// number and the form.

int main(void)
{
    char *text = NULL, form[TRACK_KEY_MAX];
    size_t room = 0;
    while (getdelim(&text, &room, '\0', stdin) > 0) {
        enum track_kind kind = track_key_normal(text, form);
        printf("%d %s\n", kind, form);
    }
    free(text);
    return 0;
}
