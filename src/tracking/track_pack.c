#include "tracking/track_pack.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/assets.h"
#include "base/log.h"
#include "tracking/track_cache.h"
#include "tracking/track_changes.h"

enum { LEVEL = 9, COUNT_BYTES = 2, TAG_LEN = TRACK_TAG - 1 };

static struct {
    ZSTD_CDict *pack;
    ZSTD_DDict *unpack;
    pthread_key_t key;
} words;

// A thread's own.
struct tools {
    ZSTD_CCtx *pack;
    ZSTD_DCtx *unpack;
};

static void tools_free(void *arg)
{
    struct tools *tools = arg;
    ZSTD_freeCCtx(tools->pack);
    ZSTD_freeDCtx(tools->unpack);
    free(tools);
}

static void words_load(void)
{
    const struct asset *dict = asset_find("tracking/answer.dict");
    if (!dict)
        die("the dictionary of answers is missing");
    words.pack = ZSTD_createCDict(dict->data, dict->size, LEVEL);
    words.unpack = ZSTD_createDDict(dict->data, dict->size);
    if (!words.pack || !words.unpack || ZSTD_getDictID_fromDDict(words.unpack) == 0)
        die("the dictionary of answers cannot be used");
    if (pthread_key_create(&words.key, tools_free) != 0)
        die("no room for a thread's own");
}

static struct tools *tools_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, words_load);
    struct tools *tools = pthread_getspecific(words.key);
    if (tools)
        return tools;
    tools = calloc(1, sizeof *tools);
    if (!tools || !(tools->pack = ZSTD_createCCtx()) || !(tools->unpack = ZSTD_createDCtx()) ||
        pthread_setspecific(words.key, tools) != 0)
        die("out of memory");
    return tools;
}

// --- packing -------------------------------------------------------------------------------------

static void add_frame(struct tools *tools, struct buf *out, const struct buf *text)
{
    size_t most = ZSTD_compressBound(text->len);
    buf_reserve(out, most);
    size_t got = ZSTD_compress_usingCDict(tools->pack, out->data + out->len, most, text->data,
                                          text->len, words.pack);
    if (ZSTD_isError(got))
        die("an answer could not be packed");
    out->len += got;
}

void track_pack(struct buf *out, const char *tag, const char *subjects, const char *view,
                size_t len)
{
    struct buf text = {0};
    int count = subject_count(subjects);
    uint8_t head[COUNT_BYTES] = {(uint8_t)count, (uint8_t)(count >> 8)};
    struct tools *tools = tools_get();
    buf_reserve(&text, len + 256);
    buf_printf(&text, "%-*.*s%s\n", TAG_LEN, TAG_LEN, tag, subjects);
    buf_add(&text, view, len);
    buf_add(out, head, sizeof head);
    add_frame(tools, out, &text);
    buf_finish(&text);
}

// --- unpacking -----------------------------------------------------------------------------------

// The text's length; 0: not one of ours.
static size_t text_size(const uint8_t *frame, size_t len)
{
    unsigned long long size = ZSTD_getFrameContentSize(frame, len);
    bool ours = ZSTD_getDictID_fromFrame(frame, len) == ZSTD_getDictID_fromDDict(words.unpack);
    return ours && size > TAG_LEN && size < 2 * TRACK_VIEW_MAX ? (size_t)size : 0;
}

static bool read_text(struct track_answer *answer, int count, char *text, size_t size)
{
    char *subjects = text + TAG_LEN, *end = memchr(subjects, '\n', size - TAG_LEN);
    if (!end)
        return false;
    *end = '\0';
    memcpy(answer->tag, text, TAG_LEN);
    if (subject_count(subjects) != count)
        return false;
    answer->count = subject_keys(subjects, answer->subjects);
    answer->json.data = end + 1;
    answer->json.len = size - (size_t)(end + 1 - text);
    return true;
}

struct track_answer *track_unpack(const void *packed, size_t len)
{
    const uint8_t *bytes = packed;
    struct tools *tools = tools_get();
    size_t size = len > COUNT_BYTES ? text_size(bytes + COUNT_BYTES, len - COUNT_BYTES) : 0;
    if (size == 0)
        return NULL;
    char *text;
    int count = bytes[0] | bytes[1] << 8;
    struct track_answer *answer = track_answer_room(count, size, &text);
    size_t got = ZSTD_decompress_usingDDict(tools->unpack, text, size, bytes + COUNT_BYTES,
                                            len - COUNT_BYTES, words.unpack);
    if (got == size && read_text(answer, count, text, size))
        return answer;
    track_answer_release(answer);
    return NULL;
}
