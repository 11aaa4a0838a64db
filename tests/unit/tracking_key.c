#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "label/label.h"
#include "postal/postal.h"
#include "tracking/track_key.h"

#define NUMBER "RR123456785VN"
#define CODE   "000.00.16.H57-261123-0001"

static void gives(const char *typed, enum track_kind kind, const char *form)
{
    char out[TRACK_KEY_MAX];
    enum track_kind got = track_key_normal(typed, out);
    if (got != kind || strcmp(out, form) != 0)
        fail_msg("\"%s\" gave %d \"%s\"", typed, got, out);
}

static void numbers_in_every_way_of_writing(void **state)
{
    static const char *const ways[] = {
        NUMBER,
        "rr123456785vn",
        "RR 12345678 5 VN",
        " rr.123.456.785-vn\n",
        "RR\u00a012345678\u20095\u202fVN",
        "RR1234\u20115678\u20135VN",
        "\uff32\uff32\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff15\uff36\uff2e",
        "\U0001d411\U0001d411123456785VN",
        "\ufeffRR12345678\u200b5VN\u200e",
        "RR123456785V\u039d", // Greek
        "RR\u00b71234\u2022567\u30028\u20145\u2212VN",
    };
    for (size_t i = 0; i < countof(ways); i++)
        gives(ways[i], TRACK_NUMBER, NUMBER);
    gives("RRI2345678SVN", TRACK_NEITHER, "");
    gives("RRl23456785VN", TRACK_NUMBER, NUMBER);
    gives("RRI23456785VN", TRACK_NUMBER, NUMBER);
    gives("\u0415\u0415471108151FR", TRACK_NUMBER, "EE471108151FR"); // Cyrillic
    gives("\u0435\u0435471108151fr", TRACK_NUMBER, "EE471108151FR");
    gives("\u00ca471108151FR", TRACK_NUMBER, "EE471108151FR"); // as Telex leaves it
    gives("E\u0302471108151FR", TRACK_NUMBER, "EE471108151FR");
    gives("EE471lO8I5lFR", TRACK_NUMBER, "EE471108151FR");
}

static void codes_of_both_forms(void **state)
{
    gives(CODE, TRACK_CODE, CODE);
    gives("000.00.16.h57-261123-0001", TRACK_CODE, CODE);
    gives("  000.00.16.H57 - 261123 - 0001 ", TRACK_CODE, CODE);
    gives("000.00.16.H57\u2013261123\u20130001", TRACK_CODE, CODE);
    gives("\u041d57.1-261123-0001", TRACK_CODE, "H57.1-261123-0001");
    gives("G09.20-20260609-0092637", TRACK_CODE, "G09.20-20260609-0092637");
    gives("A1.1-123456-0101", TRACK_CODE, "A1.1-123456-0101");
    gives("000.00.16.H57-26112-0001", TRACK_NEITHER, "");
    gives("000.00.16.H57-261123-001", TRACK_NEITHER, "");
    gives("000.00.16.H57-261123-0001-1", TRACK_NEITHER, "");
    gives("000.00.16/H57-261123-0001", TRACK_NEITHER, "");
    gives("00-261123-0001", TRACK_NEITHER, "");
}

static void links_of_ours(void **state)
{
    gives("HTTPS://TRACUU.EXAMPLE.VN/T/" NUMBER, TRACK_NUMBER, NUMBER);
    gives("https://tracuu.example.vn/t/rr123456785vn?x=1#y", TRACK_NUMBER, NUMBER);
    gives("/t/" CODE, TRACK_CODE, CODE);
    gives("http://[::1]:8080/t/t/" NUMBER "\r\n", TRACK_NUMBER, NUMBER);
    gives("https://tracuu.example.vn/" NUMBER, TRACK_NEITHER, "");
    gives("https://tracuu.example.vn/t/", TRACK_NEITHER, "");
}

// A code that a key of nobody's signed names its number all the same: that is all that is asked.
static void signed_codes_name_their_number(void **state)
{
    static const uint8_t raw[LABEL_CODE_BYTES] = {LABEL_CODE_VERSION, 0, 1};
    char code[LABEL_CODE_CHARS + 1], link[256];
    uint8_t mine[sizeof raw];
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    memcpy(mine, raw, sizeof raw);
    s10_pack(NUMBER, mine + 3);
    for (int i = 0; i < LABEL_CODE_CHARS; i++) {
        int value = 0;
        for (int bit = 5 * i; bit < 5 * i + 5; bit++)
            value = value << 1 | (mine[bit / 8] >> (7 - bit % 8) & 1);
        code[i] = letters[value];
    }
    code[LABEL_CODE_CHARS] = '\0';
    gives(code, TRACK_NUMBER, NUMBER);
    snprintf(link, sizeof link, "HTTPS://TRACUU.EXAMPLE.VN/S/%s", code);
    gives(link, TRACK_NUMBER, NUMBER);
    snprintf(link, sizeof link, "https://tracuu.example.vn/s/%s\n", code);
    gives(link, TRACK_NUMBER, NUMBER);
    link[60] = '1'; // not in base32
    gives(link, TRACK_NEITHER, "");
    code[0] = 'Z'; // another version
    gives(code, TRACK_NEITHER, "");
}

static void what_can_be_neither(void **state)
{
    char digits[2000];
    static const char *const odd[] = {"",
                                      " ",
                                      "x",
                                      "';--",
                                      "\U0001f48c",
                                      "RR123456784VN",
                                      "JR123456785VN",
                                      "RR12345678VN",
                                      "RR1234567855VN",
                                      "RR123456785V",
                                      "\xff\xfe",
                                      "RR123456785VN\x01",
                                      "RR123456785VN\xc3",
                                      "../../etc/passwd",
                                      "RR123456785VN RR123456785VN",
                                      "R\u0302R123456785VN"};
    for (size_t i = 0; i < countof(odd); i++)
        gives(odd[i], TRACK_NEITHER, "");
    memset(digits, '0', sizeof digits - 1);
    digits[sizeof digits - 1] = '\0';
    gives(digits, TRACK_NEITHER, "");
    memset(digits, ' ', 65); // of what is typed 64 characters are read
    snprintf(digits + 52, sizeof digits - 52, "%s", NUMBER);
    gives(digits, TRACK_NEITHER, "");
    gives(digits + 1, TRACK_NUMBER, NUMBER);
    for (int i = 0; i < 510; i += 3) // swells eighteenfold when folded
        memcpy(digits + i, "\xef\xb7\xba", 4);
    gives(digits, TRACK_NEITHER, "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_in_every_way_of_writing),
        cmocka_unit_test(codes_of_both_forms),
        cmocka_unit_test(links_of_ours),
        cmocka_unit_test(signed_codes_name_their_number),
        cmocka_unit_test(what_can_be_neither),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
