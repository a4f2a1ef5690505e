// How wide characters are on a terminal.
#ifndef QUELL_COLUMNS_H
#define QUELL_COLUMNS_H

#include <stdint.h>

// Columns of a Unicode scalar in the locale that is set (wcwidth(3)); -1 for one that cannot be shown.
int quell_columns(uint32_t scalar);

#endif
