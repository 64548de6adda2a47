#include "climit.h"

#include <errno.h>

int climit_run(const struct climit_options *options) {
    (void)options;
    return ENOSYS;
}
