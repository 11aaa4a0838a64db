#pragma once

// dossierpost report NAME [--json]: reads, and changes nothing. Exit status 0, 1 when the database
// could not be asked, 2 usage.
//   transitions   the allowed steps of shipments and containers as a Mermaid diagram; with --json
//                 the rows with their reasons
int cmd_report(int argc, char **argv);
extern const char cmd_report_usage[];
