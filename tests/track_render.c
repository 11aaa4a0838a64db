#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "tracking/track_page.h"

// The tracking page of any view, for the tests that need one which no service has at hand:
// track_render [text] < view.json. No view, no JSON: the page of an unknown number.
int main(int count, char **names)
{
    struct buf out = {0};
    json_t *view = json_loadf(stdin, 0, NULL);
    conf.public_url = "http://127.0.0.1:8080";
    if (count > 1 && strcmp(names[1], "text") == 0)
        track_text(&out, view, "RR123456785VN");
    else
        track_page(&out, view, "RR123456785VN");
    fwrite(out.data, 1, out.len, stdout);
    json_decref(view);
    buf_finish(&out);
    return 0;
}
