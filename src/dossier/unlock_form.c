#include "dossier/unlock_page.h"
#include "dossier/unlock_write.h"

struct asking {
    const char *number;
    struct unlock_notice notice;
};

static void wait_part(struct buf *out, int seconds)
{
    int minutes = (seconds + 59) / 60, hours = (minutes + 59) / 60;
    bool long_one = minutes > 90;
    buf_printf(out,
               "<p class=\"alert\" role=\"alert\">Đã thử sai nhiều lần. Xin thử lại sau %d %s. Mã "
               "tra cứu trên "
               "phiếu gửi hồ sơ vẫn mở được ngay. <span class=\"en\" lang=\"en\">Too many wrong "
               "tries. Please try again in %d %s. The code on the receipt opens it at once.</span>"
               "</p>\n",
               long_one ? hours : minutes, long_one ? "giờ" : "phút", long_one ? hours : minutes,
               long_one ? "h" : "min");
}

static void notice_part(struct buf *out, struct unlock_notice notice)
{
    static const struct unlock_two texts[] = {
        [UNLOCK_WRONG] = {"Thông tin không khớp. Xin kiểm tra lại số hiệu, bốn số cuối điện thoại "
                          "hoặc mã.",
                          "These do not fit together. Please check the number, the digits or the "
                          "code."},
        [UNLOCK_UNREADABLE] = {"Xin nhập mã tám ký tự, hoặc đúng bốn chữ số.",
                               "Please type the code of eight characters, or exactly four digits."},
    };
    if (notice.what == UNLOCK_WAIT) {
        wait_part(out, notice.seconds);
    } else if (notice.what != UNLOCK_NOTHING) {
        buf_text(out, "<p class=\"alert\" role=\"alert\">");
        unlock_both(out, texts[notice.what]);
        buf_text(out, "</p>\n");
    }
}

static void form_content(struct buf *out, const void *arg)
{
    const struct asking *a = arg;
    buf_text(out, "<section class=\"now\">\n<h1>Mở thêm thông tin của <span class=\"mono\">");
    buf_html(out, a->number);
    buf_text(out, "</span></h1>\n<p class=\"en\" lang=\"en\">More about this dossier, for its "
                  "applicant</p>\n");
    notice_part(out, a->notice);
    buf_text(
        out,
        "</section>\n"
        "<section>\n<form method=\"post\" autocomplete=\"off\">\n"
        "<label for=\"code\">Mã tra cứu trên phiếu gửi hồ sơ <span class=\"en\" lang=\"en\">The "
        "code on "
        "your receipt</span></label>\n"
        "<div><input id=\"code\" name=\"code\" class=\"mono\" required maxlength=\"16\" "
        "autocapitalize=\"characters\" spellcheck=\"false\" placeholder=\"7KCM 40XR\">"
        "<button>Mở bằng mã <span class=\"en\" lang=\"en\">Open</span></button></div>\n"
        "<p class=\"hint\">Tám ký tự, viết hoa hay thường đều được. Mã cho xem cả ai đã đọc dữ "
        "liệu của quý vị. <span class=\"en\" lang=\"en\">Eight characters; it also shows who read "
        "your data.</span></p>\n</form>\n</section>\n"
        "<section>\n<form method=\"post\" autocomplete=\"off\">\n"
        "<label for=\"phone\">Hoặc bốn số cuối điện thoại của người nộp <span class=\"en\" "
        "lang=\"en\">Or the last four digits of the applicant's telephone</span></label>\n"
        "<div><input id=\"phone\" name=\"phone\" class=\"mono\" required inputmode=\"numeric\" "
        "pattern=\"[0-9]{4}\" maxlength=\"4\" title=\"Bốn chữ số · Four digits\" "
        "placeholder=\"1234\"><button>Mở bằng số điện thoại "
        "<span class=\"en\" lang=\"en\">Open</span></button></div>\n"
        "<p class=\"hint\">Số lần nhập sai có giới hạn. <span class=\"en\" lang=\"en\">Wrong tries "
        "are limited.</span></p>\n</form>\n</section>\n");
    unlock_back_link(out, a->number);
}

void unlock_form_page(struct buf *out, const char *number, struct unlock_notice notice)
{
    struct asking asking = {number, notice};
    unlock_around(out, form_content, &asking);
}
