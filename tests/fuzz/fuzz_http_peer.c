#include <http_parser.h>
#include <string.h>

#include "fuzz_http.h"

struct peer {
    struct seen *seen;
    bool in_value;
    size_t value; // where the present value begins
};

static struct buf *head_of(const struct peer *peer)
{
    return &peer->seen->head[peer->seen->heads];
}

static int on_url(http_parser *parser, const char *at, size_t len)
{
    struct buf *head = head_of(parser->data);
    if (head->len == 0)
        buf_printf(head, "%s ", http_method_str((enum http_method)parser->method));
    buf_add(head, at, len);
    return 0;
}

// It keeps the blanks behind a value.
static void end_value(struct peer *peer)
{
    struct buf *head = head_of(peer);
    while (peer->in_value && head->len > peer->value &&
           strchr(" \t", head->data[head->len - 1]) != NULL)
        head->len--;
}

static int on_name(http_parser *parser, const char *at, size_t len)
{
    struct peer *peer = parser->data;
    struct buf *head = head_of(peer);
    end_value(peer);
    if (peer->in_value || head->len == 0 || memchr(head->data, '\n', head->len) == NULL)
        buf_byte(head, '\n');
    peer->in_value = false;
    buf_add(head, at, len);
    return 0;
}

static int on_value(http_parser *parser, const char *at, size_t len)
{
    struct peer *peer = parser->data;
    struct buf *head = head_of(peer);
    if (!peer->in_value) {
        buf_text(head, ": ");
        peer->value = head->len;
    }
    peer->in_value = true;
    buf_add(head, at, len);
    return 0;
}

static int on_head(http_parser *parser)
{
    struct peer *peer = parser->data;
    end_value(peer);
    peer->in_value = false;
    peer->seen->heads++;
    return 0;
}

static int on_body(http_parser *parser, const char *at, size_t len)
{
    struct peer *peer = parser->data;
    struct seen *seen = peer->seen;
    buf_add(&seen->body[seen->whole], at, len);
    return 0;
}

static int on_whole(http_parser *parser)
{
    struct seen *seen = ((struct peer *)parser->data)->seen;
    seen->whole++;
    if (seen->whole < SEEN_MAX && !parser->upgrade && http_should_keep_alive(parser))
        return 0;
    seen->stopped = true;
    return 1;
}

void peer_read(struct seen *seen, const char *data, size_t len)
{
    http_parser parser;
    struct peer peer = {.seen = seen};
    http_parser_settings settings;
    http_parser_settings_init(&settings);
    settings.on_url = on_url;
    settings.on_header_field = on_name;
    settings.on_header_value = on_value;
    settings.on_headers_complete = on_head;
    settings.on_body = on_body;
    settings.on_message_complete = on_whole;
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = &peer;
    http_parser_execute(&parser, &settings, data, len);
}
