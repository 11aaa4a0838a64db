#include <stdio.h>

int main(void)
{
    puts("dossierpost " DOSSIERPOST_VERSION);
    return 0;
}
