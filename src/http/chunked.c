#include "http/chunked.h"

enum { SIZE_DIGITS = 8, EXTENSION_MAX = 256 };

void chunked_init(struct chunked *c)
{
    *c = (struct chunked){.state = CHUNKED_SIZE};
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

static enum chunked_state size_byte(struct chunked *c, char byte)
{
    int digit = hex_digit(byte);
    if (digit >= 0 && c->line < SIZE_DIGITS) {
        c->line++;
        c->left = c->left * 16 + (uint64_t)digit;
        return CHUNKED_SIZE;
    }
    if (digit >= 0 || c->line == 0)
        return CHUNKED_BAD;
    c->line = 0;
    if (byte == '\r')
        return CHUNKED_SIZE_LF;
    return byte == ';' ? CHUNKED_EXTENSION : CHUNKED_BAD;
}

static enum chunked_state extension_byte(struct chunked *c, char byte)
{
    if (byte == '\r') {
        c->line = 0;
        return CHUNKED_SIZE_LF;
    }
    bool visible = byte == '\t' || (byte >= ' ' && byte <= '~');
    return visible && ++c->line <= EXTENSION_MAX ? CHUNKED_EXTENSION : CHUNKED_BAD;
}

static enum chunked_state next_state(struct chunked *c, char byte)
{
    switch (c->state) {
    case CHUNKED_SIZE:
        return size_byte(c, byte);
    case CHUNKED_EXTENSION:
        return extension_byte(c, byte);
    case CHUNKED_SIZE_LF:
        if (byte != '\n')
            return CHUNKED_BAD;
        return c->left > 0 ? CHUNKED_DATA : CHUNKED_END_CR;
    case CHUNKED_DATA_CR:
        return byte == '\r' ? CHUNKED_DATA_LF : CHUNKED_BAD;
    case CHUNKED_DATA_LF:
        return byte == '\n' ? CHUNKED_SIZE : CHUNKED_BAD;
    case CHUNKED_END_CR:
        return byte == '\r' ? CHUNKED_END_LF : CHUNKED_BAD;
    case CHUNKED_END_LF:
        return byte == '\n' ? CHUNKED_DONE : CHUNKED_BAD;
    default:
        return CHUNKED_BAD;
    }
}

size_t chunked_read(struct chunked *c, const char *data, size_t len, struct chunked_part *part)
{
    size_t used = 0;
    *part = (struct chunked_part){0};
    while (used < len && c->state != CHUNKED_DATA && c->state < CHUNKED_DONE)
        c->state = next_state(c, data[used++]);
    if (c->state != CHUNKED_DATA || used == len)
        return used;
    *part = (struct chunked_part){data + used, len - used};
    if (part->len > c->left)
        part->len = (size_t)c->left;
    c->left -= part->len;
    if (c->left == 0)
        c->state = CHUNKED_DATA_CR;
    return used + part->len;
}
