#pragma once

// dossierpost key list|new|revoke …: the ring of keys that labels are signed with (base/keyring.h).
// Beside running services, which take it in by themselves.
int cmd_key(int argc, char **argv);
extern const char cmd_key_usage[];
