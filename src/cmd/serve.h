#pragma once

// dossierpost serve: the service itself, until SIGTERM or SIGINT. Exit status 0 after a clean stop.
int cmd_serve(int argc, char **argv);
extern const char cmd_serve_usage[];
