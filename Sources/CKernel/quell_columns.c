// wcwidth(3) is declared for X/Open alone.
#define _XOPEN_SOURCE 700
#include "quell_columns.h"

#include <wchar.h>

int quell_columns(uint32_t scalar)
{
	return wcwidth((wchar_t)scalar);
}
