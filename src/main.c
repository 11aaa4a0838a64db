#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/log.h"
#include "cmd/account.h"
#include "cmd/conf.h"
#include "cmd/demo.h"
#include "cmd/erase.h"
#include "cmd/export.h"
#include "cmd/import.h"
#include "cmd/key.h"
#include "cmd/label.h"
#include "cmd/migrate.h"
#include "cmd/purge.h"
#include "cmd/rebuild.h"
#include "cmd/report.h"
#include "cmd/serve.h"
#include "cmd/verify.h"
#include "cmd/verify_label.h"
#include "cmd/verify_result.h"

static int cmd_help(int argc, char **argv);

// Each gets what is left of the command line, its own name first. Exit status: 0 ok, 1 failed, 2
// usage. --help behind any of them prints its usage and the options.
static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage, *text_en, *text_vi;
} commands[] = {
    {"serve", cmd_serve, cmd_serve_usage, "run the service", "chạy dịch vụ"},
    {"demo", cmd_demo, cmd_demo_usage, "load the demo network and accounts",
     "nạp mạng lưới và tài khoản thử nghiệm"},
    {"import", cmd_import, cmd_import_usage,
     "communes|units|blocks|procedures|sorting FILE: add or change what it names (--dry-run)",
     "thêm hoặc sửa những gì tệp nêu"},
    {"export", cmd_export, cmd_export_usage, "procedures: the catalogue as import takes it (--csv)",
     "ghi danh mục thủ tục ra tệp"},
    {"account", cmd_account, cmd_account_usage,
     "add|list|passwd|disable|enable|key: who may log in", "ai được đăng nhập"},
    {"key", cmd_key, cmd_key_usage,
     "list|new|revoke KID: the keys that labels and results are signed with (--ring)",
     "các khóa ký nhãn và ký niêm phong kết quả"},
    {"label", cmd_label, cmd_label_usage,
     "FILE.json: draw a label to PDF, PNG or SVG, without a database",
     "vẽ nhãn, không cần cơ sở dữ liệu"},
    {"verify", cmd_verify, cmd_verify_usage,
     "[--range FROM-TO|--subject NUMBER|--bundle FILE]: is the log of events whole",
     "kiểm tra nhật ký sự kiện có còn nguyên vẹn"},
    {"verify-label", cmd_verify_label, cmd_verify_label_usage,
     "CODE|-: is what a scanner read a genuine label (--keys FILE), without a database",
     "kiểm tra mã quét được có phải nhãn thật, không cần cơ sở dữ liệu"},
    {"verify-result", cmd_verify_result, cmd_verify_result_usage,
     "FILE.pdf --seal SEAL.json: is this the result that was sealed (--keys FILE), without a "
     "database",
     "kiểm tra tệp kết quả với chữ ký niêm phong, không cần cơ sở dữ liệu"},
    {"erase", cmd_erase, cmd_erase_usage, "CODE --by LOGIN: destroy the personal data of a dossier",
     "xóa dữ liệu cá nhân của một hồ sơ"},
    {"purge", cmd_purge, cmd_purge_usage,
     "--before DATE: drop old months of events; their leaves stay (--dry-run, --json)",
     "hủy các tháng sự kiện đã hết thời hạn lưu trữ; dấu băm vẫn giữ"},
    {"migrate", cmd_migrate, cmd_migrate_usage,
     "bring the database to this version (--check: only look)",
     "đưa cơ sở dữ liệu lên phiên bản này"},
    {"rebuild", cmd_rebuild, cmd_rebuild_usage,
     "fold every shipment again from its events and compare (--json)",
     "dựng lại mọi bưu gửi từ các sự kiện và so sánh"},
    {"report", cmd_report, cmd_report_usage,
     "transitions: the allowed steps as a Mermaid diagram (--json: as rows)",
     "các bước được phép, thành sơ đồ Mermaid"},
    {"conf", cmd_conf, cmd_conf_usage,
     "--sample: print a configuration file; --show: print what is in force",
     "in tệp cấu hình mẫu, hoặc các giá trị đang dùng"},
    {"help", cmd_help, "usage: dossierpost help\n", "print this", "in trang này"},
};

static void print_with_options(struct buf *out)
{
    buf_text(out, "\noptions of every command:\n");
    conf_print_help(out);
    fputs(out->data, stdout);
    buf_finish(out);
}

static int cmd_help(int argc, char **argv)
{
    struct buf out = {0};
    (void)argc;
    (void)argv;
    buf_text(&out,
             "dossierpost " DOSSIERPOST_VERSION ": official papers through the public post\n"
             "            hồ sơ hành chính qua bưu chính công ích\n\nusage: dossierpost COMMAND "
             "[options]\n\ncommands:\n");
    for (size_t i = 0; i < countof(commands); i++)
        buf_printf(&out, "  %-14s%s\n  %-14s%s\n", commands[i].name, commands[i].text_en, "",
                   commands[i].text_vi);
    print_with_options(&out);
    return 0;
}

static int help_with(size_t command)
{
    struct buf out = {0};
    buf_printf(&out, "%s\n%s\n%s\n", commands[command].usage, commands[command].text_en,
               commands[command].text_vi);
    print_with_options(&out);
    return 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static void set_up_log(void)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    size_t level = 0;
    while (level < countof(levels) - 1 && strcmp(conf.log_level, levels[level]) != 0)
        level++;
    log_setup((enum log_level)level, strcmp(conf.log_format, "json") == 0);
}

static int run(const char *name, int argc, char **argv)
{
    for (size_t i = 0; i < countof(commands); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return asks_for_help(argc, argv) ? help_with(i) : commands[i].run(argc, argv);
    }
    fprintf(stderr, "dossierpost: there is no command %s; see dossierpost help\n", name);
    return 2;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("dossierpost " DOSSIERPOST_VERSION);
        return 0;
    }
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        cmd_help(0, NULL);
        return argc < 2 ? 2 : 0;
    }
    if (!conf_load(&argc, argv))
        return 2;
    set_up_log();
    if (argc < 2) {
        fprintf(stderr, "dossierpost: no command; see dossierpost help\n");
        return 2;
    }
    if (sodium_init() < 0)
        die("the cryptographic library does not start");
    return run(argv[1], argc - 1, argv + 1);
}
