// The shims are inline functions of the headers; a C target needs one source file.
#include "CKernel.h"
